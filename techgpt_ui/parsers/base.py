"""What the formats share: their protocol, the words for "nothing", and the bookkeeping of left-overs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from techgpt_ui.schema import Parsed, RawSpan, Record


class ParseContext(Record):
    """The source and the wished labels; used only where an answer can be read in two ways."""

    source: str = ""
    labels: tuple[str, ...] = ()


class AnswerFormat(Protocol):
    """One answer format: reader, writer and grammar side by side, so that they cannot drift apart."""

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Read an untidy answer; never raises, drops nothing."""

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write pieces exactly as the dialect has them."""

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str:
        """Lark grammar of the dialect whose spans are substrings of ``source``."""


NONE_WORDS = {"techgpt": "无", "english": "none"}

# What may stand around a piece without meaning anything: bullets, numbering, brackets, quotes, separators.
_SCAFFOLD = re.compile(
    r"""(?:\d{1,3}[.、)）:：](?!\d)|[①-⑳\s\-*•·#>|`'"“”‘’\[\]【】{}()（）<＜＞,，;；、。.:：=_~\\])*"""
)
_NONE = re.compile(
    r"""(?:无|没有|未发现|未找到|找不到|不存在|none|nothing|n/a|null|no|there\s+(?:is|are)\s+no|not\s+found)
        (?:[^\n,，:：<]{0,40})""",
    re.IGNORECASE | re.VERBOSE,
)
_MARKS = " \t\r\n.。!！<>[]()（）“”\"'`*-"


def is_scaffold(text: str) -> bool:
    """Whether ``text`` is only white space, bullets, numbering, brackets and separators."""
    return _SCAFFOLD.fullmatch(text) is not None


def says_none(raw: str) -> bool:
    """Whether the whole answer is a plain "there is nothing"."""
    bare = raw.strip(_MARKS)
    if not bare or "\n" in bare or len(bare) > 60:
        return False
    found = _NONE.fullmatch(bare)
    if found is None:
        return False
    word = bare.casefold()
    short = {"无", "没有", "none", "nothing", "n/a", "null", "no", "未发现", "未找到", "不存在", "not found"}
    return (
        word in short
        or re.search(r"实体|三元组|关系|结果|entit|relation|triple|没有|无|found|result", word) is not None
    )


def leftovers(raw: str, consumed: Iterable[tuple[int, int]]) -> tuple[RawSpan, ...]:
    """What no piece consumed, a line each, scaffolding aside."""
    found: list[RawSpan] = []
    at = 0
    for start, end in [*sorted(set(consumed)), (len(raw), len(raw))]:
        if start > at:
            found += _meaningful_lines(raw, at, start)
        at = max(at, end)
    return tuple(found)


def trimmed(raw: str, start: int, end: int, marks: str) -> RawSpan:
    """``raw[start:end]`` without ``marks`` and white space at its ends."""
    while start < end and (raw[start].isspace() or raw[start] in marks):
        start += 1
    while end > start and (raw[end - 1].isspace() or raw[end - 1] in marks):
        end -= 1
    return RawSpan(text=raw[start:end], start=start, end=end)


def _meaningful_lines(raw: str, start: int, end: int) -> list[RawSpan]:
    lines = []
    at = start
    for line in raw[start:end].splitlines(keepends=True):
        span = trimmed(raw, at, at + len(line), "")
        at += len(line)
        if not is_scaffold(span.text):
            lines.append(span)
    return lines
