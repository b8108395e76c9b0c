"""Keywords and terms as models write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.parsers import PARSERS, ParseContext
from techgpt_ui.parsers.base import says_none

FORMAT = PARSERS["item_list"]
SOURCE = "U.S. steel by Apple Inc. and coke for 平等 of 材料 such as 钢铁 and 铝, in ISO 9001:2015 and (甲方)."


def read(raw: str, source: str = "") -> list[str]:
    return [item.text for item in FORMAT.parse(raw, ParseContext(source=source)).items]


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        ("高炉，炼铁，焦比", ["高炉", "炼铁", "焦比"]),
        ("关键词：高炉、炼铁；焦比。", ["高炉", "炼铁", "焦比"]),
        ("术语是高炉、炼铁", ["高炉", "炼铁"]),
        ("**Keywords:** steel, iron, and coke.", ["steel", "iron", "coke"]),
        ("Terms:\n* steel\n* iron making", ["steel", "iron making"]),
        ("1. 高炉\n2、炼铁\n(3) 焦比\n", ["高炉", "炼铁", "焦比"]),
        ("1. steel 2. iron 3. coke", ["steel", "iron", "coke"]),
        ("① 高炉② 炼铁", ["高炉", "炼铁"]),
        ("Fe(OH)3, NaCl (salt, common), 《论语》", ["Fe(OH)3", "NaCl (salt, common)", "《论语》"]),
        ('"a, b", “c，d”', ["a, b", "c，d"]),
        ("strength of 1,000 MPa, 1,2-dichloroethane", ["strength of 1,000 MPa", "1,2-dichloroethane"]),
        ('["steel", "iron"]', ["steel", "iron"]),
        ('{"keywords": ["steel", "iron"]}', ["steel", "iron"]),
        ("机器学习 深度学习 神经网络", ["机器学习", "深度学习", "神经网络"]),
        ("C++, C#, TNF-α, 3D printing", ["C++", "C#", "TNF-α", "3D printing"]),
        ("无人机，无机材料，没有免费午餐定理", ["无人机", "无机材料", "没有免费午餐定理"]),
        ("高炉，高炉，炼", ["高炉", "高炉", "炼"]),
    ],
)
def test_untidy_lists_are_read(raw: str, items: list[str]) -> None:
    assert read(raw) == items and FORMAT.parse(raw, ParseContext()).status == "parsed"


@pytest.mark.parametrize(
    ("raw", "items", "left"),
    [
        ("以下是文本的关键词：\n高炉，炼铁", ["高炉", "炼铁"], ["以下是文本的关键词："]),
        ("Sure, here are the keywords: steel, iron", ["steel", "iron"], ["Sure, here are the keywords:"]),
        ("该文本的关键词包括高炉、炼铁", ["高炉", "炼铁"], ["该文本的关键词包括"]),
        ("- **高炉**：一种设备，用于炼铁\n- 焦比", ["高炉", "焦比"], ["一种设备，用于炼铁"]),
        ("steel\n\nNote: these are few, but good.", ["steel"], ["Note: these are few, but good."]),
        (f"钢，{'很' * 61}", ["钢"], ["很" * 61]),
        ("steel, " + "very " * 12 + "long", ["steel"], [("very " * 12 + "long")]),
        ("I'm sorry, I cannot help with that.", [], ["I'm sorry, I cannot help with that."]),
        (
            "These terms sum up the main topics of it, such as steel.",
            [],
            ["These terms sum up the main topics of it, such as steel."],
        ),
    ],
)
def test_what_is_no_item_is_left_over_to_the_letter(raw: str, items: list[str], left: list[str]) -> None:
    parsed = FORMAT.parse(raw, ParseContext())
    assert [item.text for item in parsed.items] == items
    assert [leftover.text for leftover in parsed.leftovers] == left
    assert parsed.status == ("partial" if items else "unparsed")


@pytest.mark.parametrize(
    ("raw", "items"),
    [
        ("U.S., Apple Inc.", ["U.S.", "Apple Inc."]),
        ("钢铁，铝等。", ["钢铁", "铝"]),
        ("钢铁，平等。", ["钢铁", "平等"]),
        ("材料：钢铁，铝", ["钢铁", "铝"]),
        ("钢铁, 铝 and coke", ["钢铁", "铝", "coke"]),
        ("ISO 9001:2015, coke", ["ISO 9001:2015", "coke"]),
        ("“steel, coke”", ["steel", "coke"]),
        ("(甲方), (coke)", ["(甲方)", "coke"]),
    ],
)
def test_doubts_are_put_to_the_source(raw: str, items: list[str]) -> None:
    assert read(raw, SOURCE) == items


@pytest.mark.parametrize(
    "raw", ["无", "没有关键词。", "关键词：无", "None.", "There are no keywords in the text.", "Keywords: none"]
)
def test_a_plain_none_is_parsed_and_empty(raw: str) -> None:
    parsed = FORMAT.parse(raw, ParseContext())
    assert parsed.says_none and not parsed.items and parsed.status == "parsed"


@pytest.mark.parametrize("dialect", ["techgpt", "english"])
@given(
    items=st.lists(
        st.from_regex(r"[A-Za-z\u4e00-\u4e09]{2}[a-z0-9\u5e74]{0,9}", fullmatch=True).filter(
            lambda item: not says_none(item)
        ),
        max_size=9,
    )
)
def test_what_is_written_is_read_back(dialect: str, items: list[str]) -> None:
    assert read(FORMAT.write([(item,) for item in items], dialect)) == items
