"""Few-shot examples: those of the task or of a pool that fit a request, and never the text under test."""

import json
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.examples import ExamplePool, own_examples, read_examples
from techgpt_ui.gold import read_gold
from techgpt_ui.presets import Library, Task


@pytest.fixture
def ner(library: Library) -> Task:
    return library.task("ner")


def line(text: str, **kinds: str) -> dict[str, Any]:
    mentions = [{"start": text.index(name), "end": text.index(name) + len(name), "type": kinds[name]} for name in kinds]
    return {"text": text, "mentions": mentions}


def pool(folder: Path, task: Task, *lines: dict[str, Any]) -> ExamplePool:
    path = folder / "pool.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in lines), encoding="utf-8")
    return ExamplePool(read_gold(path, task=task.id), task)


RHINE = line("The Rhine flows through Basel.", Rhine="river", Basel="city")
ELBE = line("Hamburg lies on the Elbe.", Hamburg="city", Elbe="river")
COPPER = line("Copper conducts heat.", Copper="metal")


def test_own_examples_have_the_types_asked_for_and_the_best_stands_last(ner: Task) -> None:
    chosen = own_examples(ner, {"text": "A comet was seen.", "types": ["astronomical object", "scientist", "location"]})
    assert len(chosen) == ner.prompts.few_shot.shots
    assert "astronomical object" in chosen[-1].inputs["types"]


def test_an_own_example_that_the_request_describes_whole_is_asked_as_the_request_is(ner: Task) -> None:
    asked = ["comet", "astronomical object", "scientist", "location"]
    chosen = own_examples(ner, {"text": "A comet was seen.", "types": asked})
    assert chosen[-1].inputs["types"] == asked


def test_a_task_with_few_examples_uses_them_all(library: Library) -> None:
    task = library.task("mrc")
    assert own_examples(task, {"question": "Who?", "passage": "Ada."}) == task.prompts.few_shot.examples


def test_the_nearest_example_stands_last(tmp_path: Path, ner: Task) -> None:
    examples = pool(tmp_path, ner, ELBE, COPPER, RHINE).nearest({"text": "Which river flows through Basel?"}, 2)
    assert [example.inputs["text"] for example in examples][-1] == RHINE["text"]
    assert examples[-1].answer == (("Rhine", "river"), ("Basel", "city"))


def test_only_documents_that_the_asked_types_describe_whole_are_examples(tmp_path: Path, ner: Task) -> None:
    examples = pool(tmp_path, ner, ELBE, COPPER).nearest({"text": "Copper ships on the Elbe.", "types": ["metal"]}, 2)
    assert [(example.inputs["text"], example.inputs["types"]) for example in examples] == [(COPPER["text"], ["metal"])]


def test_a_text_is_no_example_of_itself(tmp_path: Path, ner: Task) -> None:
    assert pool(tmp_path, ner, ELBE).nearest({"text": "hamburg lies  on the Elbe."}, 1) == ()


def test_a_document_with_nothing_to_find_is_no_example(tmp_path: Path, ner: Task) -> None:
    assert pool(tmp_path, ner, line("It rains."), ELBE).nearest({"text": "It rains in spring."}, 1) != ()


def test_a_pool_that_holds_the_gold_is_refused(tmp_path: Path, ner: Task) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"text": "Copper  conducts HEAT.", "mentions": []}), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        pool(tmp_path, ner, ELBE, COPPER).require_apart(read_gold(path, task="ner").documents)
    assert (refused.value.code, refused.value.params["line"]) == ("pool_holds_gold", 2)


def test_unspaced_texts_are_compared_by_pairs_of_characters(tmp_path: Path, ner: Task) -> None:
    lines = [line("长江流经武汉。", 长江="river"), line("铜能导热。", 铜="metal")]
    (nearest,) = pool(tmp_path, ner, *lines).nearest({"text": "武汉在长江边。"}, 1)
    assert nearest.inputs["text"] == "长江流经武汉。"


def test_written_examples_are_read_and_blank_ones_leave_the_own(ner: Task) -> None:
    assert read_examples("  ", ner) is None
    assert read_examples("[]", ner) == ()
    written = json.dumps([{"inputs": {"text": "Ada."}, "answer": [["Ada", "person"]]}])
    (example,) = read_examples(written, ner) or ()
    assert example.answer == (("Ada", "person"),)


@pytest.mark.parametrize(
    "written",
    [
        "{",
        '{"inputs": {}}',
        '[{"inputs": {"tekst": "Ada."}, "answer": [["Ada", "person"]]}]',
        '[{"inputs": {"text": "Ada."}, "answer": [["Ada"]]}]',
        '[{"inputs": {"text": "Ada."}}]',
    ],
)
def test_examples_that_cannot_be_used_are_refused(ner: Task, written: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_examples(written, ner)
    assert refused.value.code == "bad_examples"
