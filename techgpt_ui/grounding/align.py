"""Assign every surface of an answer to a place in the source, all surfaces together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import regex
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from techgpt_ui.grounding.normalise import Folded, fold
from techgpt_ui.schema import Alignment, AlignmentStatus

Range = tuple[int, int]

UNGROUNDED = Alignment(start=None, end=None, status="ungrounded")
MIN_FUZZY_LENGTH = 4
"""Shorter surfaces are never matched by edit distance: one edit would make another word of them."""
MIN_LENGTH_RATIO = 0.8
MIN_SIMILARITY = 85.0
"""Normalised similarity in percent that an edit-distance match must reach."""
MAX_EDITS = 3

_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]")
_WORD = regex.compile(r"[\p{L}\p{N}_]")
_SPACED_WORD = regex.compile(r"\S+")
_NUMBER = regex.compile(r"\d+(?:[.,]\d+)*|[零〇一二三四五六七八九十百千万亿两]+")
_NEGATION = regex.compile(r"[不没無无非未否莫勿]|\b(?:not?|never|none|without|non|un|in|im|dis)(?=\b|-)|n't", regex.I)
_BRACKETS = {
    ("《", "》"),
    ("“", "”"),
    ('"', '"'),
    ("'", "'"),
    ("「", "」"),
    ("(", ")"),
    ("（", "）"),
    ("[", "]"),
    ("【", "】"),
}


def align(source: str, surfaces: Sequence[str]) -> list[Alignment]:
    """One alignment a surface, in the order given.

    Tiers: exact, exact after folding, bounded edit distance, ungrounded. Longer surfaces are placed
    first; equal ones take successive occurrences; an occurrence inside a longer mention is taken only
    when no other is left. A surface named more often than it occurs reuses its occurrences.
    """
    folded = fold(source)
    placed: list[Range] = []
    found: dict[int, Alignment] = {}
    groups: dict[str, list[int]] = defaultdict(list)
    for at, surface in enumerate(surfaces):
        groups[surface.strip()].append(at)
    for surface in sorted(groups, key=len, reverse=True):
        members = groups[surface]
        status, ranges = _candidates(source, folded, surface)
        for at, alignment in zip(members, _assign(ranges, len(members), placed, status), strict=True):
            found[at] = alignment
            if alignment.start is not None and alignment.end is not None:
                placed.append((alignment.start, alignment.end))
    return [found[at] for at in range(len(surfaces))]


def _candidates(source: str, folded: Folded, surface: str) -> tuple[AlignmentStatus, list[Range]]:
    if not surface:
        return "ungrounded", []
    if ranges := [r for r in _occurrences(source, surface) if _on_word_borders(source, r)]:
        return "exact", ranges
    for wanted in _unbracketed(surface):
        if ranges := [r for r in _folded_occurrences(folded, wanted) if _on_word_borders(source, r)]:
            return "normalized", ranges
    best = _closest(source, folded, surface)
    return ("fuzzy", [best]) if best else ("ungrounded", [])


def _assign(ranges: list[Range], count: int, placed: list[Range], status: AlignmentStatus) -> Iterator[Alignment]:
    """Give ``count`` equal surfaces their places: uncovered ones first, in the order of the text."""
    if not ranges:
        yield from [UNGROUNDED] * count
        return
    free = [r for r in ranges if not any(low <= r[0] and r[1] <= high for low, high in placed)]
    order = sorted(free[:count] + [r for r in ranges if r not in free][: max(0, count - len(free))])
    open_choice = len(free) > count or (not free and len(ranges) > count)
    if open_choice and status in ("exact", "normalized"):
        status = "ambiguous"
    for at in range(count):
        start, end = order[at % len(order)]
        yield Alignment(start=start, end=end, status=status)


def _occurrences(text: str, wanted: str) -> Iterator[Range]:
    at = text.find(wanted)
    while at >= 0:
        yield at, at + len(wanted)
        at = text.find(wanted, at + len(wanted))


def _folded_occurrences(folded: Folded, surface: str) -> Iterator[Range]:
    wanted = fold(surface).text.strip()
    if not wanted:
        return
    for start, end in _occurrences(folded.text, wanted):
        if found := folded.source_range(start, end):
            yield found


def _unbracketed(surface: str) -> Iterator[str]:
    """The surface, then without a pair of brackets or quotes around it."""
    yield surface
    if len(surface) > 2 and (surface[0], surface[-1]) in _BRACKETS:
        yield surface[1:-1]


def _on_word_borders(source: str, place: Range) -> bool:
    """Whether a place does not cut a word of a spaced script in two; unspaced scripts have no borders."""
    return not (_inside_word(source, place[0]) or _inside_word(source, place[1]))


def _inside_word(source: str, at: int) -> bool:
    if not 0 < at < len(source):
        return False
    pair = source[at - 1], source[at]
    if pair[0].isdigit() != pair[1].isdigit() and not all((c.isascii() and c.isalpha()) or c.isdigit() for c in pair):
        return False
    return all(_WORD.match(c) and not _UNSPACED.match(c) for c in pair)


def _closest(source: str, folded: Folded, surface: str) -> Range | None:
    """The best place within a few edits, or None.

    The window comes from rapidfuzz's partial ratio; it is snapped to word borders, then judged as a whole.
    """
    wanted = fold(surface).text.strip()
    if len(wanted) < MIN_FUZZY_LENGTH or not folded.text:
        return None
    window = fuzz.partial_ratio_alignment(wanted, folded.text, score_cutoff=70)
    if window is None:
        return None
    places = [
        place
        for start in range(max(0, window.dest_start - 2), window.dest_start + 3)
        for end in range(max(start + 1, window.dest_end - 2), min(len(folded.text), window.dest_end + 2) + 1)
        if (place := folded.source_range(start, end)) and _on_word_borders(source, place)
    ]
    scored = [
        (_similarity(wanted, fold(source[a:b]).text), (a, b)) for a, b in places if not _has_blank_edge(source, a, b)
    ]
    similarity, best = max(scored, default=(0.0, (0, 0)), key=lambda item: item[0])
    return best if similarity >= MIN_SIMILARITY and _same_meaning(source[best[0] : best[1]], surface) else None


def _has_blank_edge(source: str, start: int, end: int) -> bool:
    return source[start].isspace() or source[end - 1].isspace()


def _similarity(wanted: str, candidate: str) -> float:
    """Percent; 0 when the lengths differ too much or there are more than a few edits."""
    shorter, longer = sorted((len(wanted), len(candidate)))
    if shorter < MIN_LENGTH_RATIO * longer:
        return 0.0
    # In unspaced scripts one character is a morpheme: a substitution at four or five characters is 20 %.
    cutoff = MAX_EDITS if longer > 12 else 1
    distance = Levenshtein.distance(wanted, candidate, score_cutoff=cutoff)
    if distance > cutoff:
        return 0.0
    if longer < 8 and distance <= 1 and not _UNSPACED.search(wanted):
        return MIN_SIMILARITY
    return 100.0 * (1 - distance / longer)


def _same_meaning(candidate: str, surface: str) -> bool:
    """Numbers and negations may never differ."""
    return all(
        [m.group() for m in pattern.finditer(fold(candidate).text)]
        == [m.group() for m in pattern.finditer(fold(surface).text)]
        for pattern in (_NUMBER, _NEGATION)
    )
