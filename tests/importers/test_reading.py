"""What annotation tools write by themselves, read with its verdicts; what is broken is told with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.errors import UsageError
from techgpt_ui.importers import Imported, read_annotations

TEXT = "Google was founded by Larry Page."


def written(tmp_path: Path, content: Any, name: str = "file.json") -> Path:
    path = tmp_path / name
    if isinstance(content, list):
        content = json.dumps(content, ensure_ascii=False)
    path.write_text(content, encoding="utf-8")
    return path


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def region(ident: str, start: int, end: int, label: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}
    return {"id": ident, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def task(*annotations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    proposed = [region("a", 0, 6, "ORG"), region("b", 22, 27, "PER"), region("c", 11, 18, "ORG")]
    return {
        "id": 4,
        "data": {"text": TEXT},
        "predictions": [{"result": proposed}],
        "annotations": annotations,
    } | changes


def annotation(*results: dict[str, Any], **changes: Any) -> dict[str, Any]:
    made = {"completed_by": {"id": 7, "email": "ann@example.org"}, "updated_at": "2026-11-25T12:00:00Z"}
    return made | {"was_cancelled": False, "result": results} | changes


def only(imported: Imported) -> AnnotatedDocument:
    (found,) = imported.documents
    return found


def test_an_annotation_of_label_studio_is_set_against_its_prediction(tmp_path: Path) -> None:
    made = annotation(region("a", 0, 6, "ORG"), region("b", 22, 32, "PER"), region("d", 7, 10, "VERB"))
    document = only(read_annotations(written(tmp_path, [task(made)])))
    found = {piece.id: (piece.verdict, piece.added, piece.current.text) for piece in document.mentions}
    assert found == {
        "a": ("accept", False, "Google"),
        "b": ("edit", False, "Larry Page"),
        "c": ("reject", False, "founded"),
        "d": ("accept", True, "was"),
    }
    decision = document.mentions[0].decision
    assert decision and (decision.reviewer, str(decision.time)) == ("ann@example.org", "2026-11-25 12:00:00+00:00")
    assert document.mentions[1].value.text == "Larry"


def test_a_cancelled_task_was_skipped(tmp_path: Path) -> None:
    document = only(read_annotations(written(tmp_path, [task(annotation(was_cancelled=True, completed_by=7))])))
    assert document.decision and (document.decision.verdict, document.decision.reviewer) == ("skip", "7")
    assert all(piece.decision is None for piece in document.mentions)


def test_a_task_without_annotations_is_not_judged(tmp_path: Path) -> None:
    assert not only(read_annotations(written(tmp_path, [task()]))).reviewed


def test_relations_of_label_studio_have_their_direction(tmp_path: Path) -> None:
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "left", "labels": ["founded"]}
    made = annotation(region("a", 0, 6, "ORG"), region("b", 22, 27, "PER"), relation)
    (found,) = only(read_annotations(written(tmp_path, [task(made)]))).relations
    assert (found.current.head, found.current.predicate, found.current.tail) == ("b", "founded", "a")


def test_of_several_annotations_the_ground_truth_counts_and_the_others_are_counted(tmp_path: Path) -> None:
    first, truth = annotation(region("a", 0, 6, "ORG")), annotation(region("b", 22, 27, "PER"), ground_truth=True)
    imported = read_annotations(written(tmp_path, [task(first, truth)]))
    assert {piece.id: piece.verdict for piece in only(imported).mentions}["a"] == "reject"
    assert [notice.code for notice in imported.notices] == ["gold_further_annotations"]


@pytest.mark.parametrize(("answer", "verdict"), [("accept", "accept"), ("reject", "reject"), ("ignore", "skip")])
def test_the_answer_of_prodigy_is_the_verdict(tmp_path: Path, answer: str, verdict: str) -> None:
    row = {"text": TEXT, "spans": [{"start": 0, "end": 6, "label": "ORG"}], "answer": answer, "_annotator_id": "bo"}
    (piece,) = only(read_annotations(written(tmp_path, lines(row)))).mentions
    assert piece.decision and (piece.verdict, piece.decision.reviewer) == (verdict, "bo")


def test_examples_of_one_text_are_one_document(tmp_path: Path) -> None:
    spans = [{"start": 0, "end": 6, "label": "ORG"}, {"start": 22, "end": 32, "label": "PER"}]
    rows = [
        {"text": TEXT, "spans": [span], "answer": answer}
        for span, answer in zip(spans, ("accept", "reject"), strict=True)
    ]
    document = only(read_annotations(written(tmp_path, lines(*rows))))
    assert [piece.verdict for piece in document.mentions] == ["accept", "reject"]


def test_doccano_gives_corrected_spans_and_relations(tmp_path: Path) -> None:
    entities = [
        {"id": 40, "start_offset": 0, "end_offset": 6, "label": "ORG"},
        {"id": 41, "start_offset": 22, "end_offset": 32, "label": "PER"},
    ]
    row = {
        "id": 9,
        "text": TEXT,
        "entities": entities,
        "relations": [{"id": 1, "from_id": 40, "to_id": 41, "type": "by"}],
    }
    document = only(read_annotations(written(tmp_path, lines(row))))
    (relation,) = document.relations
    surfaces = {piece.id: piece.current.text for piece in document.mentions}
    assert (surfaces[relation.current.head], surfaces[relation.current.tail]) == ("Google", "Larry Page")
    assert (document.id, document.task, relation.verdict) == ("9", "triples", "accept")


def test_what_doccano_adds_to_a_row_that_we_gave_it_does_no_harm(tmp_path: Path) -> None:
    row = {"id": 3, "text": TEXT, "document": "a", "title": "=1+1", "label": [[0, 6, "ORG"]], "Comments": []}
    document = only(read_annotations(written(tmp_path, lines(row))))
    assert (document.id, document.title, document.mentions[0].current.text) == ("a", "=1+1", "Google")


def test_brat_has_verdicts_notes_and_spans_over_a_line_end(tmp_path: Path) -> None:
    written(tmp_path, "Larry\nPage founded it.", "one.txt")
    spans = "T1\tPER 0 5;6 10\tLarry Page\nT2\tX 0 5;11 18\tLarry founded\n"
    ann = f"{spans}A1\tVerdict T1 reject\n#1\tAnnotatorNotes T1\tno\n"
    written(tmp_path, ann, "one.ann")
    imported = read_annotations(tmp_path)
    (piece,) = only(imported).mentions
    assert (piece.current.text, piece.verdict, piece.decision and piece.decision.comment) == (
        "Larry\nPage",
        "reject",
        "no",
    )
    assert [notice.code for notice in imported.notices] == ["gold_discontinuous"]


def test_a_table_that_was_worked_on_in_a_spreadsheet_has_the_new_verdicts(tmp_path: Path) -> None:
    columns = "document,kind,id,type,text,surface,start,end,status,verdict,reviewer,reason,task,edited_type"
    head = f"d,document,,,{TEXT},,,,,,,,ner,"
    row = "d,mention,m1,ORG,Google,Google,0,6,exact,reject,ann,type,,"
    (piece,) = only(read_annotations(written(tmp_path, f"\ufeff{columns}\r\n{head}\r\n{row}\r\n", "t.csv"))).mentions
    assert piece.decision and (piece.verdict, piece.decision.reason) == ("reject", "type")


def test_a_text_longer_than_a_cell_of_pythons_csv_comes_back_from_a_table(tmp_path: Path) -> None:
    long = "长" * 140_000
    table = written(tmp_path, f"document,kind,id,text,task\nd,document,,{long},ner\n", "t.csv")
    assert only(read_annotations(table)).text == long


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([task(annotation(region("a", 0, 99, "ORG") | {"value": {"start": 0, "end": 99, "labels": ["X"]}}))], "0–99"),
        (lines({"text": TEXT, "spans": [{"start": 0, "end": "6", "label": "X"}], "answer": "accept"}), "whole number"),
        ("document,kind,id,text,task\nd,mention,m1,x,ner\n", "kind document"),
        ("document,kind,id,text,task\nd,beast,m1,x,ner\n", "kind: beast"),
        (lines({"task": "ner", "status": "odd", "raw": ""}), "no valid Result"),
        ("nothing at all", "was not recognised"),
    ],
)
def test_what_is_broken_is_told_with_its_place(tmp_path: Path, content: Any, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_annotations(written(tmp_path, content))
    assert told in refused.value.words("en") and "file.json" in refused.value.words("zh")
