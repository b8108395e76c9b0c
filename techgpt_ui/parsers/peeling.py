"""Taking the wrapping off a piece: bullets, numbering, quotes, brackets, markdown, full stops."""

from __future__ import annotations

import re

from techgpt_ui.schema import RawSpan

BULLET = re.compile(
    r"""(?:\s*(?:[-–—*+•·●▪>\#]+[ \t]+|[•●▪]|[（(]\d{1,3}[)）](?=\D)
             |\d{1,3}(?:[.．、)）](?!\d)|[:：](?=\s))|[①-⑳])){1,3}\s*""",
    re.VERBOSE,
)
QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』", '"': '"', "'": "'", "`": "`", "*": "*", "_": "_"}
BRACKETS = {"[": "]", "【": "】", "{": "}", "(": ")", "（": "）", "<": ">", "＜": "＞"}
TITLE_MARKS = {"《": "》", "〈": "〉"}
_ABBREVIATION = re.compile(r"(?:\.[A-Za-z]{1,3}|\b[A-Z][a-z]{0,3}|\bal|\betc)\.$")
_MAX_ROUNDS = 6


def after_bullet(raw: str, start: int, end: int) -> int:
    """Where the text behind bullets and numbering starts."""
    found = BULLET.match(raw, start, end)
    return found.end() if found else start


def unwrapped(raw: str, start: int, end: int, pairs: dict[str, str], edge: str = "") -> RawSpan:
    """``raw[start:end]`` without white space, ``edge`` marks and the ``pairs`` that stand around all of it."""
    if start < end and raw[start].isalnum() and raw[end - 1].isalnum():
        return RawSpan(text=raw[start:end], start=start, end=end)
    for _ in range(_MAX_ROUNDS):
        before = start, end
        while start < end and (raw[start].isspace() or raw[start] in edge):
            start += 1
        while end > start and (raw[end - 1].isspace() or raw[end - 1] in edge):
            end -= 1
        start, end = _without_pair(raw, start, end, pairs)
        if (start, end) == before:
            break
    return RawSpan(text=raw[start:end], start=start, end=end)


def without_stop(span: RawSpan, source: str) -> RawSpan:
    """The span without its full stop; the one of an abbreviation stays if it stands in the source."""
    text = span.text.rstrip("。")
    if text.endswith(".") and not text.endswith("..") and not (_ABBREVIATION.search(text) and text in source):
        text = text[:-1].rstrip()
    return RawSpan(text=text, start=span.start, end=span.start + len(text))


def _without_pair(raw: str, start: int, end: int, pairs: dict[str, str]) -> tuple[int, int]:
    """Take one pair off, or a quote or bracket whose partner is missing (cut off, or beyond a separator)."""
    if start >= end:
        return start, end
    first, last = raw[start], raw[end - 1]
    closing = pairs.get(first)
    if closing is not None:
        if last == closing and end - start > 1 and _encloses(raw, start, end, first, closing):
            return start + 1, end - 1
        if closing not in raw[start:end].lstrip(first) and first != "'":
            return start + 1, end
    for opening, closer in pairs.items():
        if last == closer and last != "'" and opening not in raw[start:end].rstrip(last):
            return start, end - 1
    return start, end


def _encloses(raw: str, start: int, end: int, opening: str, closing: str) -> bool:
    """Whether the first mark is closed by the last one and by none before."""
    if opening == closing:
        inside = raw[start + 1 : end - 1].strip(opening)
        return opening not in inside or opening in "_'"
    depth = 0
    for at in range(start, end):
        depth += (raw[at] == opening) - (raw[at] == closing)
        if depth == 0:
            return at == end - 1
    return False
