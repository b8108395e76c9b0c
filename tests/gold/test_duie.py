"""DuIE and SKE: lists of subject, predicate and object."""

import pytest

from tests.gold.conftest import Read, Refuse
from tests.gold.views import notices, triples

ONE = {
    "text": "《𠮷野家物语》是张三执导的电影😀",
    "postag": [],
    "spo_list": [
        {
            "subject": "𠮷野家物语",
            "subject_type": "影视作品",
            "predicate": "导演",
            "object": "张三",
            "object_type": "人物",
        }
    ],
}
TWO = {
    "text": "李四在电影《甲》中饰演王五",
    "spo_list": [{"subject": "李四", "predicate": "饰演", "object": {"@value": "王五", "inWork": "甲"}}],
}


def test_duie_1_has_plain_objects(read: Read) -> None:
    gold = read([ONE])
    assert (gold.format, gold.task, gold.kinds) == ("duie", "triples", ("导演",))
    assert triples(gold) == [[("𠮷野家物语", "导演", "张三")]]


def test_duie_2_has_objects_with_a_value_and_what_else_they_say_is_told(read: Read) -> None:
    gold = read([TWO])
    assert triples(gold) == [[("李四", "饰演", "王五")]] and notices(gold) == ["gold_further_values"]


def test_incomplete_triples_are_told_and_left_out(read: Read) -> None:
    gold = read([ONE | {"spo_list": [{"subject": " ", "predicate": "导演", "object": "张三"}]}])
    assert triples(gold) == [[]] and notices(gold) == ["gold_incomplete_triples"]


@pytest.mark.parametrize(
    ("spo", "code"),
    [
        ({"subject": "a", "predicate": "b"}, "gold_missing_key"),
        ({"subject": "a", "predicate": "b", "object": 5}, "gold_wrong_kind"),
        ({"subject": "a", "predicate": "b", "object": {"inWork": "x"}}, "gold_missing_key"),
        ("a b c", "gold_no_object"),
    ],
)
def test_a_bad_triple_is_told_with_line_and_place(refuse: Refuse, spo: object, code: str) -> None:
    error = refuse([ONE, ONE | {"spo_list": [spo]}])
    assert error.code == code and "line 2, spo_list[0]" in error.message.en


def test_a_line_of_the_test_set_without_triples_is_refused(refuse: Refuse) -> None:
    assert refuse([ONE, {"text": "无"}]).code == "gold_missing_key"
