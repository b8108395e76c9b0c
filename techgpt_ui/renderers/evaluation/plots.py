"""Plots of evaluations: figures with intervals, types as bars, quality against speed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup

from techgpt_ui.evaluation.records import Breakdown, Figure
from techgpt_ui.renderers.evaluation.drawing import ACCENT, COLOURS, INK, PALE, canvas, inline, short
from techgpt_ui.renderers.evaluation.numbers import number
from techgpt_ui.texts import text

BARS_SHOWN = 20


class Point(NamedTuple):
    """One evaluation: seconds a document against quality, with the ends of its interval."""

    seconds: float
    value: float
    low: float | None
    high: float | None
    label: str
    series: str
    """What shares a colour: the model."""
    filled: bool
    """A dot when true, a hollow square when not: grounded or free."""


@lru_cache(maxsize=64)
def whiskers(figures: tuple[Figure, ...]) -> Markup:
    """Each figure as a dot with its 95 % interval as whiskers; empty without a figure that is defined."""
    shown = [figure for figure in figures if figure.value is not None]
    if not shown:
        return Markup("")
    names = [figure.name for figure in shown]
    with canvas(0.28 * len(shown) + 0.6, names) as (axes, sink):
        for row, one in enumerate(shown):
            _whisker(axes, one.value or 0.0, row, one.low, one.high)
        _rows(axes, names)
        axes.set_xlim(0, 1 if all((one.high or one.value or 0) <= 1 for one in shown) else 100)
    words = "; ".join(f"{one.name} {number(one.value)} [{number(one.low)}, {number(one.high)}]" for one in shown)
    return inline(sink, text("evaluation.plot.figures"), words)


@lru_cache(maxsize=64)
def bars(breakdown: tuple[Breakdown, ...], name: str) -> Markup:
    """The figure ``name`` of the most frequent types as bars with intervals; empty where it is not broken down."""
    ranked = sorted(breakdown, key=lambda entry: -entry.support)[:BARS_SHOWN]
    found = [(entry, one) for entry in ranked for one in entry.figures if one.name == name and one.value is not None]
    if not found:
        return Markup("")
    names = [f"{entry.name} ({entry.support})" for entry, _ in found]
    with canvas(0.26 * len(found) + 0.7, names) as (axes, sink):
        axes.barh(range(len(found)), [one.value for _, one in found], color="#5eead4", edgecolor=ACCENT, height=0.62)
        for row, (_, one) in enumerate(found):
            if one.low is not None and one.high is not None:
                axes.hlines(row, one.low, one.high, color=INK, linewidth=1.2)
        _rows(axes, names)
        axes.set_xlim(0, 1 if all((one.high or one.value or 0) <= 1 for _, one in found) else 100)
        axes.set_xlabel(name)
    words = "; ".join(f"{entry.name} {number(one.value)}" for entry, one in found)
    return inline(sink, text("evaluation.plot.breakdown", name=name), words)


@lru_cache(maxsize=64)
def speed(points: tuple[Point, ...], name: str) -> Markup:
    """Quality against seconds a document, a point an evaluation, numbered as in the table; empty without points."""
    if not points:
        return Markup("")
    series = list(dict.fromkeys(point.series for point in points))
    above = 0.19 * (len(series) + 2)
    with canvas(3.2 + above, [], above) as (axes, sink):
        for point in points:
            colour = COLOURS[series.index(point.series) % len(COLOURS)]
            _point(axes, point, colour)
        axes.set_xlabel("s / document")
        axes.set_ylabel(name)
        axes.margins(0.16)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=max(0.0, axes.get_ylim()[0]))
        axes.grid(color=PALE, linewidth=0.6)
        _legend(axes, series, points)
    words = "; ".join(f"{point.label}: {number(point.value)}, {point.seconds:.2f} s" for point in points)
    return inline(sink, text("evaluation.plot.speed", name=name), words)


def _whisker(axes: Any, value: float, row: int, low: float | None, high: float | None) -> None:
    if low is not None and high is not None:
        axes.hlines(row, low, high, color=INK, linewidth=1.4)
        axes.vlines([low, high], row - 0.16, row + 0.16, color=INK, linewidth=1.4)
    axes.plot([value], [row], "o", color=ACCENT, markersize=6)


def _rows(axes: Any, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [short(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="x", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)


def _point(axes: Any, point: Point, colour: str) -> None:
    if point.low is not None and point.high is not None:
        axes.vlines(point.seconds, point.low, point.high, color=colour, linewidth=1.2)
    shape = "o" if point.filled else "s"
    face = colour if point.filled else "white"
    axes.plot([point.seconds], [point.value], shape, color=colour, markerfacecolor=face, markersize=7)
    axes.annotate(
        short(point.label), (point.seconds, point.value), xytext=(7, 4), textcoords="offset points", fontsize=9,
        color=INK,
    )  # fmt: skip


def _legend(axes: Any, series: Sequence[str], points: Sequence[Point]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=COLOURS[at % len(COLOURS)], linewidth=4, label=short(name, 40))
        for at, name in enumerate(series)
    ]
    for filled in (True, False):
        if any(point.filled == filled for point in points):
            words = text("evaluation.grounded" if filled else "evaluation.free")
            handles.append(
                Line2D([], [], linestyle="", marker="o" if filled else "s", color=INK,
                       markerfacecolor=INK if filled else "white", label=f"{words.zh} / {words.en}")
            )  # fmt: skip
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.05, 1.0), frameon=False, fontsize=9)
