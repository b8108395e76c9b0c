"""Plots as SVG inside the page: text stays text, nothing is fetched, nothing runs."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from markupsafe import Markup

from techgpt_ui.evaluation.records import Breakdown, Figure
from techgpt_ui.renderers.evaluation.numbers import number
from techgpt_ui.texts import Text, text

WIDTH = 5.2
"""Inches; small, so that the letters are large enough when a narrow screen shrinks the drawing."""
BARS_SHOWN = 20
LABEL_LENGTH = 22

_INK, _PALE, _ACCENT = "#1a202c", "#cbd5e1", "#0f766e"
# Each is at least three times as dark as white; shapes tell apart what colours alone would not.
_COLOURS = ("#0f766e", "#b45309", "#1d4ed8", "#9d174d", "#4d7c0f", "#6d28d9", "#475569", "#b91c1c")
# Labels are the words of models and data sets: no formulae.
_SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "techgpt", "font.size": 10, "text.parse_math": False}
_NAMES_OF_GROUPS = re.compile(r' id="(?:figure|axes|patch|line2d|text|matplotlib|xtick|ytick|legend|[A-Z]\w+)_[\w.]+"')
_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {} role="img">'
_DRAWING = threading.Lock()


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
    with _figure(0.28 * len(shown) + 0.6, names) as (axes, sink):
        for row, one in enumerate(shown):
            _whisker(axes, one.value or 0.0, row, one.low, one.high)
        _rows(axes, names)
        axes.set_xlim(0, 1 if all((one.high or one.value or 0) <= 1 for one in shown) else 100)
    words = "; ".join(f"{one.name} {number(one.value)} [{number(one.low)}, {number(one.high)}]" for one in shown)
    return _inline(sink, text("evaluation.plot.figures"), words)


@lru_cache(maxsize=64)
def bars(breakdown: tuple[Breakdown, ...], name: str) -> Markup:
    """The figure ``name`` of the most frequent types as bars with intervals; empty where it is not broken down."""
    ranked = sorted(breakdown, key=lambda entry: -entry.support)[:BARS_SHOWN]
    found = [(entry, one) for entry in ranked for one in entry.figures if one.name == name and one.value is not None]
    if not found:
        return Markup("")
    names = [f"{entry.name} ({entry.support})" for entry, _ in found]
    with _figure(0.26 * len(found) + 0.7, names) as (axes, sink):
        axes.barh(range(len(found)), [one.value for _, one in found], color="#5eead4", edgecolor=_ACCENT, height=0.62)
        for row, (_, one) in enumerate(found):
            if one.low is not None and one.high is not None:
                axes.hlines(row, one.low, one.high, color=_INK, linewidth=1.2)
        _rows(axes, names)
        axes.set_xlim(0, 1 if all((one.high or one.value or 0) <= 1 for _, one in found) else 100)
        axes.set_xlabel(name)
    words = "; ".join(f"{entry.name} {number(one.value)}" for entry, one in found)
    return _inline(sink, text("evaluation.plot.breakdown", name=name), words)


@lru_cache(maxsize=64)
def speed(points: tuple[Point, ...], name: str) -> Markup:
    """Quality against seconds a document, a point an evaluation, numbered as in the table; empty without points."""
    if not points:
        return Markup("")
    series = list(dict.fromkeys(point.series for point in points))
    above = 0.19 * (len(series) + 2)
    with _figure(3.2 + above, [], above) as (axes, sink):
        for point in points:
            colour = _COLOURS[series.index(point.series) % len(_COLOURS)]
            _point(axes, point, colour)
        axes.set_xlabel("s / document")
        axes.set_ylabel(name)
        axes.margins(0.16)
        axes.set_xlim(left=0)
        axes.set_ylim(bottom=max(0.0, axes.get_ylim()[0]))
        axes.grid(color=_PALE, linewidth=0.6)
        _legend(axes, series, points)
    words = "; ".join(f"{point.label}: {number(point.value)}, {point.seconds:.2f} s" for point in points)
    return _inline(sink, text("evaluation.plot.speed", name=name), words)


@contextmanager
def _figure(height: float, names: Sequence[str], above: float = 0.0) -> Iterator[tuple[Any, io.StringIO]]:
    """Axes to draw on, with ``above`` inches left free on top; the drawing is written to the sink at the end."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Drawing

    sink = io.StringIO()
    # Its settings and Python's filters of warnings belong to the whole process.
    with _DRAWING, matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a font without Chinese: the reader's browser has one
        figure = Drawing(figsize=(WIDTH, height))
        FigureCanvasSVG(figure)
        left = min(0.5, (0.16 + 0.075 * max((_width(name) for name in names), default=6)) / WIDTH)
        axes = figure.add_axes((left, 0.46 / height, 0.96 - left, 1 - (0.56 + above) / height))
        axes.tick_params(colors=_INK, length=3)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        yield axes, sink
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(sink, format="svg", facecolor="white", metadata=nothing)


def _whisker(axes: Any, value: float, row: int, low: float | None, high: float | None) -> None:
    if low is not None and high is not None:
        axes.hlines(row, low, high, color=_INK, linewidth=1.4)
        axes.vlines([low, high], row - 0.16, row + 0.16, color=_INK, linewidth=1.4)
    axes.plot([value], [row], "o", color=_ACCENT, markersize=6)


def _rows(axes: Any, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [_short(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(axis="x", color=_PALE, linewidth=0.6)
    axes.set_axisbelow(True)


def _point(axes: Any, point: Point, colour: str) -> None:
    if point.low is not None and point.high is not None:
        axes.vlines(point.seconds, point.low, point.high, color=colour, linewidth=1.2)
    shape = "o" if point.filled else "s"
    face = colour if point.filled else "white"
    axes.plot([point.seconds], [point.value], shape, color=colour, markerfacecolor=face, markersize=7)
    axes.annotate(
        _short(point.label), (point.seconds, point.value), xytext=(7, 4), textcoords="offset points", fontsize=9,
        color=_INK,
    )  # fmt: skip


def _legend(axes: Any, series: Sequence[str], points: Sequence[Point]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=_COLOURS[at % len(_COLOURS)], linewidth=4, label=_short(name, 40))
        for at, name in enumerate(series)
    ]
    for filled in (True, False):
        if any(point.filled == filled for point in points):
            words = text("evaluation.grounded" if filled else "evaluation.free")
            handles.append(
                Line2D([], [], linestyle="", marker="o" if filled else "s", color=_INK,
                       markerfacecolor=_INK if filled else "white", label=f"{words.zh} / {words.en}")
            )  # fmt: skip
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(-0.05, 1.0), frameon=False, fontsize=9)


def _inline(sink: io.StringIO, title: Text, words: str) -> Markup:
    """The drawing alone, with its title and what it shows in words; names of groups are not unique and go."""
    drawing = sink.getvalue()
    drawing = _NAMES_OF_GROUPS.sub("", drawing[drawing.index("<svg") :])
    size = re.search(r'viewBox="[\d. ]+"', drawing)
    head = Markup(_HEAD.format(size[0] if size else ""))
    told = Markup("<title>{} / {}</title><desc>{}</desc>").format(title.zh, title.en, words)
    # matplotlib escapes its texts itself.
    return Markup('<div class="plot">{}{}{}</div>').format(head, told, Markup(drawing[drawing.index(">") + 1 :]))


def _short(name: str, length: int = LABEL_LENGTH) -> str:
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    return name if len(name) <= length else name[: length - 1] + "…"


def _width(name: str) -> int:
    """Characters as wide as Latin ones; a Chinese one is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in _short(name))
