"""All figures of a review, each with what it rests on; what is not known is said in a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from techgpt_ui.renderers.evaluation.document import document
from techgpt_ui.renderers.evaluation.numbers import interval, number
from techgpt_ui.renderers.evaluation.report import section
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.renderers.review.calibration import calibration_part
from techgpt_ui.renderers.review.model import precision_part, reasons_part, recall_part
from techgpt_ui.renderers.review.protocol import protocol_part
from techgpt_ui.renderers.review.reviewers import agreement_part, pace_part, spans_part
from techgpt_ui.review.figures import Figures
from techgpt_ui.texts import Lang, Text, text


def review_report_html(figures: Figures, lang: Lang, name: str = "") -> str:
    """The figures as one HTML file that opens in ``lang``; ``name`` is what the review is called."""
    words = text("figures.title")
    title = Text(zh=f"{words.zh}：{name}", en=f"{words.en}: {name}") if name else words
    return document(title, tag("h1", both(title), "") + _body(figures), lang)


def figures_html(figures: Figures) -> str:
    """The figures as a part of the page."""
    return str(_body(figures))


def _body(figures: Figures) -> Markup:
    parts = [
        _headline(figures),
        section("figures.precision", precision_part(figures.precision)),
        section("figures.reasons", reasons_part(figures.reasons)),
        section("figures.recall", recall_part(figures.recall)),
        section("figures.calibration", calibration_part(figures.calibration)),
        section("figures.agreement", agreement_part(figures.agreement)),
        section("figures.spans", spans_part(figures.spans)),
        section("figures.pace", pace_part(figures.pace)),
        section("figures.protocol", protocol_part(figures.protocol)),
    ]
    return tag("article", Markup().join(parts), "evaluation review")


def _headline(figures: Figures) -> Markup:
    """The precision of all with its interval, and what keeps it from being the last word."""
    strict = figures.overall.strict
    if strict.value is None:
        shown = tag("p", say("figures.no_data"), "limits")
    else:
        words = say("figures.headline", interval=interval(strict.low, strict.high), n=strict.n, size=strict.size)
        shown = tag("p", tag("b", number(strict.value), "") + Markup(" ") + tag("span", words, ""), "headline")
    return shown + Markup().join(tag("p", caution, "notice") for caution in _cautions(figures))


def _cautions(figures: Figures) -> Iterable[Markup]:
    counts, protocol = figures.protocol.counts, figures.protocol
    if counts.open:
        yield say("figures.interim", open=counts.open, drawn=counts.drawn)
    if counts.waiting:
        yield say("figures.waiting", waiting=counts.waiting)
    if counts.outside:
        yield say("figures.outside", outside=counts.outside)
    if protocol.disputed:
        yield say("figures.disputed", disputed=protocol.disputed)
