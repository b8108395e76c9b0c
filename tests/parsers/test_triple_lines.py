"""Triples as models write them."""

import pytest

from techgpt_ui.parsers import PARSERS, ParseContext

FORMAT = PARSERS["triple_lines"]
SOURCE = "Smith, John was born in Paris, France"


@pytest.mark.parametrize(
    ("raw", "pieces"),
    [
        ("<陈奕迅, 出生日期, 1974年>", [("陈奕迅", "出生日期", "1974年")]),
        ("<link prediction, 属于, KG>", [("link prediction", "属于", "KG")]),
        ("＜甲，乙，丙＞；<丁, 戊, 己>", [("甲", "乙", "丙"), ("丁", "戊", "己")]),
        ("（甲，乙，丙）", [("甲", "乙", "丙")]),
        ("1. (a, b, c) (d, e, f)", [("a", "b", "c"), ("d", "e", "f")]),
        ("<《爱, 很简单》, 歌手, 陶喆>", [("《爱, 很简单》", "歌手", "陶喆")]),
        ("<Smith, John, born in, Paris>", [("Smith, John", "born in", "Paris")]),
        ("<x<y>, 属于, z>", [("x<y>", "属于", "z")]),
        ("<a, costs, 100,000>", [("a", "costs", "100,000")]),
        ("Paris, in, France", [("Paris", "in", "France")]),
        ("<a, b, c\n<d, e, f>", [("a", "b", "c"), ("d", "e", "f")]),
    ],
)
def test_untidy_triples_are_read(raw: str, pieces: list[tuple[str, str, str]]) -> None:
    parsed = FORMAT.parse(raw, ParseContext(source=SOURCE))
    found = [(r.head.text, r.predicate.text, r.tail.text) for r in parsed.relations]
    assert found == pieces and parsed.status == "parsed"


def test_preambles_and_a_cut_off_triple_are_left_over_to_the_letter() -> None:
    parsed = FORMAT.parse("Sure, here are, the triples:\n<a, b, c>\n<陈奕迅, 出生", ParseContext(source=SOURCE))
    assert [leftover.text for leftover in parsed.leftovers] == ["Sure, here are, the triples:", "<陈奕迅, 出生"]
