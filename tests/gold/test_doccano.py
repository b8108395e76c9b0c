"""doccano's JSONL, in its three forms."""

from typing import Any

import pytest

from tests.gold.conftest import Read, Refuse
from tests.gold.views import notices, surfaces, triples

TEXT = "索尼在𠮷野😀。"
FULL = {
    "id": 1, "text": TEXT, "Comments": [],
    "entities": [
        {"id": 7, "label": "机构", "start_offset": 0, "end_offset": 2},
        {"id": 8, "label": "地点", "start_offset": 3, "end_offset": 6},
    ],
    "relations": [{"id": 1, "from_id": 7, "to_id": 8, "type": "位于"}],
}  # fmt: skip


def test_entities_are_objects(read: Read) -> None:
    gold = read([FULL], task="ner")
    assert gold.format == "doccano"
    assert surfaces(gold) == [[("索尼", "机构"), ("𠮷野😀", "地点")]]


def test_relations_name_their_ends_by_id(read: Read) -> None:
    assert triples(read([FULL], task="triples")) == [[("索尼", "位于", "𠮷野😀")]]


def test_entities_and_relations_serve_two_tasks(read: Read, refuse: Refuse) -> None:
    assert refuse([FULL]).code == "gold_which_task"
    assert read([FULL | {"relations": []}]).task == "ner"


@pytest.mark.parametrize("key", ["label", "labels"])
@pytest.mark.parametrize("text", ["text", "data"])
def test_spans_are_triplets(read: Read, key: str, text: str) -> None:
    gold = read([{text: TEXT, key: [[3, 6, "地点"]]}, {text: TEXT, key: []}])
    assert (gold.format, gold.task) == ("doccano", "ner")
    assert surfaces(gold) == [[("𠮷野😀", "地点")], []]


def test_a_label_of_the_text_is_a_domain(read: Read) -> None:
    gold = read([{"text": TEXT, "label": ["经济"]}, {"text": TEXT, "label": []}])
    assert (gold.task, gold.documents[0].label, notices(gold)) == ("domain", "经济", ["gold_unannotated"])


def test_several_labels_of_a_text_are_refused(refuse: Refuse) -> None:
    assert refuse([{"text": TEXT, "label": ["经济", "体育"]}]).code == "gold_several_labels"


@pytest.mark.parametrize(
    ("row", "task", "code"),
    [
        ({"text": TEXT, "label": [[3, 60, "x"]]}, "ner", "gold_offsets"),
        ({"text": TEXT, "label": [[3, "x"]]}, "ner", "gold_few_cells"),
        ({"text": TEXT, "label": [["3", 4, "x"]]}, "ner", "gold_wrong_kind"),
        (FULL | {"entities": [{"label": "x", "start_offset": 3, "end_offset": 3}]}, "ner", "gold_offsets"),
        (FULL | {"entities": [{"start_offset": 0, "end_offset": 3}]}, "ner", "gold_missing_key"),
        (FULL | {"relations": [{"from_id": 7, "to_id": 99, "type": "x"}]}, "triples", "gold_unknown_id"),
    ],
)
def test_a_bad_annotation_is_told_with_its_line(refuse: Refuse, row: dict[str, Any], task: str, code: str) -> None:
    error = refuse([FULL, row], task=task)
    assert error.code == code and "line 2" in error.message.en


@pytest.mark.parametrize("more", [{"entities": ["A", "B"]}, {"entities": []}, {"label": ["x"]}])
def test_triples_with_further_keys_are_no_doccano(read: Read, more: dict[str, Any]) -> None:
    row = {"text": "A in B", "relations": [{"head": "A", "predicate": "in", "tail": "B"}]}
    assert read([row | more]).format == "jsonl"
