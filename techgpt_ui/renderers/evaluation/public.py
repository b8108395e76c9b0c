"""Evaluations and comparisons as JSON for other programs, every document included."""

from __future__ import annotations

from typing import Any

from techgpt_ui.evaluation.comparing import Comparison
from techgpt_ui.evaluation.keeping import Assessed


def evaluation_json(assessed: Assessed) -> dict[str, Any]:
    """Counts and ``metrics`` as ``evaluate --json`` has them, then all that was recorded."""
    evaluation, scores, conduct = assessed
    metrics = {one.name: {"value": one.value, "low": one.low, "high": one.high} for one in scores.figures}
    return {
        **conduct.model_dump(mode="json"),
        "metrics": metrics,
        "scores": scores.model_dump(mode="json"),
        "evaluation": evaluation.model_dump(mode="json"),
    }


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """The tests of the metrics and each document that differs; of both evaluations what they were, without answers."""
    return comparison.model_dump(mode="json", exclude={"one": {"outcomes"}, "other": {"outcomes"}})
