"""Titles as models write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.parsers import PARSERS, ParseContext

FORMAT = PARSERS["one_line"]


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("高炉炼铁研究", "高炉炼铁研究"),
        ("标题：《高炉炼铁研究》", "高炉炼铁研究"),
        ("**标题**：高炉炼铁研究。", "高炉炼铁研究"),
        ("标题：\n高炉炼铁研究", "高炉炼铁研究"),
        ("论文标题为：高炉", "高炉"),
        ("题目:“高炉”", "高炉"),
        ('Title: "A Study: of Steel."', "A Study: of Steel"),
        ("**Title:** A Study of Steel", "A Study of Steel"),
        ("# A Study of Steel\n", "A Study of Steel"),
        ("1. 高炉炼铁研究", "高炉炼铁研究"),
        ("《红楼梦》与《水浒传》", "《红楼梦》与《水浒传》"),
        ("“A” and “B”", "“A” and “B”"),
        ("3D printing of 2.5 mm steel", "3D printing of 2.5 mm steel"),
        ("The Title of Nobility: a study", "The Title of Nobility: a study"),
        ("《高炉炼铁", "高炉炼铁"),
    ],
)
def test_wrapping_is_no_part_of_a_title(raw: str, title: str) -> None:
    parsed = FORMAT.parse(raw, ParseContext())
    assert [piece.text for piece in parsed.prose] == [title] and parsed.status == "parsed"


@pytest.mark.parametrize(
    ("raw", "title", "left"),
    [
        ("高炉炼铁研究\n\n本标题突出高炉。", "高炉炼铁研究", ["本标题突出高炉。"]),
        ("好的，以下是标题：《高炉》", "高炉", ["好的，以下是标题："]),
        ("Sure! Here is a title:\n\nA Study", "A Study", ["Sure! Here is a title:"]),
        ("I'm sorry, but here it is.\nA Study", "A Study", ["I'm sorry, but here it is."]),
    ],
)
def test_preambles_and_later_lines_are_left_over(raw: str, title: str, left: list[str]) -> None:
    parsed = FORMAT.parse(raw, ParseContext())
    assert [piece.text for piece in parsed.prose] == [title]
    assert [leftover.text for leftover in parsed.leftovers] == left


@pytest.mark.parametrize("raw", ["", " \n", "标题：", "...", "以下是标题："])
def test_an_answer_without_a_title_is_unparsed(raw: str) -> None:
    assert FORMAT.parse(raw, ParseContext()).status == "unparsed"


@given(st.from_regex(r"[A-Z\u4e00-\u4e09][A-Za-z0-9 :,，\u4e00-\u4e09]{0,40}[a-z\u5e74]", fullmatch=True))
def test_what_is_written_is_read_back(title: str) -> None:
    (piece,) = FORMAT.parse(FORMAT.write([(title,)], "techgpt"), ParseContext()).prose
    assert piece.text == title


def test_a_title_is_not_bound_to_its_abstract() -> None:
    assert FORMAT.grammar("abstract", (), "techgpt") is None
