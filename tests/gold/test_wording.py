"""Words for the names of published data sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.documents import import_labels
from techgpt_ui.gold import wording, words_for


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("programlang", "programming language"),
        ("politicalparty", "political party"),
        ("metrics", "metric"),
        ("PER", "person"),
        ("Live_In", "lives in"),
        ("USED-FOR", "used for"),
        ("cause-effect", "causes"),
        ("place_of_birth", "place of birth"),
        ("组织机构", "组织机构"),
        ("anything else", "anything else"),
    ],
)
def test_jammed_names_have_words_and_others_stand_for_themselves(kind: str, words: str) -> None:
    assert words_for(kind) == words


def test_names_of_chinese_data_sets_have_chinese_words() -> None:
    assert wording(["PER", "LOC", "ORG"], "zh") == {"PER": "人物", "LOC": "地点", "ORG": "机构"}


def test_cluener_is_known_by_its_names_together() -> None:
    cluener = ["address", "book", "company", "game", "government", "movie", "name", "organization", "position", "scene"]
    assert wording(cluener)["name"] == "姓名"
    assert wording(["name", "company"]) == {"name": "name", "company": "company"}
    assert wording([*cluener, "person"])["name"] == "name"


def test_a_label_with_a_slash_becomes_a_legal_one() -> None:
    assert wording(["中医学/中药学", "A/B: x"]) == {"中医学/中药学": "中医学和中药学", "A/B: x": "A B x"}


def test_two_names_never_have_the_same_words() -> None:
    assert wording(["ORG", "organisation", "Org"]) == {
        "ORG": "ORG",
        "organisation": "organisation",
        "Org": "organisation 2",
    }
    assert wording(["PART-OF", "part-of"]) == {"PART-OF": "part of", "part-of": "part-of"}


def test_the_order_of_names_stays() -> None:
    assert list(wording(["b", "PER", "a"])) == ["b", "PER", "a"]


@given(st.lists(st.text(min_size=1) | st.sampled_from(["ORG", "organisation", "x/y", "x y", "、", " ", "a" * 60])))
def test_words_are_always_legal_and_one_to_one(kinds: list[str]) -> None:
    found = wording(kinds)
    assert set(found) == set(kinds)
    assert len({words.casefold() for words in found.values()}) == len(found)
    assert import_labels(list(found.values()), "types") == tuple(found.values())
