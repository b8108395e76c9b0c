"""Label Studio's JSON export."""

import json
from typing import Any

import pytest

from tests.gold.conftest import Read, Refuse
from tests.gold.views import notices, surfaces, triples

TEXT = "Sony 😀 is in\nTokyo."


def span(key: str, surface: str, *labels: str, text: str = TEXT) -> dict[str, Any]:
    start = text.index(surface)
    value = {"start": start, "end": start + len(surface), "text": surface, "labels": list(labels)}
    return {"id": key, "type": "labels", "from_name": "label", "to_name": "text", "value": value}


def relation(head: str, tail: str, *labels: str, direction: str = "right") -> dict[str, Any]:
    return {"type": "relation", "from_id": head, "to_id": tail, "direction": direction, "labels": list(labels)}


def choice(*choices: str) -> dict[str, Any]:
    return {"id": "c", "type": "choices", "value": {"choices": list(choices)}}


def project(*results: Any, data: Any = None, **annotation: Any) -> dict[str, Any]:
    return {"id": 1, "data": data or {"text": TEXT}, "annotations": [{"result": list(results)} | annotation]}


def export(*tasks: Any) -> str:
    return json.dumps(tasks, indent=2)


SONY, TOKYO = span("a", "Sony 😀", "Org"), span("b", "Tokyo", "Place")


def test_labelled_regions_are_entities(read: Read) -> None:
    gold = read(export(project(SONY, TOKYO)), "project.json")
    assert (gold.format, gold.task) == ("label_studio", "ner")
    assert surfaces(gold) == [[("Sony 😀", "Org"), ("Tokyo", "Place")]]


def test_a_region_of_two_labels_is_two_entities(read: Read) -> None:
    assert surfaces(read(export(project(span("a", "Tokyo", "City", "Place"))))) == [
        [("Tokyo", "City"), ("Tokyo", "Place")]
    ]


@pytest.mark.parametrize(
    ("direction", "found"),
    [
        ("right", [("Sony 😀", "in", "Tokyo")]),
        ("left", [("Tokyo", "in", "Sony 😀")]),
        ("bi", [("Sony 😀", "in", "Tokyo"), ("Tokyo", "in", "Sony 😀")]),
    ],
)
def test_relations_are_triples_in_their_direction(
    read: Read, direction: str, found: list[tuple[str, str, str]]
) -> None:
    gold = read(export(project(SONY, TOKYO, relation("a", "b", "in", direction=direction))), task="triples")
    assert triples(gold) == [found]


def test_spans_and_relations_serve_two_tasks(refuse: Refuse) -> None:
    error = refuse(export(project(SONY, TOKYO, relation("a", "b", "in"))))
    assert error.code == "gold_which_task" and "ner, triples" in error.hint.en


def test_a_choice_is_the_label_of_its_text(read: Read) -> None:
    gold = read(export(project(choice("news")), project()))
    assert (gold.task, gold.documents[0].label, notices(gold)) == ("domain", "news", ["gold_unannotated"])


def test_two_choices_are_refused(refuse: Refuse) -> None:
    assert refuse(export(project(choice("news", "sport")))).code == "gold_several_labels"


def test_cancelled_and_missing_annotations_are_told_and_left_out(read: Read) -> None:
    gold = read(export(project(SONY), project(TOKYO, was_cancelled=True), project() | {"annotations": []}))
    assert surfaces(gold) == [[("Sony 😀", "Org")]]
    assert set(notices(gold)) == {"gold_cancelled", "gold_unannotated"}


def test_of_several_annotations_the_ground_truth_counts(read: Read) -> None:
    task = project(SONY)
    task["annotations"].append({"result": [TOKYO], "ground_truth": True})
    gold = read(export(task))
    assert surfaces(gold) == [[("Tokyo", "Place")]] and notices(gold) == ["gold_further_annotations"]


def test_predictions_are_no_gold(refuse: Refuse) -> None:
    task = {"data": {"text": TEXT}, "annotations": [], "predictions": [{"result": [SONY]}]}
    assert refuse(export(task), format="label_studio").code == "gold_unfit_format"


@pytest.mark.parametrize("data", [{"body": TEXT}, {"title": "Other", "body": TEXT}, {"text": TEXT, "body": "x"}])
def test_the_annotated_text_goes_by_any_key(read: Read, data: dict[str, str]) -> None:
    assert read(export(project(SONY, data=data))).documents[0].inputs == {"text": TEXT}


def test_an_annotated_text_that_cannot_be_known_is_refused(refuse: Refuse) -> None:
    error = refuse(export(project(choice("news"), data={"title": "a", "body": "b"})))
    assert error.code == "gold_which_text" and "title, body" in error.message.en


def test_regions_and_relations_without_labels_are_told_and_left_out(read: Read) -> None:
    task = project(SONY, span("b", "Tokyo"), relation("a", "b", "in"), relation("b", "a"))
    found = read(export(task), task="triples")
    assert triples(found) == [[("Sony 😀", "in", "Tokyo")]]
    assert set(notices(found)) == {"gold_unlabelled_spans", "gold_unlabelled_relations"}
    assert surfaces(read(export(task), task="ner")) == [[("Sony 😀", "Org")]]


def test_a_surface_may_spell_its_line_end_with_a_backslash(read: Read) -> None:
    region = span("a", "in\nTokyo", "x")
    region["value"]["text"] = "in\\nTokyo"
    assert surfaces(read(export(project(region)))) == [[("in\nTokyo", "x")]]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"start": 1, "end": 5, "text": "Sony", "labels": ["x"]}, "gold_surface"),
        ({"start": 0, "end": 99, "labels": ["x"]}, "gold_offsets"),
        ({"start": "0", "end": 4, "labels": ["x"]}, "gold_wrong_kind"),
        ({"start": 0, "end": 4}, "gold_missing_key"),
    ],
)
def test_a_bad_region_is_told_with_line_and_element(refuse: Refuse, value: dict[str, Any], code: str) -> None:
    error = refuse(export(project({"id": "a", "type": "labels", "value": value})))
    assert error.code == code and "line 2, annotations[0].result[0].value" in error.message.en


def test_a_relation_to_nothing_is_refused(refuse: Refuse) -> None:
    assert refuse(export(project(SONY, relation("a", "z", "in"))), task="triples").code == "gold_unknown_id"
