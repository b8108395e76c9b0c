"""What the metrics share: the shape of their findings, and precision, recall and F1 from counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

import numpy as np

from techgpt_ui.evaluation.records import Confusion, Outcome
from techgpt_ui.evaluation.statistics import Array, Measure
from techgpt_ui.presets import Task

Pair = tuple[AbstractSet[Any], AbstractSet[Any]]
"""What a document's answer says, and what its gold says."""


class Part(NamedTuple):
    """The metrics of one type, predicate, label or field; ``support`` is how often the gold has it."""

    name: str
    support: int
    measures: list[Measure]


class Findings(NamedTuple):
    """All that is measured on a set of outcomes, before any interval is drawn."""

    headline: str
    measures: list[Measure]
    parts: tuple[Part, ...] = ()
    confusion: Confusion | None = None
    signatures: Mapping[str, str] = {}


Reader = Callable[[Task, Sequence[Outcome]], Findings]


def source_of(task: Task, outcome: Outcome) -> str:
    """The text that an answer is about."""
    return str(outcome.gold.inputs.get(task.main_input, ""))


def ratio(over: Array, under: Array) -> Array:
    """``over / under``, NaN where there is nothing to divide by."""
    return np.divide(over, under, out=np.full(np.broadcast(over, under).shape, np.nan), where=under != 0)


def mean(sums: Array) -> Array:
    """Formula over rows (value, 1), or (0, 0) for a document that does not count."""
    return ratio(sums[..., 0], sums[..., 1])


def precision(sums: Array) -> Array:
    """Formula over rows (hits, answered, wanted)."""
    return ratio(sums[..., 0], sums[..., 1])


def recall(sums: Array) -> Array:
    """Formula over rows (hits, answered, wanted)."""
    return ratio(sums[..., 0], sums[..., 2])


def f1(sums: Array) -> Array:
    """Formula over rows (hits, answered, wanted); 0 where nothing is right, NaN where nothing is said or wanted."""
    return ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def micro(name: str, counts: Iterable[Sequence[float]]) -> list[Measure]:
    """Micro-averaged F1, precision and recall from (hits, answered, wanted) of each document."""
    rows = as_rows(counts, 3)
    return [
        Measure(f"{name}_f1", rows, f1),
        Measure(f"{name}_precision", rows, precision),
        Measure(f"{name}_recall", rows, recall),
    ]


def as_rows(rows: Iterable[Sequence[float]], width: int) -> Array:
    """Rows of statistics as an array of shape (documents, width)."""
    return np.array([*rows], dtype=np.float64).reshape(-1, width)


def averaged(name: str, values: Iterable[float | None]) -> Measure:
    """The mean over documents; None for a document that does not count."""
    return Measure(name, as_rows(((0, 0) if value is None else (value, 1) for value in values), 2), mean)


def overlap(said: AbstractSet[Any], wanted: AbstractSet[Any]) -> tuple[int, int, int]:
    """How many pieces are right, said and wanted."""
    return len(said & wanted), len(said), len(wanted)


def parts_by(
    kinds: Mapping[str, Sequence[Pair]], support: Mapping[str, int], kind_of: Callable[[Any], str]
) -> tuple[Part, ...]:
    """Precision, recall and F1 of each kind of piece, under each name of ``kinds``; the most frequent kind first.

    ``support`` is how often the gold has each kind; kinds that only answers have count as 0.
    """
    said = {kind_of(piece): 0 for pairs in kinds.values() for answer, _ in pairs for piece in answer}
    found = {name: _counts_by(pairs, kind_of) for name, pairs in kinds.items()}
    return tuple(
        Part(kind, count, [measure for name, counts in found.items() for measure in _micro_of(name, kind, counts)])
        for kind, count in sorted((said | dict(support)).items(), key=lambda entry: (-entry[1], entry[0]))
    )


Counts = list[dict[Hashable, list[int]]]


def _counts_by(pairs: Sequence[Pair], kind_of: Callable[[Any], str]) -> Counts:
    """(hits, answered, wanted) of each kind, a dictionary a document."""
    found: Counts = []
    for said, wanted in pairs:
        counts: dict[Hashable, list[int]] = {}
        for at, pieces in enumerate((said & wanted, said, wanted)):
            for piece in pieces:
                counts.setdefault(kind_of(piece), [0, 0, 0])[at] += 1
        found.append(counts)
    return found


def _micro_of(name: str, kind: str, counts: Counts) -> list[Measure]:
    return micro(name, (document.get(kind, (0, 0, 0)) for document in counts))
