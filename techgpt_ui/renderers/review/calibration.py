"""Confidence against verdicts: the diagram, its bins, and the thresholds."""

from __future__ import annotations

from markupsafe import Markup

from techgpt_ui.evaluation.records import Figure
from techgpt_ui.renderers.evaluation.numbers import interval, number
from techgpt_ui.renderers.evaluation.tables import frame, row
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.renderers.review.plots import reliability
from techgpt_ui.review.calibration import Bin, Calibration, Threshold


def calibration_part(found: Calibration) -> Markup:
    """What the confidence is worth, or that there is none."""
    if not found.n:
        return tag("p", say("figures.calibration.none"), "limits")
    head = (
        say("figures.bin"), say("figures.judged"), say("figures.bin.mean"), say("figures.bin.right"),
        say("figures.interval"),
    )  # fmt: skip
    bins = frame(head, map(_bin_row, found.bins), say("figures.calibration"), "numbers")
    measures = frame(
        (say("figures.measure"), say("figures.value"), say("figures.interval")),
        map(_measure_row, found.figures),
        say("figures.measure"),
        "numbers",
    )
    note = tag("p", say("figures.calibration.note", n=found.n, without=found.without), "limits")
    return reliability(found.bins) + bins + measures + note + _thresholds(found)


def _bin_row(one: Bin) -> Markup:
    return row(
        interval(one.low, one.high), one.n, number(one.confidence), number(one.right),
        interval(one.right_low, one.right_high),
    )  # fmt: skip


def _measure_row(one: Figure) -> Markup:
    name = Markup("<code>{}</code> ").format(one.name) + say(f"figures.{one.name}")
    return row(name, number(one.value), interval(one.low, one.high))


def _thresholds(found: Calibration) -> Markup:
    wanted = percent(found.wanted)
    heading = tag("h5", say("figures.threshold", wanted=wanted), "")
    lines = (_threshold("likely", found.likely, wanted), _threshold("safe", found.safe, wanted))
    note = tag("p", say("figures.threshold.note"), "limits")
    return heading + Markup().join(tag("p", line, "") for line in lines) + note


def _threshold(kind: str, found: Threshold | None, wanted: str) -> Markup:
    if found is None:
        return say(f"figures.{kind}.none", wanted=wanted)
    estimate = found.estimate
    return say(
        f"figures.{kind}",
        confidence=number(found.confidence),
        value=number(estimate.value),
        interval=interval(estimate.low, estimate.high),
        share=percent(found.share),
    )


def percent(share: float | None) -> str:
    """A share in percent, with a decimal where it has one; a dash for none."""
    return number(None) if share is None else f"{round(100 * share, 1):g} %"
