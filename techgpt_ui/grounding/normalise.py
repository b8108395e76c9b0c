"""Text folded for matching, with a map from every folded character back to the source.

Folding is Unicode's NFKC_Casefold applied to one grapheme cluster at a time (Unicode Standard, section 3.13; UAX #29
for the clusters), and then the punctuation and white space of Chinese text, which NFKC leaves alone. Folded text is
never shown: it turns ① into 1 and ² into 2.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import regex

Span = tuple[int, int]

GRAPHEME = regex.compile(r"\X")
IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}ー]")

# One canonical form for each sign that typesetters, keyboards and models use interchangeably.
_CANONICAL = {
    ".": "。",
    ",": "、",
    ":": "∶",
    "/": "⁄∕",
    "~": "〜∼",
    "-": "‐‒–—―−─━",
    "·": "・•‧∙⋅",
    '"': "“”„‟«»「」『』〝〞〟",
    "'": "‘’‚‛`′",
    "[": "【〖〔〘〚",
    "]": "】〗〕〙〛",
    "《": "〈",
    "》": "〉",
    "零": "〇○◯",
}
_PUNCTUATION = str.maketrans({variant: sign for sign, variants in _CANONICAL.items() for variant in variants})


class Folded(NamedTuple):
    """Folded text; character ``i`` comes from ``source[starts[i]:ends[i]]`` (offsets in code points)."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def is_border(self, index: int) -> bool:
        """Whether no source character reaches across the folded offset ``index``."""
        return not 0 < index < len(self.starts) or self.starts[index - 1] != self.starts[index]

    def span(self, start: int, end: int) -> Span | None:
        """The source span of ``text[start:end]``; None when that is empty or cuts a source character apart."""
        if start >= end or not (self.is_border(start) and self.is_border(end)):
            return None
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Fold for matching only: width, case, punctuation and white space no longer count."""
    cells: list[tuple[str, int, int]] = []
    space: Span | None = None
    for cluster in GRAPHEME.finditer(text):
        start, end = cluster.span()
        folded = _fold_cluster(cluster.group())
        if folded.isspace():
            space = (space[0] if space else start, end)
        elif folded:
            if cells and space and not _is_unspaced(cells[-1][0], folded[0]):
                cells.append((" ", *space))
            elif cells and not space and _are_two_numbers(text[cells[-1][1]], text[start], cells[-1][0], folded[0]):
                cells.append((" ", start, end))
            cells += [(character, start, end) for character in folded]
            space = None
    return Folded(
        "".join(character for character, _, _ in cells),
        tuple(start for _, start, _ in cells),
        tuple(end for _, _, end in cells),
    )


def _is_unspaced(before: str, after: str) -> bool:
    """Chinese is set with or without spaces, even beside Latin letters, at the typesetter's whim."""
    return bool(UNSPACED.match(before) or UNSPACED.match(after))


def _are_two_numbers(left: str, right: str, before: str, after: str) -> bool:
    """10² is not 102, and 1½ is not 11/2, although NFKC makes them so."""
    if not (before.isdigit() and after.isdigit()):
        return False
    return "No" in (unicodedata.category(left), unicodedata.category(right))


@lru_cache(maxsize=1 << 16)
def _fold_cluster(cluster: str) -> str:
    nfkc = unicodedata.normalize("NFKC", IGNORABLE.sub("", cluster))
    folded = unicodedata.normalize("NFKC", nfkc.casefold())
    # Case folding leaves the dot of İ behind as a combining mark: Istanbul would no longer match İstanbul.
    return str(IGNORABLE.sub("", folded)).replace("i\u0307", "i").translate(_PUNCTUATION)
