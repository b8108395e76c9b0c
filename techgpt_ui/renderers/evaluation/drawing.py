"""Drawings as SVG inside the page: text stays text, nothing is fetched, nothing runs."""

from __future__ import annotations

import io
import re
import threading
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup

from techgpt_ui.texts import Text

WIDTH = 5.2
"""Inches; small, so that the letters are large enough when a narrow screen shrinks the drawing."""
LABEL_LENGTH = 22

INK, PALE, ACCENT = "#1a202c", "#cbd5e1", "#0f766e"
# Each is at least three times as dark as white; shapes tell apart what colours alone would not.
COLOURS = ("#0f766e", "#b45309", "#1d4ed8", "#9d174d", "#4d7c0f", "#6d28d9", "#475569", "#b91c1c")
# Labels are the words of models and data sets: no formulae.
_SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "techgpt", "font.size": 10, "text.parse_math": False}
_NAMES_OF_GROUPS = re.compile(r' id="(?:figure|axes|patch|line2d|text|matplotlib|xtick|ytick|legend|[A-Z]\w+)_[\w.]+"')
_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {} role="img">'
_DRAWING = threading.Lock()


@contextmanager
def canvas(height: float, names: Sequence[str], above: float = 0.0) -> Iterator[tuple[Any, io.StringIO]]:
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
        axes.tick_params(colors=INK, length=3)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        yield axes, sink
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(sink, format="svg", facecolor="white", metadata=nothing)


def inline(sink: io.StringIO, title: Text, words: str) -> Markup:
    """The drawing alone, with its title and what it shows in words; names of groups are not unique and go."""
    drawing = sink.getvalue()
    drawing = _NAMES_OF_GROUPS.sub("", drawing[drawing.index("<svg") :])
    size = re.search(r'viewBox="[\d. ]+"', drawing)
    head = Markup(_HEAD.format(size[0] if size else ""))
    told = Markup("<title>{} / {}</title><desc>{}</desc>").format(title.zh, title.en, words)
    # matplotlib escapes its texts itself.
    return Markup('<div class="plot">{}{}{}</div>').format(head, told, Markup(drawing[drawing.index(">") + 1 :]))


def short(name: str, length: int = LABEL_LENGTH) -> str:
    """A label without control characters that fits beside a drawing."""
    name = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    return name if len(name) <= length else name[: length - 1] + "…"


def _width(name: str) -> int:
    """Characters as wide as Latin ones; a Chinese one is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in short(name))
