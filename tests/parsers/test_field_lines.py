"""Fields of an open extraction as models write them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui.parsers import PARSERS, ParseContext
from techgpt_ui.parsers.base import says_none

FORMAT = PARSERS["field_lines"]
SOURCE = "2月8日上午，甲公司在天津、大连开会。 In Paris, France and Oslo; in 1,000 MPa by Smith Inc. and Bob"
LABELS = ("时间", "地点", "a(b)+")

Fields = list[tuple[str, list[str]]]


def read(raw: str, labels: tuple[str, ...] = LABELS, source: str = SOURCE) -> Fields:
    parsed = FORMAT.parse(raw, ParseContext(source=source, labels=labels))
    return [(field.name.text, [value.text for value in field.values]) for field in parsed.fields]


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ("时间：2月8日上午。\n地点：北京、上海。", [("时间", ["2月8日上午"]), ("地点", ["北京", "上海"])]),
        ("地点：天津、大连", [("地点", ["天津、大连"])]),
        ("place: Paris, France; Oslo", [("place", ["Paris, France", "Oslo"])]),
        ("place: Oslo, Paris", [("place", ["Oslo", "Paris"])]),
        ("pressure: 1,000 MPa", [("pressure", ["1,000 MPa"])]),
        ("who: Smith Inc.; Bob.", [("who", ["Smith Inc.", "Bob"])]),
        ("- **时间**：2月8日\n- **地点**：无", [("时间", ["2月8日"]), ("地点", [])]),
        ("**Time:** Tuesday morning.\n1. Place: Oslo", [("Time", ["Tuesday morning"]), ("Place", ["Oslo"])]),
        ('{"时间": "上午", "地点": ["a", "b"], "x": ""}', [("时间", ["上午"]), ("地点", ["a", "b"]), ("x", [])]),
        ('{\n  "时间": "上午",\n  "地点": [\n    "a",\n    "b"\n  ]\n}', [("时间", ["上午"]), ("地点", ["a", "b"])]),
        ("时间：\n- 上午\n- 下午\n地点：\n北京", [("时间", ["上午", "下午"]), ("地点", ["北京"])]),
        ("时间：上午；地点：北京。", [("时间", ["上午"]), ("地点", ["北京"])]),
        ("时间：上午10:30", [("时间", ["上午10:30"])]),
        ("时间：上午\n时间：下午", [("时间", ["上午"]), ("时间", ["下午"])]),
        ("人物：张三", [("人物", ["张三"])]),
        ("a(b)+: Oslo", [("a(b)+", ["Oslo"])]),
    ],
)
def test_untidy_fields_are_read(raw: str, fields: Fields) -> None:
    assert read(raw) == fields
    assert FORMAT.parse(raw, ParseContext(source=SOURCE, labels=LABELS)).status == "parsed"


@pytest.mark.parametrize(
    "word",
    [
        "无",
        "无。",
        "未提及",
        "文中未提及。",
        "没有",
        "不详",
        "none",
        "None.",
        "N/A",
        "not mentioned in the text",
        "-",
        "[]",
        "",
    ],
)
def test_a_field_may_say_that_it_has_no_value(word: str) -> None:
    assert read(f"时间：{word}") == [("时间", [])]


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("以下是抽取结果：\n时间：上午", ["以下是抽取结果："]),
        ("时间：上午\n以上就是全部内容", ["以上就是全部内容"]),
        (
            "时间：上午\n这是一个非常长而且没有人要求过的所谓字段的名字：北京",
            ["这是一个非常长而且没有人要求过的所谓字段的名字：北京"],
        ),
        ("时间：上午\n见 http://a.b/c", ["见 http://a.b/c"]),
    ],
)
def test_what_is_no_field_is_left_over_to_the_letter(raw: str, left: list[str]) -> None:
    parsed = FORMAT.parse(raw, ParseContext(labels=LABELS))
    assert [leftover.text for leftover in parsed.leftovers] == left and parsed.status == "partial"


def test_a_plain_none_is_parsed_and_empty() -> None:
    assert FORMAT.parse("无", ParseContext(labels=LABELS)).status == "parsed"


@pytest.mark.parametrize("raw", ["", "I'm sorry, I cannot do that.", "10:30 开始"])
def test_what_cannot_be_read_is_unparsed(raw: str) -> None:
    assert FORMAT.parse(raw, ParseContext()).status == "unparsed"


words = st.from_regex(r"[A-Za-z\u4e00-\u4e09]{2}[a-z\u5e74]{0,9}", fullmatch=True).filter(
    lambda word: not says_none(word)
)


@pytest.mark.parametrize("dialect", ["techgpt", "english"])
@settings(max_examples=40, deadline=None)
@given(fields=st.lists(st.tuples(words, st.lists(words, max_size=4)), min_size=1, max_size=5))
def test_what_is_written_is_read_back(dialect: str, fields: Fields) -> None:
    written = FORMAT.write([(name, *values) for name, values in fields], dialect)
    assert read(written, tuple(name for name, _ in fields)) == fields
