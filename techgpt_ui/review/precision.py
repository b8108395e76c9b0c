"""Precision from a sample: stratified, for the frame alone, and for documents like those of the frame.

Wilson's interval (1927) is taken at the effective sample size. It is four lines here rather than a dependency:
statsmodels and the scipy under it are 200 MB, and its function takes whole counts; the tests hold ours to theirs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from techgpt_ui.review.allocation import Z95
from techgpt_ui.review.design import Judged
from techgpt_ui.review.records import Item
from techgpt_ui.review.sampling import SamplePlan, Stratum
from techgpt_ui.review.strata import Cell, pooled, stratum_sizes, total, weights
from techgpt_ui.schema import Record

Method = Literal["no_data", "census", "wilson", "stratified"]
"""No item judged; all of them judged; a simple sample; strata weighted by their size."""


class Estimate(Record):
    """A share with its 95 % interval; all three are None where there is no data."""

    size: int
    n: int
    right: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n_eff: float | None = None
    """How many items of a simple random sample would say as much; None for a census."""
    method: Method = "no_data"
    pooled: int = 0
    """How many strata had fewer than two judged items and were taken together with others."""

    @property
    def unweighted(self) -> float | None:
        """The share of the judged ones that are right, whatever they stand for."""
        return self.right / self.n if self.n else None


class Clustered(Record):
    """The interval of the same share for documents like these, with the documents as what is drawn."""

    documents: int
    design_effect: float | None
    """How much larger the variance is than that of items that have nothing to do with one another."""
    low: float | None
    high: float | None


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's 95 % interval for a share seen on ``n`` items, which need not be a whole number above 0."""
    spread = Z95**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 / (1 + spread) * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def estimate(strata: Mapping[Stratum, Cell]) -> Estimate:
    """The stratified estimate over strata, which their sizes weigh, with the finite population correction.

    V = Σ W²(1 − n/N) p(1 − p)/(n − 1), and Wilson's interval at n_eff = p̂(1 − p̂)/V. A stratum all right or all wrong
    would have no variance: there p is (k + ½)/(n + 1) in V, as Jeffreys' prior has it. With a single stratum, or where
    p̂ is 0 or 1, n_eff = 1/Σ W²(1 − n/N)/n, which does not depend on p. Thin strata are pooled first.
    """
    known = {name: cell for name, cell in strata.items() if cell.size}
    whole = total((Cell(0, 0, 0), *known.values()))
    if not whole.n:
        return Estimate(size=whole.size, n=0, right=0)
    groups = pooled(known)
    cells = [total(known[name] for name in group) for group in groups]
    value = min(1.0, sum(cell.size * cell.right / cell.n for cell in cells) / whole.size)
    n_eff = _effective(cells, whole.size, value)
    low, high = (value, value) if n_eff is None else wilson(value, n_eff)
    return Estimate(
        size=whole.size,
        n=whole.n,
        right=whole.right,
        value=value,
        low=low,
        high=high,
        n_eff=n_eff,
        method="census" if n_eff is None else "stratified" if len(cells) > 1 else "wilson",
        pooled=sum(len(group) for group in groups if len(group) > 1),
    )


def precision(
    frame: Iterable[Item], judged: Iterable[Judged], plan: SamplePlan, right: Callable[[Judged], bool]
) -> Estimate:
    """The share of the frame's items that are right; ``judged`` are those of the sample that belong to them."""
    cells = {name: Cell(size, 0) for name, size in stratum_sizes(frame, plan).items()}
    for entry in judged:
        cell = cells[entry.stratum]
        cells[entry.stratum] = Cell(cell.size, cell.n + 1, cell.right + right(entry))
    return estimate(cells)


def clustered(
    frame: Iterable[Item], judged: Sequence[Judged], plan: SamplePlan, right: Callable[[Judged], bool]
) -> Clustered:
    """Wilson's interval at n over the design effect, never more than n.

    The variance is that of a ratio with documents as clusters (linearised, m/(m − 1)), so a verdict's weight is what
    its stratum gives it. Where all are right or all are wrong each document counts as one item. None from one document.
    """
    documents = sorted({entry.item.document for entry in judged})
    if len(documents) < 2:
        return Clustered(documents=len(documents), design_effect=None, low=None, high=None)
    each = weights(frame, judged, plan)
    size = sum(each)
    value = min(1.0, sum(weight for weight, entry in zip(each, judged, strict=True) if right(entry)) / size)
    if value in (0.0, 1.0):
        low, high = wilson(value, len(documents))
        return Clustered(documents=len(documents), design_effect=None, low=low, high=high)
    gaps = dict.fromkeys(documents, 0.0)
    for weight, entry in zip(each, judged, strict=True):
        gaps[entry.item.document] += weight * (right(entry) - value)
    count = len(documents)
    variance = sum(gap**2 for gap in gaps.values()) * count / (count - 1) / size**2
    effect = variance * len(judged) / (value * (1 - value))
    low, high = wilson(value, len(judged) / max(1.0, effect))
    return Clustered(documents=count, design_effect=effect, low=low, high=high)


def _effective(cells: Sequence[Cell], size: int, value: float) -> float | None:
    """None where every item was judged, so that nothing is uncertain."""
    parts = [((cell.size / size) ** 2 * (1 - cell.n / cell.size), cell) for cell in cells]
    if all(part == 0 for part, _ in parts):
        return None
    if len(cells) > 1 and 0 < value < 1:
        return value * (1 - value) / sum(part * _variance(cell) for part, cell in parts if part)
    return 1 / sum(part / cell.n for part, cell in parts)


def _variance(cell: Cell) -> float:
    share = cell.right / cell.n
    if cell.right in (0, cell.n):
        share = (cell.right + 0.5) / (cell.n + 1)
    return share * (1 - share) / (cell.n - 1)
