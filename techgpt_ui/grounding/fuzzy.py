"""Places in the source that a surface resembles within a few edits."""

from __future__ import annotations

import math
from typing import NamedTuple

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from techgpt_ui.grounding.borders import Cut
from techgpt_ui.grounding.guards import tell_the_same
from techgpt_ui.grounding.normalise import UNSPACED, Folded, Span

MIN_LENGTH_RATIO = 0.8
"""Least ratio of the shorter to the longer text."""

CHARACTERS_PER_EDIT = 5
CHARACTERS_PER_EDIT_UNSPACED = 7
"""A Chinese character is a morpheme: one edit in six makes another name (华为公司, 华为子公司), in seven rarely."""

MIN_LENGTH = 4
"""Shorter surfaces are other words after one edit."""

MAX_EDITS = 8
"""More edits make a paraphrase, however long the text; the bound also keeps the search narrow."""

MAX_LENGTH = 256
"""Longer surfaces are passages, not mentions; the bound keeps the time per surface to milliseconds."""

MAX_WINDOWS = 16
"""How many stretches of the source, the most similar first, are looked at closely."""

MIN_WINDOW_SCORE = 60
"""A match within the bounds scores at least this much in ``partial_ratio``, whose window has a fixed length."""


class Resemblance(NamedTuple):
    """A source span and the edits (in characters) between it and the surface, both folded."""

    edits: int
    span: Span


def resemblances(form: str, source: Folded, cuts: bytes) -> list[Resemblance]:
    """Non-overlapping places like the folded surface ``form``, fewest edits first.

    A place has the surface's first character, its numbers, units, negations and opposites, begins and ends on word
    borders, and is similar enough for its script (share of the longer text that needs no edit).
    """
    if not MIN_LENGTH <= len(form) <= MAX_LENGTH:
        return []
    places = {_closest(form, source, cuts, near) for near in _promising_offsets(form, source.text)}
    kept: list[Resemblance] = []
    for place in sorted(place for place in places if place):
        if all(place.span[1] <= other.span[0] or other.span[1] <= place.span[0] for other in kept):
            kept.append(place)
    return kept


def _promising_offsets(form: str, text: str) -> list[int]:
    """Folded offsets near which something like ``form`` begins, the likeliest first."""
    step = math.floor(len(form) / MIN_LENGTH_RATIO) + 1
    # Each window is two steps long, so that any match lies wholly within one of them.
    windows = [text[at : at + 2 * step] for at in range(0, len(text), step)]
    best = process.extract(
        form, windows, scorer=fuzz.partial_ratio, score_cutoff=MIN_WINDOW_SCORE, limit=MAX_WINDOWS, processor=None
    )
    found = []
    for window, _, index in best:
        alignment = fuzz.partial_ratio_alignment(form, window, processor=None)
        if alignment:
            found.append(index * step + alignment.dest_start)
    return found


def _closest(form: str, source: Folded, cuts: bytes, near: int) -> Resemblance | None:
    """The span with the fewest edits that begins around the folded offset ``near``."""
    slack = min(len(form) // 4, MAX_EDITS) + 1
    choices = {
        (start, end): source.text[start:end]
        for start in range(max(0, near - slack), min(len(source.text), near + slack + 1))
        if source.text[start] == form[0] and source.is_border(start) and cuts[source.starts[start]] < Cut.WITHIN
        for end in _ends(form, source, cuts, start)
    }
    # Of equally similar spans the first is taken: let that be one that also ends like the surface.
    choices = dict(sorted(choices.items(), key=lambda choice: choice[1][-1] != form[-1]))
    best = process.extractOne(form, choices, scorer=Levenshtein.normalized_similarity, processor=None)
    if best is None:
        return None
    text, _, (start, end) = best
    edits = Levenshtein.distance(form, text)
    if edits > _allowed_edits(form, text) or not tell_the_same(form, text):
        return None
    return Resemblance(edits, (source.starts[start], source.ends[end - 1]))


def _allowed_edits(form: str, text: str) -> int:
    per_edit = CHARACTERS_PER_EDIT_UNSPACED if UNSPACED.search(form) else CHARACTERS_PER_EDIT
    return min(MAX_EDITS, max(len(form), len(text)) // per_edit)


def _ends(form: str, source: Folded, cuts: bytes, start: int) -> list[int]:
    """Folded offsets where a span from ``start`` may end: within the length ratio, on borders."""
    first = start + max(math.ceil(len(form) * MIN_LENGTH_RATIO), len(form) - MAX_EDITS)
    longest = min(math.floor(len(form) / MIN_LENGTH_RATIO), len(form) + MAX_EDITS)
    return [
        end
        for end in range(first, min(len(source.text), start + longest) + 1)
        if source.text[end - 1] != " " and source.is_border(end) and cuts[source.ends[end - 1]] < Cut.WITHIN
    ]
