"""A text as tokens, for the formats that need them: unspaced scripts by character, others by word and mark."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from techgpt_ui.exporters.spans import Span

_UNSPACED = (  # Thai and Lao, Burmese, Khmer, kana, Han
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]")
_SENTENCE_END = re.compile(r"[。！？；!?](?=\s|[^\W\d_])|[。！？]|\.(?=\s)|\n")


class Token(NamedTuple):
    """``text[start:end]``, and whether white space follows."""

    start: int
    end: int
    spaced: bool


def tokens_of(text: str, spans: Iterable[Span] = ()) -> list[Token]:
    """The tokens of a text, cut also where a span begins or ends, so that every span is made of whole tokens."""
    borders = sorted({place for span in spans for place in (span.start, span.end)})
    found = [
        (start, end) for match in _TOKEN.finditer(text) for start, end in _pieces(match.start(), match.end(), borders)
    ]
    return [Token(start, end, text[end : end + 1].isspace()) for start, end in found]


def inside(tokens: list[Token], start: int, end: int) -> tuple[int, int] | None:
    """The first and the last token of a span; None where it is made of white space alone."""
    first = bisect_left(tokens, start, key=lambda token: token.start)
    after = bisect_left(tokens, end, key=lambda token: token.start)
    return (first, after - 1) if first < after else None


def sentence_ends(text: str, spans: Iterable[Span]) -> list[int]:
    """Where sentences end, the text's own end last; never inside a span."""
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    crossed = [(span.start, span.end) for span in spans]
    free = [end for end in ends if not any(start < end < stop for start, stop in crossed)]
    return [*(end for end in free if end < len(text)), len(text)]


def _pieces(start: int, end: int, borders: list[int]) -> list[tuple[int, int]]:
    within = borders[bisect_left(borders, start + 1) : bisect_left(borders, end)]
    edges = [start, *within, end]
    return list(pairwise(edges))
