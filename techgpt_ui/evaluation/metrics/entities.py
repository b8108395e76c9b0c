"""Entities: by place (with the four schemes of SemEval 2013, task 9.1) and by their words, kept apart.

A mention that does not stand in the text has no place: by place and by words it is a wrong answer, and the four
schemes, which know only places, leave it out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from techgpt_ui.evaluation.metrics.base import Findings, micro, overlap, parts_by, source_of
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.evaluation.statistics import Measure
from techgpt_ui.presets import Task


class Span(NamedTuple):
    """An entity by its place."""

    start: int
    end: int
    type: str


class Words(NamedTuple):
    """An entity by its words."""

    text: str
    type: str
    grounded: bool = True


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """Precision, recall and F1 by words, by place, and by nervaluate's strict, exact, partial and type schemes."""
    words = [(_words_said(outcome), _words_wanted(task, outcome)) for outcome in outcomes]
    spans = [(_spans_said(outcome), _spans_wanted(outcome)) for outcome in outcomes]
    measures = [
        *micro("string", (overlap(said, wanted) for said, wanted in words)),
        *micro("span", (overlap(said, wanted) for said, wanted in spans)),
        *_schemes([({one for one in said if isinstance(one, Span)}, wanted) for said, wanted in spans]),
    ]
    support = Counter(mention.type for outcome in outcomes for mention in outcome.gold.mentions)
    return Findings(
        "string_f1", measures, parts_by({"string": words, "span": spans}, support, lambda piece: str(piece.type))
    )


def _words_wanted(task: Task, outcome: Outcome) -> set[Words]:
    source = source_of(task, outcome)
    return {Words(source[mention.start : mention.end], mention.type) for mention in outcome.gold.mentions}


def _words_said(outcome: Outcome) -> set[Words]:
    mentions = (outcome.result and outcome.result.mentions) or ()
    return {Words(one.text or one.surface, one.type, one.start is not None) for one in mentions}


def _spans_wanted(outcome: Outcome) -> set[Span]:
    return {Span(mention.start, mention.end, mention.type) for mention in outcome.gold.mentions}


def _spans_said(outcome: Outcome) -> set[Span | Words]:
    """Places; the words of a mention that has none stand for it, and are right nowhere."""
    mentions = (outcome.result and outcome.result.mentions) or ()
    return {
        Words(one.surface, one.type, grounded=False)
        if one.start is None or one.end is None
        else Span(one.start, one.end, one.type)
        for one in mentions
    }


def _schemes(pairs: Sequence[tuple[set[Span], set[Span]]]) -> list[Measure]:
    from nervaluate.strategies import EntityTypeEvaluation, ExactEvaluation, PartialEvaluation, StrictEvaluation

    schemes = {
        "strict": StrictEvaluation(),
        "exact": ExactEvaluation(),
        "partial": PartialEvaluation(),
        "type": EntityTypeEvaluation(),
    }
    documents = [(as_entities(said), as_entities(wanted)) for said, wanted in pairs]
    return [
        measure
        for name, scheme in schemes.items()
        for measure in micro(name, (scheme_counts(scheme, said, wanted) for said, wanted in documents))
    ]


def as_entities(spans: AbstractSet[Span]) -> list[Any]:
    """Spans for nervaluate, whose ends are inclusive, in the order of the text, as matching depends on it."""
    from nervaluate.entities import Entity

    return [Entity(label=span.type, start=span.start, end=span.end - 1) for span in sorted(spans)]


def scheme_counts(scheme: Any, said: list[Any], wanted: list[Any]) -> tuple[float, float, float]:
    """(Hits, answered, wanted) under one of nervaluate's schemes; a partial match is half a hit."""
    found, _ = scheme.evaluate(wanted, said, [])
    met = found.correct + found.incorrect + found.partial
    return found.correct + 0.5 * found.partial, met + found.spurious, met + found.missed
