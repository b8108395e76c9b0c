"""Raw answers that were generated elsewhere, read by the parser of their task."""

import json
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.importers import Imported, read_annotations
from techgpt_ui.presets import Library

TEXT = "Ada Lovelace met Charles Babbage in London."


def imported(folder: Path, library: Library, *rows: Any, **options: Any) -> Imported:
    path = folder / "raw.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return read_annotations(path, library=library, **options)


def test_an_answer_is_read_and_found_in_its_text(tmp_path: Path, library: Library) -> None:
    row = {"task": "ner", "text": TEXT, "answer": "Entity: London, Type: place", "model": "m", "id": 7}
    found = imported(tmp_path, library, row)
    (document,) = found.documents
    (mention,) = document.mentions
    assert (found.format, document.id, mention.model or document.provenance.model_version) == ("answers", "7", "m")
    assert TEXT[mention.value.start : mention.value.end] == mention.value.text == "London"
    assert document.provenance.raw == row["answer"]


def test_inputs_may_stand_apart_and_the_task_be_given_once(tmp_path: Path, library: Library) -> None:
    rows = [{"inputs": {"text": TEXT}, "raw": f"Entity: {name}, Type: place"} for name in ("London", "Ada")]
    found = imported(tmp_path, library, *rows, task="ner")
    assert [document.mentions[0].value.text for document in found.documents] == ["London", "Ada"]


def test_an_answer_in_prose_is_one_text(tmp_path: Path, library: Library) -> None:
    row = {"task": "abstract_to_title", "abstract": TEXT, "answer": "A meeting in London"}
    (document,) = imported(tmp_path, library, row).documents
    assert [piece.value.text for piece in document.texts] == ["A meeting in London"]


def test_an_answer_that_cannot_be_read_is_counted(tmp_path: Path, library: Library) -> None:
    rows = [{"task": "ner", "text": TEXT, "answer": answer} for answer in ("Entity: Ada, Type: person", "Well…")]
    found = imported(tmp_path, library, *rows)
    assert [(notice.code, len(found.documents)) for notice in found.notices] == [("gold_unread_answers", 2)]


def test_verdicts_of_prodigy_are_no_answers(tmp_path: Path, library: Library) -> None:
    rows = [{"text": TEXT, "spans": [], "answer": "accept"}, {"text": TEXT + "!", "answer": "reject"}]
    assert imported(tmp_path, library, *rows).format == "prodigy"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"text": TEXT, "answer": "x"}, "which task"),
        ({"task": "nr", "text": TEXT, "answer": "x"}, "no task “nr”"),
        ({"task": "ner", "text": TEXT, "answer": 3}, "string"),
        ({"task": "ner", "answer": "x"}, "“Text” is empty"),
        ({"task": "ner", "inputs": {"text": TEXT, "txt": "y"}, "answer": "x"}, "txt"),
        ({"task": "ner", "inputs": [TEXT], "answer": "x"}, "object"),
    ],
)
def test_what_is_broken_is_told_with_its_line(tmp_path: Path, library: Library, row: Any, told: str) -> None:
    good = {"task": "ner", "text": TEXT, "answer": "Entity: Ada, Type: person"}
    with pytest.raises(UsageError) as refused:
        imported(tmp_path, library, good, row)
    words = refused.value.words("en")
    assert told in words and "raw.jsonl, line 2" in words
