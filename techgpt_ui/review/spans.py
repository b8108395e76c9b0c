"""Agreement on spans: the F1 of one reviewer's spans against another's, in documents that both marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from techgpt_ui.evaluation.metrics.base import as_rows, f1, overlap
from techgpt_ui.evaluation.metrics.entities import Span, as_entities, scheme_counts
from techgpt_ui.evaluation.records import Figure
from techgpt_ui.evaluation.statistics import Measure, figures
from techgpt_ui.review.records import MarkedSpan
from techgpt_ui.schema import Record

Pair = tuple[set[Span], set[Span]]


class SpanAgreement(Record):
    """Two reviewers' spans; the figures are the same whichever of them is held to be right."""

    reviewers: tuple[str, str]
    documents: int
    spans: tuple[int, int]
    figures: tuple[Figure, ...]
    """``span_f1`` (place and type, nested spans each on their own), and nervaluate's ``strict_f1``, ``exact_f1`` and
    ``partial_f1``; bootstrapped over documents."""


def span_agreements(spans: Iterable[MarkedSpan]) -> tuple[SpanAgreement, ...]:
    """Every pair of reviewers with a document in common; a span that someone marks twice counts once."""
    marked: dict[str, dict[str, set[Span]]] = {}
    for span in spans:
        marked.setdefault(span.reviewer, {}).setdefault(span.document, set()).add(Span(span.start, span.end, span.type))
    return tuple(
        _agreement(pair, [(marked[pair[0]][name], marked[pair[1]][name]) for name in shared])
        for pair in combinations(sorted(marked), 2)
        if (shared := sorted(marked[pair[0]].keys() & marked[pair[1]].keys()))
    )


def _agreement(pair: tuple[str, str], documents: Sequence[Pair]) -> SpanAgreement:
    from nervaluate.strategies import ExactEvaluation, PartialEvaluation, StrictEvaluation

    schemes = {"strict_f1": StrictEvaluation(), "exact_f1": ExactEvaluation(), "partial_f1": PartialEvaluation()}
    measures = [Measure("span_f1", as_rows((overlap(*one) for one in documents), 3), f1)]
    measures += [
        Measure(name, as_rows((_both_ways(scheme, *one) for one in documents), 3), f1)
        for name, scheme in schemes.items()
    ]
    return SpanAgreement(
        reviewers=pair,
        documents=len(documents),
        spans=(sum(len(one) for one, _ in documents), sum(len(other) for _, other in documents)),
        figures=figures(measures),
    )


def _both_ways(scheme: Any, one: set[Span], other: set[Span]) -> tuple[float, float, float]:
    """Nervaluate matches greedily, so that overlapping spans make its hits depend on the side: the mean of both."""
    mine, yours = as_entities(one), as_entities(other)
    there, said, wanted = scheme_counts(scheme, mine, yours)
    back, _, _ = scheme_counts(scheme, yours, mine)
    return (there + back) / 2, said, wanted
