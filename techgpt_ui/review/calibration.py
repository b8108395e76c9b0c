"""Whether the model's confidence means what it says, and where to cut to have a wanted precision."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from techgpt_ui.evaluation.metrics.base import as_rows, mean
from techgpt_ui.evaluation.records import Figure
from techgpt_ui.evaluation.statistics import Array, Measure, figures
from techgpt_ui.review.design import Judged
from techgpt_ui.review.precision import Estimate, estimate, wilson
from techgpt_ui.review.records import Item
from techgpt_ui.review.sampling import SamplePlan, Stratum, stratum_of
from techgpt_ui.review.strata import Cell, total, weights
from techgpt_ui.schema import Record

BINS = 10
LEAST_IN_BIN = 10
CUTS = 100
"""So many thresholds are tried at most, spread evenly over the judged items."""


class Bin(Record):
    """Items of like confidence: what the model was sure of, and what is right, with Wilson's interval."""

    low: float
    high: float
    n: int
    confidence: float
    """Weighted mean."""
    right: float
    right_low: float
    right_high: float


class Threshold(Record):
    """Keep only items from ``confidence`` on."""

    confidence: float
    estimate: Estimate
    share: float
    """Of the frame's items that have a confidence, those that are kept."""


class Calibration(Record):
    """Confidence against verdicts, for the judged items that have a confidence."""

    n: int
    without: int
    """Judged items without a confidence."""
    bins: tuple[Bin, ...] = ()
    figures: tuple[Figure, ...] = ()
    """``ece``, ``brier`` (with its bootstrap over items) and ``auroc``."""
    wanted: float
    """The precision that is aimed at."""
    likely: Threshold | None = None
    """The lowest confidence from which on the estimate reaches what is wanted; None where none does."""
    safe: Threshold | None = None
    """The lowest confidence from which on even the lower end of the 95 % interval reaches it; None where none does."""


def calibration(
    frame: Sequence[Item],
    judged: Sequence[Judged],
    plan: SamplePlan,
    wanted: float,
    right: Callable[[Judged], bool] = lambda entry: entry.strict,
) -> Calibration:
    """Reliability in bins of equal mass, and the thresholds for a precision of ``wanted``, in [0, 1]."""
    known = [entry for entry in judged if entry.item.confidence is not None]
    sure = [item for item in frame if item.confidence is not None]
    without = len(judged) - len(known)
    if not known:
        return Calibration(n=0, without=without, wanted=wanted)
    said = np.array([entry.item.confidence for entry in known])
    true = np.array([right(entry) for entry in known], dtype=np.float64)
    weight = np.array(weights(sure, known, plan))
    places = equal_mass(said)
    thresholds = _thresholds(sure, known, plan, right)
    return Calibration(
        n=len(known),
        without=without,
        bins=tuple(_bin(said[at], true[at], weight[at]) for at in (places == place for place in np.unique(places))),
        figures=(*_errors(said, true, weight, places), _auroc(said, true, weight)),
        wanted=wanted,
        likely=_lowest(thresholds, lambda one: _reaches(one.value, wanted)),
        safe=_lowest(thresholds, lambda one: _reaches(one.low, wanted)),
    )


def equal_mass(said: Array) -> NDArray[np.intp]:
    """The bin of each value, from 0: as many in each as can be while equal values share one, and not too few."""
    count = max(1, min(BINS, len(said) // LEAST_IN_BIN))
    borders = np.quantile(said, np.arange(1, count) / count, method="inverted_cdf")
    return np.searchsorted(np.unique(borders), said, side="left")


def _bin(said: Array, true: Array, weight: Array) -> Bin:
    share = float(np.average(true, weights=weight))
    # Kish: unequal weights say as much as fewer equal ones.
    low, high = wilson(min(1.0, share), float(weight.sum() ** 2 / (weight**2).sum()))
    return Bin(
        low=float(said.min()), high=float(said.max()), n=len(said), confidence=float(np.average(said, weights=weight)),
        right=min(1.0, share), right_low=low, right_high=high,
    )  # fmt: skip


def _errors(said: Array, true: Array, weight: Array, places: NDArray[np.intp]) -> tuple[Figure, ...]:
    """Expected calibration error over the bins, and the Brier score with its bootstrap over items.

    Resampling adds to the bins' errors, so that a bootstrap of the ECE would lie above it: it has no interval.
    """
    gaps = np.bincount(places, weights=weight * (said - true))
    ece = float(np.abs(gaps).sum() / weight.sum())
    squares = as_rows(zip(weight * (said - true) ** 2, weight, strict=True), 2)
    return Figure(name="ece", value=ece, low=None, high=None), *figures([Measure("brier", squares, mean)])


def _auroc(said: Array, true: Array, weight: Array) -> Figure:
    """The chance that a right item has more confidence than a wrong one; ties are half. None without both."""
    order = np.argsort(said, kind="stable")
    _, start = np.unique(said[order], return_index=True)
    rights = np.add.reduceat((weight * true)[order], start)
    wrongs = np.add.reduceat((weight * (1 - true))[order], start)
    below = np.cumsum(wrongs) - wrongs
    pairs = rights.sum() * wrongs.sum()
    value = float((rights * (below + wrongs / 2)).sum() / pairs) if pairs else None
    return Figure(name="auroc", value=value, low=None, high=None)


def _thresholds(
    sure: Sequence[Item], known: Sequence[Judged], plan: SamplePlan, right: Callable[[Judged], bool]
) -> list[Threshold]:
    """Rising cuts at values that the judged items have; each is estimated on the frame's items from it on."""
    values = sorted({_confidence(entry.item) for entry in known})
    cuts = values[:: math.ceil(len(values) / CUTS)]
    items = sorted(sure, key=_confidence)
    entries = sorted(known, key=lambda entry: _confidence(entry.item))
    cells: dict[Stratum, Cell] = {}
    kept, found = len(items), []
    for cut in reversed(cuts):
        while items and _confidence(items[-1]) >= cut:
            _add(cells, stratum_of(items.pop(), plan), Cell(1, 0, 0))
        while entries and _confidence(entries[-1].item) >= cut:
            entry = entries.pop()
            _add(cells, entry.stratum, Cell(0, 1, int(right(entry))))
        share = (kept - len(items)) / kept
        found.append(Threshold(confidence=cut, estimate=estimate(cells), share=share))
    return found[::-1]


def _add(cells: dict[Stratum, Cell], stratum: Stratum, more: Cell) -> None:
    cells[stratum] = total((cells.get(stratum, Cell(0, 0, 0)), more))


def _confidence(item: Item) -> float:
    """Of an item that has one."""
    return item.confidence or 0.0


def _lowest(thresholds: Sequence[Threshold], reaches: Callable[[Estimate], bool]) -> Threshold | None:
    return next((one for one in thresholds if reaches(one.estimate)), None)


def _reaches(value: float | None, wanted: float) -> bool:
    # A quotient of whole numbers may miss what is wanted by a rounding.
    return value is not None and value >= wanted - 1e-12
