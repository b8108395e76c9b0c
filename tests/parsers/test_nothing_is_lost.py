"""Whatever a model writes, every character of it is read, left over, or scaffolding; and reading it is quick."""

import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techgpt_ui.parsers import PARSERS, AnswerFormat, ParseContext
from techgpt_ui.parsers.base import is_scaffold, says_none
from techgpt_ui.parsers.field_lines import is_absent
from techgpt_ui.schema import Parsed, RawSpan

SOURCE = "2月8日上午，甲公司在北京、上海试验高炉 (a) of 1,000 MPa; Ada Lovelace met Bob, J. in Paris."
LABELS = ("甲", "人物", "时间", "地点", "属于", "材料", "Materials", "time", "person")
WELL_FORMED = [
    "实体名: 女人树， 实体类型：影视作品\n实体名: 甲， 实体类型：机构/人物",
    "1. Entity: Ada Lovelace, Type: person\n2. Entity: Bob, J., Type: person",
    "- Ada Lovelace (person)\n- 甲公司：人物",
    "<陈奕迅, 出生日期, 1974年>\n<《爱, 很简单》, 歌手, 陶喆>",
    "(a, b, c) (d, e, f)\n甲，属于，乙",
    "高炉，炼铁，Fe(OH)3，1,000 MPa，《论语》",
    "关键词：高炉、炼铁；焦比。",
    'Here are the keywords: steel, "a, b", and coke.',
    '{"keywords": ["steel", "iron"]}',
    "时间：2月8日上午。\n地点：北京、上海。\n人物：无。",
    "**time:** Tuesday morning\n**place:** Paris, France; Oslo\nwho: not mentioned",
    '{"时间": "上午", "地点": ["a", "b"]}',
    "地点：\n- 北京\n- 上海",
    "该文本属于材料领域。",
    'This text belongs to the field of "Materials".',
    "标题：《基于高炉的研究》\n\n说明：很好。",
    "Title: **A Study of Steel**.",
    "文中未提及。",
    "The passage does not say.",
    "无",
    "There are no keywords in the text.",
    "Sure:\n```python\ndef f(x):\n    return x\n```\nThat is it.\n~~~\nx\n~~~",
    "def f(x):\n    return [x]\n\nprint(f(1))",
    "I'm sorry, I cannot do that.",
]
MARKS = [
    *("\n", "：", ": ", "， ", ", ", ",", "、", "；", ";", "。", ".", "<", ">", "(", ")", "（", "）", "《", "》", "“"),
    *("”", '"', "'", "**", "*", "`", "```", "~~~", "# ", "- ", "1. ", "1、", "①", "(1)", "[", "]", "{", "}", "|", "\t"),
    *(" ", "/", "=", "无", "none", "关键词：", "Keywords:", "标题：", "以下是", "不属于", "实体名", "实体类型："),
    *("Type", "and ", "等", "\x00", "\ud800", "\u2028", "\r\n", "\u3000", "😀", "İ", "㈱", "１", "e\u0301", "\x85"),
]  # fmt: skip

Edit = Callable[[str, int, int, str], str]
EDITS: list[Edit] = [
    lambda text, low, high, mark: text[:low] + text[high:],
    lambda text, low, high, mark: text[:high] + text[low:],
    lambda text, low, high, mark: text[high:] + text[low:high] + text[:low],
    lambda text, low, high, mark: text[:low] + mark + text[low:],
    lambda text, low, high, mark: text[:low] + mark + text[low:high] + mark + text[high:],
    lambda text, low, high, mark: text[:high],
]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = "\n".join(draw(st.lists(st.sampled_from(WELL_FORMED), min_size=1, max_size=2)))
    for edit, first, second, mark in draw(
        st.lists(
            st.tuples(st.sampled_from(EDITS), st.integers(0, 200), st.integers(0, 200), st.sampled_from(MARKS)),
            max_size=5,
        )
    ):
        low, high = sorted((first % (len(text) + 1), second % (len(text) + 1)))
        text = edit(text, low, high, mark)
    return text


