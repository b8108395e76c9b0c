"""What a review says about the model: precision, why items were wrong, recall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from techgpt_ui.evaluation.records import Figure
from techgpt_ui.renderers.evaluation.numbers import interval, number
from techgpt_ui.renderers.evaluation.plots import whiskers
from techgpt_ui.renderers.evaluation.tables import frame, row
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.review.figures import Precision, Reasons
from techgpt_ui.review.precision import Estimate
from techgpt_ui.review.recall import Recall
from techgpt_ui.texts import catalogue

FEW = 10
"""Fewer documents than these make a poor interval."""
DRAWN = 20
"""So many groups are drawn at most; the table has them all."""


def precision_part(groups: Sequence[Precision]) -> Markup:
    """A plot and a row for each group of items, all of them first."""
    head = (
        say("figures.group"), "", say("figures.size"), say("figures.judged"), say("figures.right"),
        say("figures.strict"), say("figures.this_frame"), say("figures.like_these"), say("figures.design_effect"),
        say("figures.documents"), say("figures.lenient"), say("figures.this_frame"), say("figures.unweighted"),
    )  # fmt: skip
    notes = [say("figures.precision.note")]
    documents = groups[0].clustered.documents
    if 0 < documents < FEW:
        notes.append(say("figures.few_documents", documents=documents))
    if any(one.strict.pooled for one in groups):
        notes.append(say("figures.pooled"))
    table = frame(head, map(_precision_row, groups), say("figures.precision"), "numbers")
    return whiskers(_drawn(groups)) + table + _notes(notes)


def _precision_row(one: Precision) -> Markup:
    strict, lenient, clustered = one.strict, one.lenient, one.clustered
    return row(
        say(f"figures.group.{one.group}"), name_of(one.group, one.name), strict.size, strict.n, strict.right,
        _value(strict), interval(strict.low, strict.high), interval(clustered.low, clustered.high),
        number(clustered.design_effect, 2), clustered.documents, _value(lenient), interval(lenient.low, lenient.high),
        number(strict.unweighted),
    )  # fmt: skip


def name_of(group: str, name: str) -> Markup:
    """A view's or kind's own words, else the bare name; a word where there is none."""
    if group == "all":
        return Markup("")
    key = f"figures.view.{name}" if group == "view" else f"figures.{group}.{name}"
    if key in catalogue():
        return say(key)
    return Markup('<bdi dir="auto">{}</bdi>').format(name) if name else say("figures.nameless")


def _value(estimate: Estimate) -> Markup:
    if estimate.value is None:
        return say("figures.empty_cell")
    return tag("b", number(estimate.value), "") + ("*" if estimate.pooled else "")


def _drawn(groups: Iterable[Precision]) -> tuple[Figure, ...]:
    """For the plot, by bare names: a drawing has but one language."""
    known = [one for one in groups if one.strict.value is not None][:DRAWN]
    return tuple(
        Figure(name=one.name or one.group, value=one.strict.value, low=one.strict.low, high=one.strict.high)
        for one in known
    )


def reasons_part(reasons: Sequence[Reasons]) -> Markup:
    """How often each reason was given."""
    if not reasons:
        return tag("p", say("figures.reasons.none"), "limits")
    rows = [row(say(f"figures.reason.{one.reason}"), one.edited, one.rejected) for one in reasons]
    head = (say("figures.reason"), say("figures.edited"), say("figures.rejected"))
    return frame(head, rows, say("figures.reasons"), "numbers")


def recall_part(recalls: Sequence[Recall]) -> Markup:
    """A row a task, or that no document was read."""
    if not recalls:
        return tag("p", say("figures.recall.none"), "limits")
    head = (
        say("figures.task"), say("figures.examined"), say("figures.found"), say("figures.edited"),
        say("figures.missed"), say("figures.strict"), say("figures.interval"), say("figures.lenient"),
        say("figures.interval"),
    )  # fmt: skip
    table = frame(head, map(_recall_row, recalls), say("figures.recall"), "numbers")
    return table + _notes([say("figures.recall.note"), *_cautions(recalls)])


def _recall_row(one: Recall) -> Markup:
    cells: list[object] = []
    for value, low, high in (one.strict, one.lenient):
        shown = say("figures.empty_cell") if value is None else tag("b", number(value), "")
        cells += [shown, interval(low, high)]
    return row(name_of("task", one.task), f"{one.examined} / {one.drawn}", one.found, one.edited, one.missed, *cells)


def _cautions(recalls: Iterable[Recall]) -> Iterable[Markup]:
    for one in recalls:
        if one.unfinished:
            yield say("figures.recall.unfinished", unfinished=one.unfinished)
        if one.mixed:
            yield say("figures.recall.mixed", task=one.task)
        elif 0 < one.examined < FEW:
            yield say("figures.recall.few", examined=one.examined)


def _notes(notes: Iterable[Markup]) -> Markup:
    return Markup().join(tag("p", note, "limits") for note in notes)
