"""CLUENER: surfaces with offsets whose end is included."""

from typing import Any

import pytest

from tests.gold.conftest import Read, Refuse
from tests.gold.views import surfaces

ROW = {
    "text": "浙商银行企业信贷部叶老桂博士则从另一个角度对五道门槛进行了解读。",
    "label": {"name": {"叶老桂": [[9, 11]]}, "company": {"浙商银行": [[0, 3]]}},
}


def test_ends_are_included(read: Read) -> None:
    gold = read([ROW])
    assert (gold.format, gold.task) == ("cluener", "ner")
    assert surfaces(gold) == [[("浙商银行", "company"), ("叶老桂", "name")]]


def test_a_surface_can_stand_in_several_places_and_types_nest(read: Read) -> None:
    label = {"game": {"𠮷😀": [[0, 1], [3, 4]]}, "scene": {"😀": [[1, 1]]}}
    assert surfaces(read([{"text": "𠮷😀和𠮷😀", "label": label}])) == [
        [("𠮷😀", "game"), ("😀", "scene"), ("𠮷😀", "game")]
    ]


def test_a_text_without_entities_has_none(read: Read) -> None:
    assert surfaces(read([ROW, {"text": "无", "label": {}}]))[1] == []


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ({"name": {"叶老桂": [[8, 10]]}}, "gold_surface"),
        ({"name": {"叶老桂": [[9, 99]]}}, "gold_offsets"),
        ({"name": {"叶老桂": [[9]]}}, "gold_few_cells"),
        ({"name": {"叶老桂": [9, 11]}}, "gold_wrong_kind"),
        ({"name": ["叶老桂"]}, "gold_no_object"),
    ],
)
def test_a_label_that_does_not_fit_is_told_with_line_and_surface(refuse: Refuse, label: Any, code: str) -> None:
    error = refuse([ROW, {"text": ROW["text"], "label": label}])
    assert error.code == code and "line 2, label" in error.message.en


def test_a_line_of_the_test_set_without_label_is_refused(refuse: Refuse) -> None:
    assert refuse([ROW, {"id": 0, "text": "无"}]).code == "gold_missing_key"
