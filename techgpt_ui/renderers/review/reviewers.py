"""What a review says about the reviewers: agreement on verdicts and spans, and pace."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from techgpt_ui.renderers.evaluation.numbers import NOTHING, figure_words, seconds
from techgpt_ui.renderers.evaluation.tables import frame, row
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.renderers.review.calibration import percent
from techgpt_ui.review.agreement import Agreement
from techgpt_ui.review.spans import SpanAgreement
from techgpt_ui.review.speed import Pace

SYMBOLS = {"p_o": "p_o", "kappa": "κ", "alpha": "α", "ac1": "AC1"}


def agreement_part(agreements: Sequence[Agreement]) -> Markup:
    """All coefficients side by side, for each scale, of all and of each pair."""
    if not agreements:
        return tag("p", say("figures.agreement.none"), "limits")
    head = (say("figures.reviewers"), say("figures.scale"), say("figures.items"), *SYMBOLS.values())
    rows = [
        row(_reviewers(one.reviewers), say(f"figures.scale.{one.scale}"), one.items, *map(figure_words, one.figures))
        for one in agreements
    ]
    note = tag("p", say("figures.agreement.note"), "limits")
    return frame(head, rows, say("figures.agreement"), "numbers") + note


def spans_part(agreements: Sequence[SpanAgreement]) -> Markup:
    """F1 between the spans of each pair; nothing where nobody marked any."""
    if not agreements:
        return Markup("")
    names = [figure.name for figure in agreements[0].figures]
    head = (say("figures.reviewers"), say("figures.documents"), say("figures.spans.count"), *map(_code, names))
    rows = [
        row(_reviewers(one.reviewers), one.documents, " / ".join(map(str, one.spans)), *map(figure_words, one.figures))
        for one in agreements
    ]
    note = tag("p", say("figures.spans.note"), "limits")
    return frame(head, rows, say("figures.spans"), "numbers") + note


def pace_part(paces: Sequence[Pace]) -> Markup:
    """A row a reviewer."""
    if not paces:
        return tag("p", say("figures.pace.none"), "limits")
    names = ("reviewer", "decisions", "skipped", "flagged", "blind", "hours", "per_hour", "seconds", "undone")
    head = [say(f"figures.{name}") for name in names]
    rows = [
        row(
            _name(one.reviewer) if one.reviewer else say("figures.all_reviewers"), one.decisions, one.skipped,
            one.flagged, one.blind, seconds(3600 * one.hours), _rate(one.per_hour), seconds(one.seconds),
            percent(one.undone),
        )
        for one in paces
    ]  # fmt: skip
    note = tag("p", say("figures.pace.note"), "limits")
    return frame(head, rows, say("figures.pace"), "numbers") + note


def _reviewers(names: Sequence[str]) -> Markup:
    return say("figures.everyone") if len(names) > 2 else Markup(" · ").join(map(_name, names))


def _name(name: str) -> Markup:
    return Markup('<bdi dir="auto">{}</bdi>').format(name)


def _code(name: str) -> Markup:
    return Markup("<code>{}</code>").format(name)


def _rate(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.0f}"
