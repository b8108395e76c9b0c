"""One label a document: accuracy, macro F1 over the labels of the gold, and which label was taken for which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from techgpt_ui.evaluation.metrics.base import Findings, Part, as_rows, averaged, f1, micro
from techgpt_ui.evaluation.records import Confusion, Outcome
from techgpt_ui.evaluation.statistics import Array, Measure
from techgpt_ui.presets import Task


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """Accuracy and macro F1 of the best-ranked label; documents without a gold label are left out."""
    pairs = [(_said(outcome), outcome.gold.label) for outcome in outcomes]
    support = Counter(wanted for _, wanted in pairs if wanted)
    labels = sorted(support, key=lambda label: (-support[label], label))
    correct = (float(said == wanted) if wanted else None for said, wanted in pairs)
    measures = [averaged("accuracy", correct), Measure("macro_f1", _by_label(pairs, labels), _macro_f1)]
    parts = tuple(Part(label, support[label], micro("label", _counts(pairs, label))) for label in labels)
    return Findings("accuracy", measures, parts, _confusion(pairs, labels))


def _said(outcome: Outcome) -> str:
    labels = (outcome.result and outcome.result.labels) or ()
    return labels[0].text if labels else ""


def _counts(pairs: Sequence[tuple[str, str]], label: str) -> list[tuple[float, float, float]]:
    """(hits, answered, wanted) of one label in each document."""
    return [
        (float(said == wanted == label), float(said == label and bool(wanted)), float(wanted == label))
        for said, wanted in pairs
    ]


def _by_label(pairs: Sequence[tuple[str, str]], labels: Sequence[str]) -> Array:
    """The counts of all labels side by side, shape (documents, 3 * labels)."""
    columns = [as_rows(_counts(pairs, label), 3) for label in labels]
    return np.concatenate(columns, axis=1) if columns else np.zeros((len(pairs), 3))


def _macro_f1(sums: Array) -> Array:
    """The mean F1 of the labels that the gold of this sample has."""
    by_label = sums.reshape(*sums.shape[:-1], -1, 3)
    wanted = by_label[..., 2] > 0
    total = np.where(wanted, np.nan_to_num(f1(by_label)), 0).sum(axis=-1)
    count = wanted.sum(axis=-1)
    return np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0)


def _confusion(pairs: Sequence[tuple[str, str]], labels: Sequence[str]) -> Confusion:
    counts = Counter((wanted, said if said in labels else "") for said, wanted in pairs)
    return Confusion(
        labels=tuple(labels),
        counts=tuple(tuple(counts[wanted, said] for said in (*labels, "")) for wanted in labels),
    )
