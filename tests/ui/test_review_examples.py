"""What verdicts give back: examples for the tabs, gold for ``evaluate`` and ``training``, fine-tuning files."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.engines.loading import load_tokenizer
from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.examples import ExamplePool, fitting, read_examples
from techgpt_ui.exporters import EXPORTERS
from techgpt_ui.gold import read_gold
from techgpt_ui.presets import ExampleSet, Library, load_library, read_preset
from techgpt_ui.store import Place
from techgpt_ui.texts import catalogue
from techgpt_ui.ui import own_examples
from tests.evaluation.answering import ScriptedEngine
from tests.training.test_examples import SETTINGS
from tests.ui.review_page import ANN, BOB, TEXT, ReviewPage
from training.examples import Scribe, draw
from training.recipe import Part, Recipe, Source

CITY = {"text": "Rome", "type": "city", "start": 9, "end": 13}
MISSED = {"task": "ner", "kind": "mention", "type": "event", "text": "left", "start": 4, "end": 8}
RIGHT = [["Ada", "person"], ["left", "event"], ["Rome", "city"]]


@pytest.fixture
def page(library: Library, tmp_path: Path) -> ReviewPage:
    return ReviewPage(library, ScriptedEngine(), tmp_path)


@pytest.fixture
def judged(page: ReviewPage) -> ReviewPage:
    """One accepted, one corrected, one found by a reviewer who read to the end."""
    page.decide(0)
    page.decide(1, "edit", payload=CITY)
    page.reviews.note_missed(ANN, page.project, 0, MISSED)
    page.reviews.note_examined(ANN, page.project, 0, "ner")
    return page


def wanted(page: ReviewPage, **wishes: Any) -> dict[str, Any]:
    return {"project": page.project, "task": "ner", **wishes}


def given(page: ReviewPage, name: str) -> list[dict[str, Any]]:
    _, content = page.examples.file(ANN, wanted(page, format=name))
    return [json.loads(line) for line in content.decode().splitlines()]


def gold_file(page: ReviewPage, folder: Path) -> Path:
    path = folder / "gold.jsonl"
    path.write_bytes(page.examples.file(ANN, wanted(page, format="gold"))[1])
    return path


def test_gold_has_edits_applied_and_missed_ones_added(judged: ReviewPage) -> None:
    (row,) = given(judged, "gold")
    mentions = sorted((one["start"], one["end"], one["type"]) for one in row["mentions"])
    assert (row["text"], mentions) == (TEXT, [(0, 3, "person"), (4, 8, "event"), (9, 13, "city")])


def test_rejected_items_are_in_nothing_that_is_given_back(page: ReviewPage) -> None:
    page.decide(0)
    page.decide(1, "reject", reason="type")
    page.reviews.note_examined(ANN, page.project, 0, "ner")
    for name in ("gold", "sft"):
        assert "Ada" in str(given(page, name)) or name == "gold"
        assert "place" not in str([{**row, "instruction": ""} for row in given(page, name)])
    made = page.examples.make(ANN, wanted(page))
    assert page.own.of(ANN)[made["id"]].examples[0].answer == (("Ada", "person"),)


def test_evaluate_takes_the_gold_as_a_pool_of_examples(judged: ReviewPage, library: Library, tmp_path: Path) -> None:
    task = library.task("ner")
    pool = ExamplePool(read_gold(gold_file(judged, tmp_path), task="ner"), task)
    inputs = {"text": "Bob left Oslo.", "types": ("person", "event", "city")}
    (example,) = pool.nearest(inputs, 4)
    assert [list(piece) for piece in example.answer] == RIGHT


@pytest.mark.demo_model
def test_training_makes_examples_of_the_gold(judged: ReviewPage, library: Library, demo: Path, tmp_path: Path) -> None:
    gold_file(judged, tmp_path)
    model = library.models["techgpt-demo"]
    tokenizer = load_tokenizer(demo, model)
    scribe = Scribe(library, model, TokenizerTokens(tokenizer, model.context, model.add_bos), tokenizer.eos_token_id)
    part = Part(name="reviewed", file="gold.jsonl", read_as="ner", tokens=400)
    source = Source(file="gold.jsonl", title="ours", terms="ours")
    recipe = Recipe(preset="techgpt-demo", base="smollm2-demo", settings=SETTINGS, sources=(source,), parts=(part,))
    examples = draw(part, recipe, tmp_path, scribe, frozenset()).examples
    assert examples and any("Rome" in one.answer and "city" in one.answer for one in examples)


def test_fine_tuning_files_hold_the_corrected_answer_and_the_models_own(judged: ReviewPage) -> None:
    (taught,), (pair,) = given(judged, "sft"), given(judged, "preference")
    assert "实体名: Rome， 实体类型：city" in taught["output"] and "place" not in taught["output"]
    assert "实体类型：place" in pair["rejected"] and "实体类型：city" in pair["chosen"]


def test_one_click_makes_a_set_of_the_persons_own(judged: ReviewPage, library: Library) -> None:
    made = judged.examples.make(ANN, wanted(judged))
    assert (made["examples"], made["documents"], made["open"]) == (1, 1, 0)
    (kept,) = judged.own.of(ANN).values()
    assert kept.examples[0].inputs == {"text": TEXT, "types": ["person", "place"]}
    assert [list(piece) for piece in kept.examples[0].answer] == RIGHT
    assert judged.own.of(BOB) == {} and judged.own.of("") == {}
    written = json.dumps([one.model_dump(mode="json") for one in kept.examples])
    assert read_examples(written, library.task("ner")) == kept.examples


def test_a_second_set_stands_beside_the_first(judged: ReviewPage) -> None:
    first, second = (judged.examples.make(ANN, wanted(judged))["id"] for _ in range(2))
    assert first != second and set(judged.own.of(ANN)) == {first, second}
    judged.examples.delete(ANN, {"id": first})
    assert set(judged.own.of(ANN)) == {second}


@pytest.mark.parametrize("ident", ["../../../kept", "..", "", "no-such"])
def test_no_name_reaches_another_file(judged: ReviewPage, tmp_path: Path, ident: str) -> None:
    judged.examples.make(ANN, wanted(judged))
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    judged.examples.delete(ANN, {"id": ident})
    judged.examples.delete(BOB, {"id": next(iter(judged.own.of(ANN)))})
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == before


def test_a_set_is_a_preset_that_the_server_can_hand_to_everybody(judged: ReviewPage, tmp_path: Path) -> None:
    judged.examples.make(ANN, wanted(judged))
    (file,) = (tmp_path / "presets").rglob("*.yaml")
    assert "ann" not in str(file.relative_to(tmp_path))
    shared = load_library(file.parent.parent).example_sets
    assert shared == judged.own.of(ANN) == {file.stem: read_preset(file, ExampleSet)}


def test_a_disk_that_refuses_is_told(judged: ReviewPage, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkbenchError, match="No space left"):
        judged.examples.make(ANN, wanted(judged))
    assert judged.own.of(ANN) == {}


def test_a_person_keeps_only_so_many(judged: ReviewPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_examples, "SETS_LIMIT", 1)
    judged.examples.make(ANN, wanted(judged))
    with pytest.raises(UsageError, match="At most 1"):
        judged.examples.make(ANN, wanted(judged))


def test_open_and_unread_documents_are_left_out_and_told(page: ReviewPage) -> None:
    page.decide(0)
    with pytest.raises(UsageError, match="in 1 something is not judged"):
        page.examples.make(ANN, wanted(page))
    page.decide(1)
    with pytest.raises(UsageError, match="1 nobody has searched"):
        page.examples.make(ANN, wanted(page))
    assert page.examples.make(ANN, wanted(page, unexamined=True))["examples"] == 1
    assert page.examples.list(ANN, {"project": page.project})["tasks"][0]["unexamined"] == 1


def test_a_stranger_gets_nothing(judged: ReviewPage) -> None:
    with pytest.raises(WorkbenchError) as told:
        judged.examples.file(BOB, wanted(judged, format="gold"))
    assert told.value.code == "review_project_missing"


def test_only_a_lead_gets_what_others_decided(judged: ReviewPage) -> None:
    judged.join()
    for act in (judged.examples.make, judged.examples.file, judged.examples.list):
        with pytest.raises(WorkbenchError) as told:
            act(BOB, wanted(judged))
        assert told.value.code == "review_leads_only"


def test_a_blind_items_project_gives_nothing_of_it_before_it_is_judged(library: Library, tmp_path: Path) -> None:
    page = ReviewPage(library, ScriptedEngine(), tmp_path, places=(Place(item=0), Place(item=1, blind=True)))
    page.decide(0)
    with pytest.raises(UsageError):
        page.examples.file(ANN, wanted(page, format="gold"))


def test_the_text_at_hand_is_no_example_of_itself(judged: ReviewPage, library: Library) -> None:
    judged.examples.make(ANN, wanted(judged))
    (kept,) = judged.own.of(ANN).values()
    task = library.task("ner")
    assert fitting(task, kept.examples, {"text": TEXT, "types": ()}) == ()
    assert len(fitting(task, kept.examples, {"text": "Bob left Oslo.", "types": ()})) == 1


def test_every_export_format_has_a_name_on_the_desk() -> None:
    assert {f"review.format_{name}" for name in EXPORTERS} <= catalogue().keys()
