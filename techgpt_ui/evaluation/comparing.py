"""Two evaluations of one gold set beside each other: which figures differ, by how much, and on which documents."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from techgpt_ui.errors import UsageError
from techgpt_ui.evaluation.keeping import Assessed
from techgpt_ui.evaluation.records import Evaluation, Outcome
from techgpt_ui.evaluation.statistics import Measure, PairedTest
from techgpt_ui.presets import Task
from techgpt_ui.schema import Record, Result

_HUNDRED = {"bleu", "chrf"}
"""Figures that end at 100, the others end at 1."""
_SAME = 1e-9
_OF_AN_ANSWER = {"status", "mentions", "relations", "items", "fields", "labels", "text", "code"}

Change = Literal["regression", "improvement", "changed"]


class DocumentDifference(Record):
    """A document whose two answers differ; the scores are the headline of this document alone."""

    change: Change
    position: int
    one: Outcome
    other: Outcome
    one_score: float | None
    other_score: float | None


class Comparison(Record):
    """What two evaluations have in common and where they differ, on the documents that both have done."""

    task: str
    headline: str
    one: Evaluation
    other: Evaluation
    n: int
    """Documents that both have done."""
    left_out: int
    """Documents that only one of the two has done."""
    tests: tuple[PairedTest, ...]
    """Each metric on the common documents; differences are ``other`` less ``one``."""
    differences: tuple[DocumentDifference, ...]
    """Regressions first, the largest loss at the top, then improvements, then other answers of equal worth."""
    equal: int
    """Documents with the same answer in both."""


def compare(task: Task, one: Assessed, other: Assessed) -> Comparison:
    """Compare two evaluations; UsageError where they are of different gold or have no document in common."""
    from techgpt_ui.evaluation import metrics
    from techgpt_ui.evaluation.statistics import paired_tests

    _require_same_gold(one.evaluation, other.evaluation)
    mine = {outcome.position: outcome for outcome in one.evaluation.outcomes}
    theirs = {outcome.position: outcome for outcome in other.evaluation.outcomes}
    common = sorted(mine.keys() & theirs.keys())
    if not common:
        raise UsageError("evaluations_apart", one=one.evaluation.id[:8], other=other.evaluation.id[:8])
    left, right = [mine[position] for position in common], [theirs[position] for position in common]
    measures = metrics.measures(task, left), metrics.measures(task, right)
    headline = one.scores.headline
    scored = zip(left, right, *(_each(found, headline) for found in measures), strict=True)
    differences = [found for quadruple in scored if (found := _difference(*quadruple))]
    return Comparison(
        task=task.id,
        headline=headline,
        one=one.evaluation,
        other=other.evaluation,
        n=len(common),
        left_out=len(mine.keys() ^ theirs.keys()),
        tests=paired_tests(*measures),
        differences=tuple(sorted(differences, key=_rank)),
        equal=len(common) - len(differences),
    )


def document_scores(task: Task, outcomes: Sequence[Outcome], headline: str) -> list[float | None]:
    """The headline of each document alone; None where it is not defined for it."""
    from techgpt_ui.evaluation import metrics

    return _each(metrics.measures(task, outcomes), headline)


def failures(task: Task, outcomes: Sequence[Outcome], headline: str) -> list[tuple[Outcome, float | None]]:
    """The documents that were not answered perfectly, with their scores, the worst first."""
    scored = zip(outcomes, document_scores(task, outcomes, headline), strict=True)
    failed = [(outcome, score) for outcome, score in scored if is_failure(outcome, score, headline)]
    return sorted(failed, key=lambda pair: (-1.0 if pair[1] is None else pair[1], pair[0].position))


def is_failure(outcome: Outcome, score: float | None, headline: str) -> bool:
    """Whether a document failed, was answered in no readable form, or scored below the best."""
    if outcome.result is None or outcome.result.status == "unparsed":
        return True
    best = 100.0 if headline in _HUNDRED else 1.0
    return score is not None and score < best - _SAME


def _require_same_gold(one: Evaluation, other: Evaluation) -> None:
    if (one.task, one.gold_sha256) != (other.task, other.gold_sha256):
        raise UsageError("evaluations_differ", one=f"{one.task} {one.gold}", other=f"{other.task} {other.gold}")


def _each(measures: Sequence[Measure], headline: str) -> list[float | None]:
    """The headline of each document alone."""
    measure = next(measure for measure in measures if measure.name == headline)
    return [None if math.isnan(value) else float(value) for value in measure.formula(measure.rows)]


def _difference(
    one: Outcome, other: Outcome, one_score: float | None, other_score: float | None
) -> DocumentDifference | None:
    gain = (other_score or 0.0) - (one_score or 0.0)
    change: Change = "changed"
    if abs(gain) > _SAME:
        change = "improvement" if gain > 0 else "regression"
    elif _answer(one) == _answer(other):
        return None
    return DocumentDifference(
        change=change, position=one.position, one=one, other=other, one_score=one_score, other_score=other_score
    )


def _rank(difference: DocumentDifference) -> tuple[int, float, int]:
    order = ("regression", "improvement", "changed").index(difference.change)
    return order, -abs((difference.other_score or 0.0) - (difference.one_score or 0.0)), difference.position


def _answer(outcome: Outcome) -> object:
    """What was answered, however likely the model found it."""
    return _said(outcome.result) if outcome.result else outcome.error


def _said(result: Result) -> object:
    return _without_numbers(result.model_dump(mode="json", include=_OF_AN_ANSWER))


def _without_numbers(value: object) -> object:
    """The value without confidences and scores, which differ in their last digits where answers are the same."""
    if isinstance(value, dict):
        return {name: _without_numbers(inner) for name, inner in value.items() if name not in ("confidence", "score")}
    if isinstance(value, list):
        return [_without_numbers(inner) for inner in value]
    return value
