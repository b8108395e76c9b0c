"""The public forms of evaluations and comparisons: what the command line prints and the page hands out."""

from __future__ import annotations

from typing import Any

from techgpt_ui.evaluation.comparing import Comparison, DocumentDifference
from techgpt_ui.evaluation.keeping import Assessed
from techgpt_ui.evaluation.records import Figure


def evaluation_json(assessed: Assessed) -> dict[str, Any]:
    """The public form of an evaluation."""
    evaluation, scores, conduct = assessed
    return {
        "id": evaluation.id,
        "task": evaluation.task,
        "gold": {"name": evaluation.gold, "sha256": evaluation.gold_sha256},
        "model": evaluation.model.model_dump(mode="json") if evaluation.model else None,
        "settings": evaluation.settings.model_dump(mode="json"),
        "labels": list(evaluation.settings.labels),
        "code_version": evaluation.code_version,
        "created": evaluation.created,
        "n": conduct.n,
        "errors": conduct.errors,
        "status": conduct.status,
        "headline": scores.headline,
        "metrics": metrics_json(scores.figures),
        "signatures": scores.signatures,
        "breakdown": {
            entry.name: {"support": entry.support, "metrics": metrics_json(entry.figures)} for entry in scores.breakdown
        },
        "confusion": scores.confusion.model_dump(mode="json") if scores.confusion else None,
        "baselines": {name: metrics_json(found.figures) for name, found in evaluation.baselines.items()},
        "conduct": conduct.model_dump(mode="json"),
        "seconds": conduct.seconds,
    }


def metrics_json(figures: tuple[Figure, ...]) -> dict[str, dict[str, float | None]]:
    """Figures by name, as the public forms have them."""
    return {one.name: {"value": one.value, "low": one.low, "high": one.high} for one in figures}


def whole_json(assessed: Assessed) -> dict[str, Any]:
    """The public form with the outcome of every document."""
    outcomes = [outcome.model_dump(mode="json") for outcome in assessed[0].outcomes]
    return evaluation_json(assessed) | {"outcomes": outcomes}


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The public form of a comparison."""
    return {
        "task": comparison.task,
        "gold": {"name": comparison.one.gold, "sha256": comparison.one.gold_sha256},
        "a": comparison.one.id,
        "b": comparison.other.id,
        "n": comparison.n,
        "left_out": comparison.left_out,
        "headline": comparison.headline,
        "metrics": {
            test.name: {
                "a": test.one,
                "b": test.other,
                "difference": test.difference,
                "low": test.low,
                "high": test.high,
                "p": test.p,
            }
            for test in comparison.tests
        },
        "counts": counts(comparison),
        "differences": [_difference(entry) for entry in comparison.differences],
    }


def counts(comparison: Comparison) -> dict[str, int]:
    """How many documents got worse, got better, changed without a difference in score, or stayed equal."""
    changes = [entry.change for entry in comparison.differences]
    named = {f"{name}s": changes.count(name) for name in ("regression", "improvement")}
    return named | {"changed": changes.count("changed"), "equal": comparison.equal}


def _difference(entry: DocumentDifference) -> dict[str, Any]:
    answers = {name: outcome.result.raw if outcome.result else None for name, outcome in _sides(entry)}
    return {
        "change": entry.change,
        "line": entry.one.gold.line,
        "inputs": entry.one.gold.inputs,
        "scores": {"a": entry.one_score, "b": entry.other_score},
        "answers": answers,
    }


def _sides(entry: DocumentDifference) -> tuple[tuple[str, Any], ...]:
    return (("a", entry.one), ("b", entry.other))
