"""Figures and their names as words."""

from __future__ import annotations

from markupsafe import Markup

from techgpt_ui.evaluation.records import Figure
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.texts import catalogue

NOTHING = "–"


def number(value: float | None, digits: int = 3) -> str:
    """A share with ``digits`` decimals, a score out of a hundred with two less; a dash for none."""
    if value is None:
        return NOTHING
    return f"{value:.{digits}f}" if abs(value) <= 1 else f"{value:.{max(1, digits - 2)}f}"


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval; a dash where there is none."""
    return NOTHING if low is None or high is None else f"{number(low)} – {number(high)}"


def seconds(value: float | None) -> str:
    """A duration: ``0.42 s``, ``12.3 s``, ``4 min 05 s``, ``2 h 03 min``."""
    if value is None:
        return NOTHING
    if value < 100:
        return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
    return whole_seconds(value)


def whole_seconds(value: float) -> str:
    """A duration that is but a guess: ``5 s``, ``4 min 05 s``, ``2 h 03 min``."""
    minutes, rest = divmod(round(value), 60)
    if minutes < 100:
        return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def figure_words(figure: Figure | None) -> Markup:
    """The value, and its interval in brackets."""
    if figure is None or figure.value is None:
        return Markup(NOTHING)
    shown = tag("b", number(figure.value), "")
    return shown + Markup(' <span class="interval">[{}]</span>').format(interval(figure.low, figure.high))


def named(kind: str, name: str) -> Markup:
    """A metric's, baseline's or setting's own words where it has some, else the bare name."""
    key = f"{kind}.{name}"
    return say(key) if key in catalogue() else Markup("<code>{}</code>").format(name)


def metric_cell(name: str) -> Markup:
    """A metric's id, as the field writes it, with its words below."""
    words = catalogue().get(f"metric.{name}")
    help_words = catalogue().get(f"metric.{name}.help")
    shown = Markup("<code>{}</code>").format(name)
    if words and words.en != name:
        shown += Markup(" ") + tag("span", both(words), "metric-name")
    if help_words:
        shown += tag("small", both(help_words), "metric-help")
    return shown
