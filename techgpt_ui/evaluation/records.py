"""What an evaluation is: its settings, the outcome of each document, and the figures."""

from __future__ import annotations

from typing import Any, Literal

from techgpt_ui.gold import GoldDocument
from techgpt_ui.presets import FewShotExample
from techgpt_ui.schema import ModelInfo, Record, Result
from techgpt_ui.texts import Text

ExampleChoice = Literal["fixed", "nearest", "none"]
"""The preset's own few-shot examples, those of a pool that are most like the document, or none at all."""


class EvaluationSettings(Record):
    """All that decides an answer besides the document; two evaluations with equal ones are the same evaluation."""

    model: str
    """Id of the model preset, or the folder or hub id."""
    dtype: str
    sampling_preset: str
    sampling: dict[str, Any]
    seed: int
    grounded: bool
    variant: str | None = None
    labels: tuple[str, ...] = ()
    """Types, predicates or labels that were asked for, in the words of the gold file."""
    examples: ExampleChoice = "fixed"
    shots: int | None = None
    """How many examples; None leaves it to the preset (fixed) or to the default (nearest)."""
    pool: str | None = None
    """Name of the pool's file."""
    pool_sha256: str | None = None
    limit: int | None = None
    """Only so many documents, the first ones."""


class Outcome(Record):
    """What became of one document; either ``result`` or ``error`` is there."""

    position: int
    """Its place in the gold set, from 0."""
    gold: GoldDocument
    inputs: dict[str, Any]
    """The whole inputs of the run, asked types included."""
    examples: tuple[FewShotExample, ...] | None = None
    """The few-shot examples that were chosen for it; None where the preset's own were used."""
    result: Result | None = None
    """Types, predicates and labels in the words of the gold file."""
    error: Text | None = None
    seconds: float = 0.0


class Figure(Record):
    """One metric with its bootstrap 95 % interval; None where it is not defined (nothing to divide by)."""

    name: str
    value: float | None
    low: float | None
    high: float | None


class Breakdown(Record):
    """The figures of one type, predicate or label; ``support`` is how often the gold has it."""

    name: str
    support: int
    figures: tuple[Figure, ...]


class Confusion(Record):
    """Gold labels (rows) against answers (columns, the last one for no answer or an unknown one)."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Scores(Record):
    """What the metrics say about a set of outcomes."""

    headline: str
    """Name of the figure that stands for the whole: string_f1, accuracy, …"""
    figures: tuple[Figure, ...]
    breakdown: tuple[Breakdown, ...] = ()
    confusion: Confusion | None = None
    signatures: dict[str, str] = {}
    """How a figure was computed, where its library says so (sacrebleu), by the figure's name."""

    @property
    def main(self) -> Figure | None:
        """The figure that stands for the whole; None where the scores lack it."""
        return next((figure for figure in self.figures if figure.name == self.headline), None)


class Conduct(Record):
    """How the answers came about, beside how good they are."""

    n: int
    errors: int
    status: dict[str, int]
    """Counts of parsed, partial and unparsed answers."""
    ungrounded: float | None
    """Share of the extracted spans that do not stand in the text; None where none was extracted."""
    finish_reasons: dict[str, int]
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    """Sum over the documents."""
    seconds_median: float | None
    """Median of a document."""


class Evaluation(Record):
    """An evaluation of one gold set, finished or under way."""

    id: str
    task: str
    gold: str
    """Name of the gold file."""
    gold_sha256: str
    settings: EvaluationSettings
    model: ModelInfo | None
    code_version: str
    created: str
    """ISO 8601, UTC."""
    outcomes: tuple[Outcome, ...]
    baselines: dict[str, Scores] = {}
    """Figures of trivial answers on the same documents, by the baseline's name."""
