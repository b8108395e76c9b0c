"""The sentences of a source in which the ends of a triple stand, cut into pieces that say whose name they are."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from techgpt_ui.schema import Mention, Record

Role = Literal["", "head", "tail", "both", "cut"]
Range = tuple[int, int]

CONTEXT = 160
"""Characters of a sentence kept before the first and after the last name in it."""

# A full stop ends a sentence only before white space, and not after "J." or "Dr.".
_BREAK = re.compile(r"[。！？!?；\n]+[”’\"』」）)]*|(?<!\b[A-Z])(?<!\b[A-Z][a-z])\.(?=\s)")


class Piece(Record):
    """A stretch of evidence; ``cut`` stands for text left out."""

    text: str
    role: Role = ""


class Evidence(Record):
    """The sentence, or the two sentences, in which the ends of a triple stand."""

    run: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The words without their marks."""
        return "".join(piece.text for piece in self.pieces).strip()


class _Place(NamedTuple):
    """Where an end of a triple stands in the source."""

    start: int
    end: int
    role: Role


class Witness:
    """One source with its sentences."""

    def __init__(self, run: str, source: str) -> None:
        self._run = run
        self._source = source
        self._sentences = sentences(source)

    def evidence(self, head: Mention, tail: Mention) -> Evidence | None:
        """The sentences of head and tail, or one that names both; None when neither stands in the source."""
        places = [*_placed(head, "head"), *_placed(tail, "tail")]
        if not places:
            return None
        if len({self._around(place) for place in places}) > 1:
            places = self._together(places) or places
        stretches = _merged(self._around(place) for place in places)
        return Evidence(run=self._run, pieces=tuple(_pieces(self._source, stretches, places)))

    def _around(self, place: _Place) -> Range:
        """From the start of the place's first sentence to the end of its last."""
        return self._sentences[self._at(place.start)][0], self._sentences[self._at(place.end - 1)][1]

    def _at(self, offset: int) -> int:
        return bisect_right(self._sentences, (offset, len(self._source))) - 1

    def _together(self, places: Sequence[_Place]) -> list[_Place]:
        """All names within one sentence, where there is one: a mention is placed only once, often elsewhere."""
        found = [self._occurrences(place) for place in places]
        common = set(found[0]).intersection(*found)
        return [hits[min(common)] for hits in found] if common else []

    def _occurrences(self, place: _Place) -> dict[int, _Place]:
        """Where the name stands first in each sentence, but not within a longer Latin word or number."""
        name = re.escape(self._source[place.start : place.end])
        hits = [*re.finditer(rf"(?<![A-Za-z0-9]){name}(?![A-Za-z0-9])", self._source)]
        return {self._at(hit.start()): _Place(*hit.span(), place.role) for hit in reversed(hits)}


def sentences(source: str) -> list[Range]:
    """The ranges of the sentences of a Chinese or English text; together they are the whole text."""
    ends = [found.end() for found in _BREAK.finditer(source)]
    return [(start, end) for start, end in pairwise([0, *ends, len(source)]) if start < end]


def _placed(mention: Mention, role: Role) -> list[_Place]:
    return [] if mention.start is None or mention.end is None else [_Place(mention.start, mention.end, role)]


def _merged(ranges: Iterable[Range]) -> list[Range]:
    """The ranges in their order, touching ones made one."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _pieces(source: str, stretches: Sequence[Range], places: Sequence[_Place]) -> Iterator[Piece]:
    """The stretches cut at every border of a name; what is far from the names is left out."""
    shown = stretches[0][0]
    for start, end in stretches:
        within = [place for place in places if start <= place.start and place.end <= end]
        begin = max(start, min(place.start for place in within) - CONTEXT)
        finish = min(end, max(place.end for place in within) + CONTEXT)
        if begin > shown:
            yield Piece(text="…", role="cut")
        borders = sorted({begin, finish, *(border for place in within for border in (place.start, place.end))})
        for left, right in pairwise(borders):
            roles = [place.role for place in within if place.start <= left and right <= place.end]
            yield Piece(text=source[left:right], role="both" if len(roles) > 1 else (*roles, "")[0])
        shown = finish
    if shown < stretches[-1][1]:
        yield Piece(text="…", role="cut")
