"""The reliability diagram."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from techgpt_ui.renderers.evaluation.drawing import ACCENT, INK, PALE, canvas, inline
from techgpt_ui.renderers.evaluation.numbers import number
from techgpt_ui.review.calibration import Bin
from techgpt_ui.texts import text

HEIGHT = 3.4


@lru_cache(maxsize=64)
def reliability(bins: tuple[Bin, ...]) -> Markup:
    """What is right against what the model was sure of, with intervals; on the diagonal its confidence is true."""
    if not bins:
        return Markup("")
    with canvas(HEIGHT, []) as (axes, sink):
        axes.plot([0, 1], [0, 1], linestyle="--", color=INK, linewidth=0.9)
        for one in bins:
            axes.vlines(one.confidence, one.right_low, one.right_high, color=INK, linewidth=1.2)
        axes.plot([one.confidence for one in bins], [one.right for one in bins], "o", color=ACCENT, markersize=6)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        axes.grid(color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(_both("figures.bin.mean"))
        axes.set_ylabel(_both("figures.bin.right"))
    words = "; ".join(
        f"{number(one.confidence)} → {number(one.right)} [{number(one.right_low)}, {number(one.right_high)}]"
        for one in bins
    )
    return inline(sink, text("figures.calibration"), words)


def _both(key: str) -> str:
    words = text(key)
    return f"{words.zh} / {words.en}"
