"""What two runs have in common and where they differ: texts, values, and what was read from the answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from techgpt_ui.schema import ReadingKey, Result

COST_LIMIT = 60_000
"""Pairs of equal units up to which two texts are compared unit by unit; beyond it difflib would take seconds."""

_CHARACTER = "[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
# A word goes with the space behind it: spaces alone would match everywhere.
_UNIT = re.compile(rf"(?:{_CHARACTER}|(?:(?!{_CHARACTER})\w)+|[^\w\s])[^\S\n]*|\s+")
_SENTENCE = re.compile(r".+?(?:[。！？!?；\n]+|\.\s+|\Z)", re.DOTALL)

Key = tuple[object, ...]


class Stretch(NamedTuple):
    """A piece of one of two texts; ``differs`` where the other text has something else or nothing."""

    text: str
    differs: bool


class Value(NamedTuple):
    """One named value of both runs; None where a run has none."""

    name: str
    one: Any
    other: Any

    @property
    def differs(self) -> bool:
        """Whether the runs have different values."""
        return bool(self.one != self.other)


class Piece(NamedTuple):
    """Something read from the answers; ``one`` and ``other`` are its probabilities, "" for none, None if missing."""

    cells: tuple[str, ...]
    one: str | None
    other: str | None


def diff_texts(one: str, other: str) -> tuple[list[Stretch], list[Stretch]]:
    """Both texts in stretches, compared by words, or by characters where words are not spaced."""
    left: list[Stretch] = []
    right: list[Stretch] = []
    for same, mine, theirs in _refined(one, other):
        _extend(left, mine, not same)
        _extend(right, theirs, not same)
    return left, right


def compare_values(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Value]:
    """The values of both runs by name, in the order of the first."""
    return [Value(name, one.get(name), other.get(name)) for name in dict.fromkeys([*one, *other])]


def compare_readings(one: Result, other: Result, *, same_source: bool) -> dict[ReadingKey, list[Piece]]:
    """What was read from either answer, by kind: first what only ``one`` has, then what both have, then the rest.

    Entities are the same if they stand in the same place; in different sources, if they have the same words.
    """
    left, right = _keyed(one, same_source), _keyed(other, same_source)
    return {kind: _aligned(left.get(kind, {}), right.get(kind, {})) for kind in left | right}


def _refined(one: str, other: str) -> Iterator[tuple[bool, str, str]]:
    """Equal and different stretches: by sentences first, then what differs by words and characters."""
    for same, mine, theirs in _opcodes(_SENTENCE.findall(one), _SENTENCE.findall(other)):
        if same:
            yield True, mine, theirs
        else:
            yield from _opcodes(_UNIT.findall(mine), _UNIT.findall(theirs))


def _opcodes(one: Sequence[str], other: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    mine, theirs = one[start : len(one) - end], other[start : len(other) - end]
    yield True, "".join(one[:start]), "".join(other[:start])
    counts = Counter(theirs)
    if sum(counts[unit] for unit in mine) > COST_LIMIT:
        yield False, "".join(mine), "".join(theirs)
    else:
        matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
        for tag, at, to, other_at, other_to in matcher.get_opcodes():
            yield tag == "equal", "".join(mine[at:to]), "".join(theirs[other_at:other_to])
    yield True, "".join(one[len(one) - end :]), "".join(other[len(other) - end :])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many units both begin with."""
    return next(
        (at for at, (mine, theirs) in enumerate(zip(one, other, strict=False)) if mine != theirs),
        min(len(one), len(other)),
    )


def _extend(stretches: list[Stretch], text: str, differs: bool) -> None:
    if text and stretches and stretches[-1].differs == differs:
        stretches[-1] = Stretch(stretches[-1].text + text, differs)
    elif text:
        stretches.append(Stretch(text, differs))


def _keyed(result: Result, places: bool) -> dict[ReadingKey, dict[Key, tuple[tuple[str, ...], str]]]:
    """Each kind of piece that a result has: by what makes two of them the same, its cells and its probability."""
    words = {mention.id: mention.text or mention.surface for mention in result.mentions or ()}
    found: dict[ReadingKey, dict[Key, tuple[tuple[str, ...], str]]] = {}
    if result.relations is not None:
        triples = {(words.get(r.head, r.head), r.predicate, words.get(r.tail, r.tail)): r for r in result.relations}
        found["relations"] = {triple: (triple, _share(r.confidence)) for triple, r in triples.items()}
    elif result.mentions is not None:
        found["mentions"] = {
            (m.start, m.end, m.type) if places and m.start is not None else (words[m.id], m.type): (
                (words[m.id], m.type, "" if m.start is None else f"{m.start}–{m.end}"),
                _share(m.confidence),
            )
            for m in result.mentions
        }
    if result.items is not None:
        found["items"] = {(item.text.casefold(),): ((item.text,), "") for item in result.items}
    if result.fields is not None:
        pairs = [(name, value.text) for name, values in result.fields.items() for value in values]
        found["fields"] = {pair: (pair, "") for pair in pairs}
    if result.labels is not None:
        found["labels"] = {(label.text,): ((label.text,), _share(label.score)) for label in result.labels}
    return found


def _aligned(one: dict[Key, tuple[tuple[str, ...], str]], other: dict[Key, tuple[tuple[str, ...], str]]) -> list[Piece]:
    mine = [Piece(cells, share, None) for key, (cells, share) in one.items() if key not in other]
    both = [Piece(cells, share, other[key][1]) for key, (cells, share) in one.items() if key in other]
    theirs = [Piece(cells, None, share) for key, (cells, share) in other.items() if key not in one]
    return [*mine, *both, *theirs]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
