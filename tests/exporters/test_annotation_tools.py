"""What annotation tools take is read by their own libraries."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from label_studio_sdk.label_interface import LabelInterface
from pybrat.parser import BratParser

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.exporters import Export, export
from techgpt_ui.exporters.tokens import tokens_of
from techgpt_ui.gold import read_gold
from techgpt_ui.presets import load_library
from tests.annotated import (
    PREDICATE,
    TEXT,
    a_document,
    documents,
    judged,
    labelled,
    texts_document,
    with_fields,
    with_items,
)

LIBRARY = load_library()
ANY = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVERY_KIND = (a_document(), labelled(), texts_document(), with_items(), with_fields())


def exported(name: str, *given_documents: AnnotatedDocument) -> Export:
    return export(given_documents or (a_document(),), name, LIBRARY)


def lost(done: Export) -> dict[str, int]:
    return {loss.code: loss.count for loss in done.losses}


def rows(done: Export) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.content.decode().splitlines()]


def offences(done: Export) -> list[str]:
    """What Label Studio's own check finds in predictions and annotations, and what it does not look at."""
    interface = LabelInterface(done.files["config.xml"].decode())
    found: list[str] = []
    for task in json.loads(done.files["tasks.json"]):
        for part in (*task["predictions"], *task["annotations"]):
            found += interface.validate_prediction(part, return_errors=True)
            found += _wrong_places(task["data"]["text"], part["result"])
    return found


def _wrong_places(text: str, results: Sequence[dict[str, Any]]) -> list[str]:
    drawn = {result["id"] for result in results}
    wrong = [
        f"{result['id']}: {result['value']}"
        for result in results
        if result["type"] == "labels"
        and text[result["value"]["start"] : result["value"]["end"]] != result["value"]["text"]
    ]
    dangling = [one for one in results if one["type"] == "relation" and not {one["from_id"], one["to_id"]} <= drawn]
    return wrong + [str(one) for one in dangling]


@ANY
@given(document=documents())
@example(document=a_document())
def test_label_studio_takes_every_prediction_and_annotation(document: AnnotatedDocument) -> None:
    assert offences(exported("label_studio", document)) == []


def test_label_studio_takes_labels_answers_items_and_fields_as_well() -> None:
    done = exported("label_studio", *EVERY_KIND)
    assert offences(done) == []
    kinds = {
        result["type"]
        for task in json.loads(done.files["tasks.json"])
        for part in task["predictions"]
        for result in part["result"]
    }
    assert kinds == {"labels", "relation", "choices", "textarea"}


def test_label_studio_has_what_a_reviewer_stands_behind_as_annotations_and_the_rejected_in_predictions_alone() -> None:
    (task,) = json.loads(exported("label_studio").files["tasks.json"])
    proposed = {result["id"] for result in task["predictions"][0]["result"]}
    ann, bo = task["annotations"]
    assert ann["completed_by"] == {"email": "ann@example.org"} and "completed_by" not in bo
    assert {result["id"] for result in ann["result"]} == {"m1", "m2", "r1"}
    assert {result["id"] for result in bo["result"]} == {"m6"}
    assert {"m3", "r3"} <= proposed and "m6" not in proposed


def test_label_studio_is_told_of_a_skipped_document_as_cancelled() -> None:
    (task,) = json.loads(exported("label_studio", a_document(decision=judged("skip"))).files["tasks.json"])
    assert [one["was_cancelled"] for one in task["annotations"]] == [True]


@pytest.mark.parametrize(("verdict", "cancelled"), [("reject", [False]), ("skip", [True]), ("flag", [])])
def test_an_annotation_without_regions_says_that_all_was_rejected_or_skipped(
    verdict: Any, cancelled: list[bool]
) -> None:
    first = a_document().mentions[0].model_copy(update={"decision": judged(verdict)})
    done = exported("label_studio", a_document(mentions=(first,), relations=()))
    (task,) = json.loads(done.files["tasks.json"])
    assert [one["was_cancelled"] for one in task["annotations"]] == cancelled
    assert all(one["result"] == [] for one in task["annotations"])


