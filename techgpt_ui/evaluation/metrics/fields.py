"""Open extraction: the values of named fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from techgpt_ui.evaluation.metrics.base import Findings, micro, overlap, parts_by
from techgpt_ui.evaluation.metrics.words import folded
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Task


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """Precision, recall and F1 of (field, value) pairs, equal after folding; a field without values says nothing."""
    pairs = [(_said(outcome), _wanted(outcome)) for outcome in outcomes]
    measures = micro("field", (overlap(said, wanted) for said, wanted in pairs))
    names = {folded(name): name for outcome in outcomes for name, _ in outcome.gold.fields}
    support = Counter(names[name] for _, wanted in pairs for name, _ in wanted)
    return Findings("field_f1", measures, parts_by({"field": pairs}, support, lambda one: names.get(one[0], one[0])))


def _wanted(outcome: Outcome) -> set[tuple[str, str]]:
    return {(folded(name), folded(value)) for name, value in outcome.gold.fields}


def _said(outcome: Outcome) -> set[tuple[str, str]]:
    fields = (outcome.result and outcome.result.fields) or {}
    return {(folded(name), folded(value.text)) for name, values in fields.items() for value in values}
