"""The model card says what went in and what came out."""

import json
from pathlib import Path

import pytest

import training
from training.card import Stage, card
from training.examples import Example
from training.recipe import read_recipe


@pytest.fixture
def made(tmp_path: Path) -> str:
    one = Example(
        part="ske", task="triples", split="train", prompt="", answer="", prompt_ids=(1,) * 40, answer_ids=(1,) * 2
    )
    examples = [one, one, one.model_copy(update={"part": "general"}), one.model_copy(update={"split": "validation"})]
    (tmp_path / "examples.jsonl").write_text("".join(f"{each.model_dump_json()}\n" for each in examples))
    log = [{"step": 1, "tokens": 1234567, "loss": 0.9}, {"step": 1, "validation": 0.8}, {"step": 2, "validation": 0.25}]
    (tmp_path / "log.jsonl").write_text("".join(f"{json.dumps(entry)}\n" for entry in log))
    figure = {
        "gold": {"name": "dev.jsonl"}, "task": "ner", "n": 50, "settings": {"grounded": True}, "headline": "string_f1",
        "metrics": {"string_f1": {"value": 0.5, "low": 0.41, "high": 0.59}},
    }  # fmt: skip
    (tmp_path / "dev.json").write_text(json.dumps(figure))
    recipe = read_recipe(Path(training.__file__).parent / "second.yaml")
    later = recipe.model_copy(update={"settings": recipe.settings.model_copy(update={"seed": 8})})
    stages = [Stage(each, tmp_path / "examples.jsonl", tmp_path / "log.jsonl") for each in (recipe, later)]
    return card(stages, "Demo", [tmp_path / "dev.json"])


def test_it_lists_the_data_that_was_trained_on_with_its_terms(made: str) -> None:
    assert "| ske | Baidu SKE, a published sample | research | 2 | 84 |" in made
    assert "| general | our own prompts, answered by the base model | Apache-2.0 | 1 | 42 |" in made
    assert "conll04_ner" not in made


def test_it_tells_how_each_stage_was_trained(made: str) -> None:
    assert "seed 7" in made and "seed 8" in made and made.count("1,234,567 tokens") == 2
    assert "0.800 at the first look, 0.250 at the best" in made


def test_it_gives_the_figures_with_their_intervals(made: str) -> None:
    assert "| dev.jsonl | ner | 50 | grounded | string_f1 | 0.500 [0.410, 0.590] |" in made


def test_it_says_that_it_is_not_techgpt(made: str) -> None:
    assert "**It is not TechGPT**" in made.replace("\n", " ")
