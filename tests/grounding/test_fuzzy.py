"""Places that a surface resembles."""

import pytest

from techgpt_ui.grounding import fold
from techgpt_ui.grounding.borders import cuts
from techgpt_ui.grounding.fuzzy import resemblances


def texts(source: str, surface: str) -> list[str]:
    found = resemblances(fold(surface).text, fold(source), cuts(source))
    return [source[start:end] for _, (start, end) in found]


@pytest.mark.parametrize(
    ("source", "surface", "text"),
    [
        ("the Nordic Sea Institute in Oslo", "Nordic Sea Institut", "Nordic Sea Institute"),
        ("采用富氧喷煤工艺技术生产", "富氧喷媒工艺技术", "富氧喷煤工艺技术"),
        ("可以静脉注射头孢克肟", "静脉注射的头孢克肟", "静脉注射头孢克肟"),
        ("two gene mutations here", "gene mutation", "gene mutations"),
        ("an İzmir organisation", "izmir organization", "İzmir organisation"),
    ],
)
def test_a_few_edits_are_forgiven_and_the_span_ends_on_word_borders(source: str, surface: str, text: str) -> None:
    assert texts(source, surface) == [text]


@pytest.mark.parametrize(
    ("source", "surface"),
    [
        ("北方有山", "北京大学"),
        ("北京", "北京大学"),
        ("北京大学第三医院", "北京大学第三附属医院"),
        ("international cooperation", "internal"),
    ],
)
def test_a_shared_beginning_is_not_enough(source: str, surface: str) -> None:
    assert texts(source, surface) == []


@pytest.mark.parametrize(("source", "surface"), [("two cats", "cat"), ("张三丰说", "张三风"), ("The party", "par")])
def test_surfaces_under_four_characters_are_never_fuzzy(source: str, surface: str) -> None:
    assert texts(source, surface) == []


@pytest.mark.parametrize(
    ("source", "surface"), [("华为子公司", "华为公司"), ("南京理工大学", "南京化工大学"), ("张三丰先生", "张三先生")]
)
def test_one_edit_in_a_short_chinese_name_makes_another_name(source: str, surface: str) -> None:
    assert texts(source, surface) == []


@pytest.mark.parametrize(
    ("source", "surface"), [("湖南大学附属医院", "河南大学附属医院"), ("the brain", "rain"), ("siRNA", "miRNA")]
)
def test_the_first_character_may_not_differ(source: str, surface: str) -> None:
    assert texts(source, surface) == []


def test_a_differing_number_is_not_forgiven() -> None:
    assert texts("服用250毫克头孢克肟片剂", "服用350毫克头孢克肟片剂") == []


def test_a_differing_negation_is_not_forgiven() -> None:
    assert texts("患者可以进行手术治疗", "患者不可以进行手术治疗") == []


def test_fewer_edits_come_first() -> None:
    source = "gene mutatiions are an old topic of research, but gene mutations"
    assert texts(source, "gene mutation") == ["gene mutations", "gene mutatiions"]


def test_places_in_a_long_source_are_found_wherever_they_stand() -> None:
    source = "。".join(["天地玄黄宇宙洪荒"] * 200 + ["静脉注射头孢克肟"] + ["日月盈昃辰宿列张"] * 200)
    assert texts(source, "静脉注射的头孢克肟") == ["静脉注射头孢克肟"]


def test_a_passage_is_not_searched_for() -> None:
    assert texts("x" + "长" * 300, "长" * 299 + "短") == []
