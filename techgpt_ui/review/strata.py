"""Strata of which too few items were judged are pooled, so that each has a variance; and what each item weighs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from techgpt_ui.review.design import Judged
from techgpt_ui.review.records import Item
from techgpt_ui.review.sampling import SamplePlan, Stratum, stratum_of


class Cell(NamedTuple):
    """A stratum, or the part of it that is asked about: items there, judged, and right."""

    size: int
    n: int
    right: int = 0


def stratum_sizes(frame: Iterable[Item], plan: SamplePlan) -> dict[Stratum, int]:
    """How many of the items each stratum has."""
    sizes: dict[Stratum, int] = {}
    for item in frame:
        name = stratum_of(item, plan)
        sizes[name] = sizes.get(name, 0) + 1
    return sizes


def pooled(cells: Mapping[Stratum, Cell]) -> list[tuple[Stratum, ...]]:
    """The strata in groups: those with fewer than two judged items, unless these are all it has, form one.

    As long as that one is still too thin, the smallest other stratum joins it.
    """
    thin = [name for name, cell in sorted(cells.items()) if _thin(cell)]
    others = sorted((name for name in cells if not _thin(cells[name])), key=lambda name: (cells[name], name))
    while thin and others and _thin(total(cells[name] for name in thin)):
        thin.append(others.pop(0))
    return [*((name,) for name in others), *([tuple(thin)] if thin else [])]


def total(cells: Iterable[Cell]) -> Cell:
    """The cells as one; at least one of them."""
    return Cell(*(sum(column) for column in zip(*cells, strict=True)))


def weights(frame: Iterable[Item], judged: Sequence[Judged], plan: SamplePlan) -> list[float]:
    """For how many items of the frame each judged one stands; together for all of them."""
    counts: dict[Stratum, int] = {}
    for entry in judged:
        counts[entry.stratum] = counts.get(entry.stratum, 0) + 1
    cells = {name: Cell(size, counts.get(name, 0)) for name, size in stratum_sizes(frame, plan).items()}
    weight: dict[Stratum, float] = {}
    for group in pooled(cells):
        together = total(cells[name] for name in group)
        weight.update((name, together.size / max(together.n, 1)) for name in group)
    return [weight[entry.stratum] for entry in judged]


def _thin(cell: Cell) -> bool:
    return cell.n < min(2, cell.size)
