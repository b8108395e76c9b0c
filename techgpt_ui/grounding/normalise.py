"""Fold a text for matching only, keeping a map from every folded character to the source."""

from __future__ import annotations

import unicodedata

import regex

from techgpt_ui.schema import Record

# NFKC leaves these as they are, yet writers use them alike.
_ALIKE = str.maketrans(
    {
        "。": ".", "、": ",", "“": '"', "”": '"', "„": '"', "「": '"', "」": '"', "『": '"', "』": '"',
        "‘": "'", "’": "'", "′": "'", "—": "-", "–": "-", "‐": "-", "‑": "-", "−": "-", "·": ".", "・": ".",
        "•": ".", "〇": "零", "〈": "<", "〉": ">", "《": "<", "》": ">", "【": "[", "】": "]",
    }
)  # fmt: skip
_CLUSTER = regex.compile(r"\X", regex.DOTALL)
_HALFWIDTH_VOICED = regex.compile(r"[\uff66-\uff9d][\uff9e\uff9f]?|.", regex.DOTALL)
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_IGNORED = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"}


class Folded(Record):
    """``text[i]`` came from ``source[starts[i]:ends[i]]``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def source_range(self, start: int, end: int) -> tuple[int, int] | None:
        """Source range of ``text[start:end]``; None if it begins or ends inside an expanded character."""
        begins_whole = start == 0 or self.starts[start] != self.starts[start - 1]
        ends_whole = end == len(self.text) or self.starts[end] != self.starts[end - 1]
        return (self.starts[start], self.ends[end - 1]) if begins_whole and ends_whole else None


def fold(source: str) -> Folded:
    """Compatibility forms, case, punctuation look-alikes and white space made equal."""
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, folded in _folded_clusters(source):
        for character in folded:
            if character == " " and characters and characters[-1] == " ":
                ends[-1] = end
                continue
            characters.append(character)
            starts.append(start)
            ends.append(end)
    return _without_inner_spaces(characters, starts, ends)


def _folded_clusters(source: str) -> list[tuple[int, int, str]]:
    found = []
    for cluster in _CLUSTER.finditer(source):
        for part in _HALFWIDTH_VOICED.finditer(cluster.group()) if len(cluster.group()) > 1 else (None,):
            start = cluster.start() + (part.start() if part else 0)
            piece = part.group() if part else cluster.group()
            found.append((start, start + len(piece), _fold_cluster(piece)))
    return _composed(source, found)


def _composed(source: str, parts: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Join a base and the combining marks that follow it, so that é and e + accent fold alike."""
    joined: list[tuple[int, int, str]] = []
    for start, end, folded in parts:
        if joined and unicodedata.combining(source[start]):
            first = joined[-1][0]
            joined[-1] = (first, end, _fold_cluster(source[first:end]))
        else:
            joined.append((start, end, folded))
    return joined


def _fold_cluster(cluster: str) -> str:
    if cluster in _IGNORED:
        return ""
    folded = unicodedata.normalize("NFKC", cluster.translate(_ALIKE)).casefold().translate(_ALIKE)
    folded = "".join(c for c in unicodedata.normalize("NFC", folded) if c not in _IGNORED)
    return " " if folded.isspace() else folded


def _without_inner_spaces(characters: list[str], starts: list[int], ends: list[int]) -> Folded:
    """Drop the space between two unspaced characters (北 京): it separates nothing."""
    kept = [
        at
        for at, character in enumerate(characters)
        if not (
            character == " "
            and 0 < at < len(characters) - 1
            and _UNSPACED.match(characters[at - 1])
            and _UNSPACED.match(characters[at + 1])
        )
    ]
    return Folded(
        text="".join(characters[at] for at in kept),
        starts=tuple(starts[at] for at in kept),
        ends=tuple(ends[at] for at in kept),
    )
