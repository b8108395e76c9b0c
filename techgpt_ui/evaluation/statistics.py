"""What a figure is worth: bootstrap intervals over documents, and the paired test of two runs.

Every metric is given as sufficient statistics of each document and a formula over their sums. So the figure of any
sample of documents costs one product of matrices, for corpus metrics (micro F1, BLEU) as for averages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from techgpt_ui.evaluation.records import Figure
from techgpt_ui.schema import Record

Array = NDArray[np.float64]
Formula = Callable[[Array], Array]

RESAMPLES = 2_000
SWAPS = 5_000
SEED = 20_240_501
INTERVAL = (2.5, 97.5)
TIE = 1e-10
"""Differences that are nearer than this are equal; sums in another order differ by less (figures reach 100)."""
_BLOCK = 4_000_000
"""Cells of the random matrix that are held at once."""


class Measure(NamedTuple):
    """One metric of a set of documents."""

    name: str
    rows: Array
    """Sufficient statistics, shape (documents, k)."""
    formula: Formula
    """From summed rows, shape (..., k), to the metric, shape (...); NaN where it is not defined."""

    @property
    def value(self) -> float | None:
        """The metric over all documents; None where it is not defined."""
        return _known(float(self.formula(self.rows.sum(axis=0))))


class PairedTest(Record):
    """Two runs on the same documents, by one metric."""

    name: str
    one: float | None
    other: float | None
    difference: float | None
    """``other`` less ``one``."""
    low: float | None
    high: float | None
    """Bootstrap 95 % interval of the difference."""
    p: float | None
    """Two-sided, by approximate randomisation; None where a metric is not defined."""


def figures(measures: Sequence[Measure]) -> tuple[Figure, ...]:
    """Each metric with its 95 % interval: percentiles over documents drawn with replacement, the same for all.

    The seed is fixed, so equal outcomes have equal intervals. Draws on which a metric is not defined are left out.
    """
    sums = _summed(measures, _draws(_count(measures), RESAMPLES))
    return tuple(
        Figure(name=measure.name, value=measure.value, low=low, high=high)
        for measure, drawn in zip(measures, sums, strict=True)
        for low, high in [_interval(measure.formula(drawn))]
    )


def paired_tests(one: Sequence[Measure], other: Sequence[Measure]) -> tuple[PairedTest, ...]:
    """Approximate randomisation (Noreen 1989) of two runs on the same documents, for each metric that both have.

    The rows of a document are swapped between the runs with probability 1/2; ``p`` is the share of such pairs, the
    real one counted in, that differ at least as much as the real one. ValueError where the documents differ in number.
    """
    theirs = {measure.name: measure for measure in other}
    pairs = [(measure, theirs[measure.name]) for measure in one if measure.name in theirs]
    both = [measure for pair in pairs for measure in pair]
    count = _count(both)
    drawn = _summed(both, _draws(count, RESAMPLES))
    rows = {(id(mine.rows), id(yours.rows)): mine.rows - yours.rows for mine, yours in pairs}
    gaps = [mine._replace(rows=rows[id(mine.rows), id(yours.rows)]) for mine, yours in pairs]
    swapped = _summed(gaps, _swaps(count, SWAPS))
    return tuple(_tested(*pair, (drawn[2 * at], drawn[2 * at + 1]), swapped[at]) for at, pair in enumerate(pairs))


def _tested(one: Measure, other: Measure, drawn: tuple[Array, Array], moved: Array) -> PairedTest:
    """``moved`` is what each swap takes from the sums of the first run and gives to the second."""
    before, after = one.value, other.value
    if before is None or after is None:
        return PairedTest(name=one.name, one=before, other=after, difference=None, low=None, high=None, p=None)
    difference = after - before
    low, high = _interval(other.formula(drawn[1]) - one.formula(drawn[0]))
    under_null = other.formula(other.rows.sum(axis=0) + moved) - one.formula(one.rows.sum(axis=0) - moved)
    # A swap that leaves a metric undefined says nothing against the null hypothesis.
    extreme = int(np.sum(~(np.abs(under_null) < abs(difference) - TIE)))
    p = (extreme + 1) / (len(moved) + 1)
    return PairedTest(name=one.name, one=before, other=after, difference=difference, low=low, high=high, p=p)


def _count(measures: Sequence[Measure]) -> int:
    counts = {len(measure.rows) for measure in measures}
    if len(counts) > 1:
        raise ValueError(f"the metrics are of different documents: {sorted(counts)}")
    return counts.pop() if counts else 0


def _draws(count: int, times: int) -> Iterator[Array]:
    """How often each document is drawn, in blocks of shape (some, count), ``times`` rows in all."""
    generator = np.random.default_rng(SEED)
    shares = np.full(count, 1 / max(count, 1))
    for size in _blocks(count, times):
        yield generator.multinomial(count, shares, size=size).astype(np.float64) if count else np.zeros((size, 0))


def _swaps(count: int, times: int) -> Iterator[Array]:
    """Which documents are swapped (1) or not (0), in blocks as of ``_draws``."""
    generator = np.random.default_rng(SEED)
    for size in _blocks(count, times):
        yield generator.integers(0, 2, size=(size, count)).astype(np.float64)


def _blocks(count: int, times: int) -> Iterator[int]:
    most = max(1, _BLOCK // max(count, 1))
    for at in range(0, times, most):
        yield min(most, times - at)


def _summed(measures: Sequence[Measure], weights: Iterator[Array]) -> list[Array]:
    """The weighted sums of each measure's rows, shape (times, k)."""
    if not measures:
        return []
    # F1, precision and recall share their rows: each is multiplied once.
    distinct = {id(measure.rows): measure.rows for measure in measures}
    rows = np.concatenate([*distinct.values()], axis=1)
    sums = np.concatenate([block @ rows for block in weights])
    ends = np.cumsum([one.shape[1] for one in distinct.values()])
    found = dict(zip(distinct, np.split(sums, ends[:-1], axis=1), strict=True))
    return [found[id(measure.rows)] for measure in measures]


def _interval(values: Array) -> tuple[float | None, float | None]:
    known = values[~np.isnan(values)]
    if not len(known):
        return None, None
    low, high = np.percentile(known, INTERVAL)
    return float(low), float(high)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
