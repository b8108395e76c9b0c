"""Assign the surfaces of an answer to places in the source, all of them together.

Tiers: exact, exact after folding ("normalized"), bounded edit distance ("fuzzy"), ungrounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from techgpt_ui.grounding.borders import Cut, cuts
from techgpt_ui.grounding.fuzzy import resemblances
from techgpt_ui.grounding.normalise import Span, fold
from techgpt_ui.schema import Alignment, AlignmentStatus

UNGROUNDED = Alignment(start=None, end=None, status="ungrounded")

_CLOSERS = {"(": ")", "[": "]", "{": "}", "《": "》", '"': '"', "'": "'"}
_OPENERS = {closer: opener for opener, closer in _CLOSERS.items()}


def align(source: str, surfaces: Sequence[str]) -> list[Alignment]:
    """One alignment for each surface, in input order; offsets in code points of ``source``.

    Longer surfaces are placed first, so that a shorter one prefers an occurrence outside them. Equal surfaces take
    the first free occurrences in the order of the source; surplus ones reuse these. "ambiguous" means found to the
    letter or after folding, but with more equally good occurrences than mentions; the first ones are given.
    """
    page = _Page(source)
    members: dict[str, list[int]] = {}
    for index, surface in enumerate(surfaces):
        members.setdefault(surface.strip(), []).append(index)
    forms = {surface: fold(surface).text for surface in members}
    literal = {surface: page.find(surface, forms[surface]) for surface in members}
    found: dict[str, list[Alignment]] = {}
    # The sort is stable, and an exact match claims its occurrence before another that is equal only after folding.
    for surface in sorted(members, key=lambda surface: (-len(forms[surface]), literal[surface][0] != "exact")):
        found[surface] = page.place(*literal[surface], len(members[surface]))
    # To the letter is the stronger evidence: fuzzy spans go where that leaves room.
    for surface in sorted(members, key=lambda surface: -len(forms[surface])):
        if not found[surface]:
            found[surface] = page.place("fuzzy", page.find_similar(_bare(forms[surface])), len(members[surface]))
    aligned = [UNGROUNDED] * len(surfaces)
    for surface, indices in members.items():
        for index, alignment in zip(indices, found[surface], strict=False):
            aligned[index] = alignment
    return aligned


class _Page:
    """The source, and which of its characters mentions already stand on."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.folded = fold(source)
        self.cuts = cuts(source)
        self.spans: set[Span] = set()
        self.covered = bytearray(len(source))
        """1 where a placed mention stands, in its own or in any other of its occurrences."""
        self.claimed = bytearray(len(source))
        """1 where a placed mention stands in its own occurrence."""

    def find(self, surface: str, form: str) -> tuple[AlignmentStatus, list[Span]]:
        """All occurrences in the best tier short of fuzzy; a word or number is never cut apart."""
        if spans := _occurrences(self.source, surface, lambda start, end: self._uncut((start, end))):
            return "exact", spans
        for wanted in (form, _bare(form)):
            if spans := _occurrences(self.folded.text, wanted, lambda *found: self._uncut(self.folded.span(*found))):
                return "normalized", spans
        return "ungrounded", []

    def find_similar(self, form: str) -> list[Span]:
        """The fuzzy places with the fewest edits that do not cross a mention (nesting is fine)."""
        fits = [place for place in resemblances(form, self.folded, self.cuts) if not self._crosses(place.span)]
        return [place.span for place in fits if place.edits == fits[0].edits]

    def place(self, status: AlignmentStatus, spans: list[Span], count: int) -> list[Alignment]:
        """Give ``count`` equal mentions the best of ``spans``; empty where there are none."""
        if not spans:
            return []
        chosen = sorted(sorted(spans, key=self._rank)[:count])
        offered = Counter(map(self._quality, spans))
        taken = Counter(map(self._quality, chosen))
        alignments = []
        for span in chosen:
            is_open = status != "fuzzy" and offered[self._quality(span)] > taken[self._quality(span)]
            alignments.append(Alignment(start=span[0], end=span[1], status="ambiguous" if is_open else status))
        self._mark(spans, chosen)
        return [alignments[index % len(alignments)] for index in range(count)]

    def _uncut(self, span: Span | None) -> Span | None:
        return span if span and self._cut(span) < Cut.WITHIN else None

    def _cut(self, span: Span) -> int:
        return max(self.cuts[span[0]], self.cuts[span[1]])

    def _crosses(self, span: Span) -> bool:
        return any(
            other[0] < span[0] < other[1] < span[1] or span[0] < other[0] < span[1] < other[1] for other in self.spans
        )

    def _rank(self, span: Span) -> tuple[bool, bool, bool, int, int]:
        """Sort key, best first: free, uncovered, at least not claimed, on clean borders, early."""
        return span in self.spans, _has(self.covered, span), _has(self.claimed, span), self._cut(span), span[0]

    def _quality(self, span: Span) -> tuple[bool, bool, int]:
        """What makes two occurrences equally good, so that the choice between them is open."""
        return span in self.spans, _has(self.covered, span), self._cut(span)

    def _mark(self, spans: Iterable[Span], chosen: Iterable[Span]) -> None:
        for start, end in spans:
            self.covered[start:end] = b"\1" * (end - start)
        for start, end in chosen:
            self.claimed[start:end] = b"\1" * (end - start)
            self.spans.add((start, end))


def _has(marks: bytearray, span: Span) -> bool:
    return marks.find(1, *span) >= 0


def _occurrences(text: str, wanted: str, locate: Callable[[int, int], Span | None]) -> list[Span]:
    """Source spans of the non-overlapping occurrences that ``locate`` accepts."""
    found = []
    at = text.find(wanted) if wanted else -1
    while at >= 0:
        span = locate(at, at + len(wanted))
        if span:
            found.append(span)
        at = text.find(wanted, at + (len(wanted) if span else 1))
    return found


def _bare(form: str) -> str:
    """A folded surface without brackets and quotes around it, nor a lone one, nor closing punctuation."""
    while form:
        first, last = form[0], form[-1]
        if len(form) > 1 and (_CLOSERS.get(first) == last or (first, last) == ("<", ">")):
            form = form[1:-1].strip()
        elif first in _CLOSERS and _CLOSERS[first] not in form[1:]:
            form = form[1:].lstrip()
        elif last in ".,;:" or (last in _OPENERS and _OPENERS[last] not in form[:-1]):
            form = form[:-1].rstrip()
        else:
            break
    return form