def test_doccano_has_whole_numbers_for_ids_and_relations_between_them() -> None:
    (row,) = rows(exported("doccano"))
    surfaces = {one["id"]: TEXT[one["start_offset"] : one["end_offset"]] for one in row["entities"]}
    assert all(type(ident) is int for ident in surfaces)
    (relation,) = row["relations"]
    assert (surfaces[relation["from_id"]], relation["type"], surfaces[relation["to_id"]]) == (
        "𠮷田",
        PREDICATE,
        "Google",
    )


def test_ids_of_doccano_are_unique_across_the_documents_of_a_file() -> None:
    found = rows(exported("doccano", a_document("a"), a_document("b")))
    ids = [entity["id"] for row in found for entity in row["entities"]]
    assert len(set(ids)) == len(ids) > len(found[0]["entities"])


def test_doccano_without_relations_has_lists_and_labels_of_whole_texts() -> None:
    assert rows(exported("doccano", a_document(relations=(), mentions=a_document().mentions[:1])))[0]["label"] == [
        [0, 2, "人物 name"]
    ]
    assert rows(exported("doccano", labelled()))[0]["label"] == ["材料"]


def doccano_faults(found: Sequence[dict[str, Any]]) -> list[Any]:
    """What in rows is not as doccano documents it; its loader took the like of them when it was tried."""
    spans = [(row, one) for row in found for one in row["entities"]]
    faults: list[Any] = [
        one
        for row, one in spans
        if one.keys() != {"id", "start_offset", "end_offset", "label"}
        or not (type(one["id"]) is int and 0 <= one["start_offset"] < one["end_offset"] <= len(row["text"]))
        or not (isinstance(one["label"], str) and one["label"])
    ]
    for row in found:
        ids = {one["id"] for one in row["entities"]}
        faults += [
            one
            for one in row["relations"]
            if one.keys() != {"id", "from_id", "to_id", "type"} or not {one["from_id"], one["to_id"]} <= ids
        ]
    numbers = [one["id"] for _, one in spans]
    return faults + [number for number in numbers if numbers.count(number) > 1]


@ANY
@given(document=documents())
@example(document=a_document())
def test_doccano_is_given_what_it_documents(document: AnnotatedDocument) -> None:
    assert doccano_faults(rows(exported("doccano", a_document("first"), document))) == []


def test_doccano_is_given_nothing_whose_encoding_it_could_guess_wrong() -> None:
    assert exported("doccano").content.isascii()


def test_doccano_warns_of_overlaps_that_it_would_drop() -> None:
    assert lost(exported("doccano"))["overlap_doccano"] == 1


@ANY
@given(document=documents())
@example(document=a_document())
def test_brat_reads_every_span_and_relation(tmp_path_factory: Any, document: AnnotatedDocument) -> None:
    grounded = [piece.current for piece in document.mentions if piece.current.text.strip()]
    # pybrat, unlike brat, knows no two entities of one place.
    assume(len({(one.start, one.end) for one in grounded}) == len(grounded))
    done = exported("brat", document)
    folder: Path = tmp_path_factory.mktemp("brat")
    for name, content in done.files.items():
        (folder / name).write_bytes(content)
    (read,) = BratParser(error="raise").parse(str(folder))
    text = next(content for name, content in done.files.items() if name.endswith(".txt")).decode()
    for entity in read.entities:
        words = " ".join(text[span.start : span.end] for span in entity.spans)
        assert "\n" not in words and words.replace("\t", " ") == entity.mention
    assert len(read.entities) == len(grounded)


def test_brat_breaks_a_span_at_a_line_end_and_says_what_was_decided() -> None:
    done = exported("brat")
    lines = done.files["doc1.ann"].decode().splitlines()
    assert any(
        line.endswith("2 4;5 11;12 13\t😀在 Google 工") or "2 11;12 13\t😀在 Google 工" in line for line in lines
    )
    spans = {line.split("\t")[2]: line.split("\t")[0] for line in lines if line.startswith("T")}
    told = [line.split("\t")[1] for line in lines if line.startswith("A")]
    assert f"Verdict {spans['𠮷田']} accept" in told and f"Verdict {spans['Larry Page']} reject" in told
    assert f"Reason {spans['Google']} boundary" in told
    assert f"#1\tAnnotatorNotes {spans['Google']}\ttoo long" in lines


