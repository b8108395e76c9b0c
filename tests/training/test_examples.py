"""Training examples are what the app would send and read."""

import json
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.engines.loading import load_tokenizer
from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.parsers import PARSERS
from techgpt_ui.pipeline import parse_answer
from techgpt_ui.presets import Library
from techgpt_ui.prompts import build_prompt
from training.examples import Drawn, Example, Scribe, digests, draw, held_out
from training.recipe import Part, Recipe, Settings, Source

SETTINGS = Settings(
    rank=4, alpha=8, learning_rate=0.001, warmup=0.1, batch_tokens=512, weight_decay=0.0, clip=1.0, check_every=2,
    patience=2, validation=8, seed=0,
)  # fmt: skip
PEOPLE = ("Ada Lovelace", "Emmy Noether", "Grace Hopper", "林徽因", "Mary Somerville")
PLACES = ("London", "Erlangen", "New York", "福州", "Jedburgh")


@pytest.fixture(scope="module")
def scribe(library: Library, demo: Path) -> Scribe:
    model = library.models["techgpt-demo"]
    tokenizer = load_tokenizer(demo, model)
    return Scribe(library, model, TokenizerTokens(tokenizer, model.context, model.add_bos), tokenizer.eos_token_id)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def people(count: int) -> list[dict[str, Any]]:
    """Sentences with a person and a place, each of its own."""
    rows = []
    for at in range(count):
        person, place = PEOPLE[at % 5], PLACES[at // 5 % 5]
        text = f"{person} went to {place} {at} times ."
        start = text.index(place)
        found = [(0, len(person), "PER"), (start, start + len(place), "LOC")]
        mentions = [{"start": begin, "end": end, "type": kind} for begin, end, kind in found]
        rows.append({"text": text, "mentions": mentions})
    return rows


def drawn(
    folder: Path, scribe: Scribe, rows: list[dict[str, Any]], apart: frozenset[str] = frozenset(), **more: Any
) -> Drawn:
    write(folder / "gold.jsonl", rows)
    part = Part(**({"name": "people", "file": "gold.jsonl", "read_as": "ner", "tokens": 4000} | more))
    source = Source(file="gold.jsonl", title="ours", terms="Apache-2.0")
    recipe = Recipe(preset="techgpt-demo", base="smollm2-demo", settings=SETTINGS, sources=(source,), parts=(part,))
    return draw(part, recipe, folder, scribe, apart)


def split(found: Drawn, name: str) -> list[Example]:
    return [one for one in found.examples if one.split == name]


def test_a_prompt_is_the_one_that_the_app_builds(tmp_path: Path, scribe: Scribe, library: Library) -> None:
    task = library.task("ner")
    for example in drawn(tmp_path, scribe, people(30)).examples:
        asked, text = example.prompt.partition("：\n")[::2]
        types = asked.partition("（实体类型：")[2].rstrip("）")
        inputs = {"text": text.removesuffix(" \n\nAssistant:"), "types": tuple(types.split(", ")) if types else ()}
        again = build_prompt(
            task, inputs, model=scribe.model, tokens=scribe.tokens, writer=PARSERS[task.format], max_new_tokens=0
        )
        assert (again.text, again.ids) == (example.prompt, example.prompt_ids)


def test_an_answer_is_in_the_documented_format_and_ends_with_the_end(tmp_path: Path, scribe: Scribe) -> None:
    for example in drawn(tmp_path, scribe, people(30)).examples:
        assert example.answer_ids[-1] == scribe.end
        assert scribe.tokens.text(example.answer_ids[:-1]) == example.answer
        assert all(
            line == "无" or (line.startswith("实体名: ") and "， 实体类型：" in line)
            for line in example.answer.split("\n")
        )


def test_an_answer_names_what_is_asked_for_and_nothing_else(tmp_path: Path, scribe: Scribe, library: Library) -> None:
    kinds = set()
    for example in drawn(tmp_path, scribe, people(40)).examples:
        asked = example.prompt.partition("（实体类型：")[2].partition("）")[0]
        result = parse_answer(library.task("ner"), example.prompt, example.answer, ())
        found = {mention.type for mention in result.mentions or ()}
        assert result.status == "parsed" and (not asked or found <= set(asked.split(", ")))
        kinds |= found
    assert kinds == {"person", "location"}


def test_texts_are_asked_about_again_until_the_tokens_are_spent(tmp_path: Path, scribe: Scribe) -> None:
    spent = sum(map(len, split(drawn(tmp_path, scribe, people(10)), "train")))
    assert 4000 <= spent < 4100


def test_held_out_texts_are_the_same_in_every_part_and_never_trained_on(tmp_path: Path, scribe: Scribe) -> None:
    rows = people(120)
    one, other = (drawn(tmp_path, scribe, rows, name=name, tokens=20_000) for name in ("one", "other"))

    def texts(found: list[Example]) -> set[str]:
        return {example.prompt.partition("：\n")[2] for example in found}

    assert texts(split(one, "validation")) == texts(split(other, "validation")) != set()
    assert not texts(split(one, "validation")) & texts(split(one, "train"))


def test_held_out_lines_of_a_gold_file_are_the_validation_texts(tmp_path: Path, scribe: Scribe) -> None:
    rows = people(120)
    found = drawn(tmp_path, scribe, rows)
    lines = held_out(tmp_path / "gold.jsonl")
    assert all(any(json.loads(line)["text"] in one.prompt for line in lines) for one in split(found, "validation"))
    assert not any(json.loads(line)["text"] in one.prompt for line in lines for one in split(found, "train"))


def test_measured_texts_are_left_out_and_counted(tmp_path: Path, scribe: Scribe) -> None:
    rows = people(20)
    measured = digests([write(tmp_path / "measured.jsonl", [{"text": rows[3]["text"].replace(" ", "  ")}])])
    found = drawn(tmp_path, scribe, rows, measured)
    assert found.left_out["text of a measured split"] == 1
    assert not any(rows[3]["text"] in example.prompt for example in found.examples)


def test_long_texts_are_left_out_and_counted(tmp_path: Path, scribe: Scribe) -> None:
    rows = [*people(5), {"text": "word " * 400, "mentions": []}]
    found = drawn(tmp_path, scribe, rows)
    assert found.left_out["too long"] >= 1
    assert all(len(example) <= 300 for example in found.examples)


def test_triples_are_written_in_the_order_of_the_text(tmp_path: Path, scribe: Scribe) -> None:
    text = "Ada Lovelace lived in London and knew Mary Somerville , who was born in Jedburgh ."
    triples = [("Mary Somerville", "born in", "Jedburgh"), ("Ada Lovelace", "knew", "Mary Somerville")]
    triples.append(("Ada Lovelace", "lived in", "London"))
    relations = [dict(zip(("head", "predicate", "tail"), triple, strict=True)) for triple in triples]
    found = drawn(tmp_path, scribe, [{"text": text, "relations": relations}], read_as="triples", tokens=3000)
    whole = max((example.answer for example in found.examples), key=len)
    assert [line[1:].partition(",")[0] for line in whole.split("\n")] == [
        "Ada Lovelace",
        "Ada Lovelace",
        "Mary Somerville",
    ]
    assert whole.index("London") < whole.index("born in")


def test_the_same_seed_draws_the_same(tmp_path: Path, scribe: Scribe) -> None:
    assert drawn(tmp_path, scribe, people(20)).examples == drawn(tmp_path, scribe, people(20)).examples


def test_a_field_that_a_text_lacks_is_answered_with_the_word_for_none(tmp_path: Path, scribe: Scribe) -> None:
    rows = people(60)
    for row in rows[::2]:
        row["mentions"] = row["mentions"][:1]
    answers = [example.answer for example in drawn(tmp_path, scribe, rows, derive="types_as_fields").examples]
    assert any("location：无。" in answer for answer in answers)
    assert any("location：London。" in answer for answer in answers)