random_text = st.lists(st.sampled_from(MARKS) | st.text(max_size=4), max_size=25).map("".join)
contexts = st.builds(
    ParseContext,
    source=st.sampled_from(["", SOURCE]),
    labels=st.sampled_from([(), LABELS, ("a", "(b)+", ""), ("无",)]),
)


def spans(parsed: Parsed) -> Iterator[RawSpan]:
    yield from (*parsed.items, *parsed.labels, *parsed.prose, *parsed.leftovers)
    yield from (mention.surface for mention in parsed.mentions)
    yield from (part for triple in parsed.relations for part in (triple.head, triple.predicate, triple.tail))
    yield from (part for field in parsed.fields for part in (field.name, *field.values))
    yield from (block.source for block in parsed.code)


def gaps(raw: str, ranges: list[tuple[int, int]]) -> Iterator[str]:
    """The lines between ranges of ``raw``."""
    at = 0
    for start, end in [*sorted(ranges), (len(raw), len(raw))]:
        yield from filter(None, (line.strip() for line in raw[at:start].splitlines()))
        at = max(at, end)


def is_meaningless(form: AnswerFormat, line: str, parsed: Parsed) -> bool:
    """Whether a line is scaffolding, perhaps with the word for none behind it."""
    return form.is_scaffold(line) or (
        parsed.says_none and any(form.is_scaffold(line[:at]) and says_none(line[at:]) for at in range(len(line)))
    )


def inner_gaps(raw: str, parsed: Parsed) -> Iterator[str]:
    """What stands between the parts of a triple or a field."""
    for triple in parsed.relations:
        yield raw[triple.head.end : triple.predicate.start]
        yield raw[triple.predicate.end : triple.tail.start]
    for field in parsed.fields:
        assert field.start == field.name.start
        within = [(span.start - field.start, span.end - field.start) for span in (field.name, *field.values)]
        yield from gaps(raw[field.start : field.end], within)


@pytest.mark.parametrize("name", PARSERS)
@given(raw=mutated() | mutated() | random_text, context=contexts)
@settings(max_examples=1112, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_all_of_an_answer_is_accounted_for(name: str, raw: str, context: ParseContext) -> None:
    form = PARSERS[name]
    parsed = form.parse(raw, context)
    assert all(raw[span.start : span.end] == span.text and span.text.strip() for span in spans(parsed))
    left = [(span.start, span.end) for span in parsed.leftovers]
    assert all(end <= low or high <= start for start, end in left for low, high in parsed.pieces)
    assert all(is_meaningless(form, line, parsed) for line in gaps(raw, [*parsed.pieces, *left]))
    assert all(
        is_scaffold(gap) or is_absent(gap.strip(" \t\"'“”*`[]{}:：,，。.;；、|-#")) for gap in inner_gaps(raw, parsed)
    )
    assert not (parsed.says_none and parsed.pieces) or name == "passage_answer"


HOSTILE = [
    *("a,", "的", "'", '"', "(", "()", " ", "1. ", "关键词：", "关键词", "a:\n", "\n", "a\n", "`", "```", "```a\n"),
    *("** ", "实体名: 甲， 实体类型：人物\n", "实体名", "<a, b, c>", '{"a":', "- ", "，", "a\t", '\\"', "《", "没有"),
    *("1,", "时间：a。", "~~~\n", "x = 1\n", "领域：", "\u2028", "“", "type: ", "“a”、", "①", "*", "|", "[", "{", "<"),
]  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_no_answer_is_slow_to_read(name: str) -> None:
    context = ParseContext(source=SOURCE * 20, labels=LABELS)
    stretched = [f"a{gap * 19_990}b" for gap in (" ", "\t", "：", "*")]
    for raw in [*(piece * (20_000 // len(piece)) for piece in HOSTILE), *stretched]:
        started = time.monotonic()
        PARSERS[name].parse(raw, context)
        # Linear readers need a fiftieth of this, quadratic ones several times as long.
        assert time.monotonic() - started < 5, raw[:10]