def test_brat_keeps_the_real_names_of_types_beside_those_without_spaces() -> None:
    conf = exported("brat").files["visual.conf"].decode()
    assert f"link_prediction_属于_KG | {PREDICATE}" in conf and "人物_name | 人物 name" in conf


def test_two_types_that_would_share_a_name_in_brat_do_not() -> None:
    first, second = a_document().mentions[0], a_document().mentions[4]
    pieces = [
        piece.model_copy(update={"value": piece.value.model_copy(update={"type": kind})})
        for piece, kind in ((first, "a b"), (second, "a_b"))
    ]
    done = exported("brat", a_document(mentions=tuple(pieces), relations=()))
    kinds = [
        line.split("\t")[1].split(" ")[0] for line in done.files["doc1.ann"].decode().splitlines() if line[0] == "T"
    ]
    assert len(set(kinds)) == 2


def test_documents_whose_ids_are_no_file_names_get_names_of_their_own() -> None:
    ids = ["../../etc/passwd", "Doc", "doc", "a/b", ""][:4]
    done = exported("brat", *(a_document(ident) for ident in ids))
    texts = [name for name in done.files if name.endswith(".txt")]
    assert len({name.casefold() for name in texts}) == 4 and not any("/" in name for name in texts)


@pytest.mark.parametrize("name", ["brat", "doccano", "label_studio"])
def test_evaluation_reads_it_as_gold(name: str, tmp_path: Path) -> None:
    document = a_document(mentions=a_document().mentions[:2], relations=a_document().relations[:1])
    done = exported(name, document)
    path = tmp_path / "gold"
    path.write_bytes(done.content if name == "brat" else next(iter(done.files.values())))
    (read,) = read_gold(path, task="triples").documents
    assert [(one.head, one.tail) for one in read.relations] == [("𠮷田", "Google")]


def prodigy_faults(row: dict[str, Any]) -> list[Any]:
    """What of an example does not agree with its text and tokens."""
    tokens = row["tokens"]
    faults = [token for token in tokens if row["text"][token["start"] : token["end"]] != token["text"]]
    ends = [span for relation in row.get("relations", ()) for span in (relation["head_span"], relation["child_span"])]
    for span in (*row["spans"], *ends):
        first, last = tokens[span["token_start"]], tokens[span["token_end"]]
        blank = row["text"][span["start"] : first["start"]] + row["text"][last["end"] : span["end"]]
        if first["start"] < span["start"] or last["end"] > span["end"] or blank.strip():
            faults.append(span)
    for relation in row.get("relations", ()):
        if [relation["head"], relation["child"]] != [relation[key]["token_end"] for key in ("head_span", "child_span")]:
            faults.append(relation)
    return faults


@ANY
@given(document=documents())
@example(document=a_document())
def test_spans_and_relations_of_prodigy_are_made_of_its_tokens(document: AnnotatedDocument) -> None:
    for row in rows(exported("prodigy", document)):
        assert prodigy_faults(row) == []
        assert row.get("answer", "accept") in {"accept", "reject", "ignore"}


def test_prodigy_has_an_example_for_each_piece_that_was_rejected() -> None:
    found = rows(exported("prodigy"))
    answers = [(row["answer"], [span["id"] for span in row["spans"]], len(row.get("relations", ()))) for row in found]
    assert answers[0] == ("accept", ["m1", "m2", "m5", "m6"], 1)
    assert ("reject", ["m3"], 0) in answers and ("ignore", ["m7"], 0) in answers
    assert ("reject", ["m5", "m2"], 1) in answers


def test_an_example_that_nobody_judged_has_no_answer() -> None:
    (row,) = rows(exported("prodigy", a_document(mentions=a_document().mentions[4:5], relations=())))
    assert "answer" not in row


@ANY
@given(document=documents())
def test_tokens_cover_all_that_is_no_white_space(document: AnnotatedDocument) -> None:
    text = document.text
    covered = "".join(text[token.start : token.end] for token in tokens_of(text))
    assert covered == "".join(character for character in text if not character.isspace())
