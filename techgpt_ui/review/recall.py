"""Recall from documents that were drawn and read to the end: right / (right + missed), with documents as clusters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from techgpt_ui.evaluation.metrics.base import as_rows, mean
from techgpt_ui.evaluation.statistics import Measure, figures
from techgpt_ui.review.design import deciding
from techgpt_ui.review.precision import wilson
from techgpt_ui.review.records import DECISIONS, Examined, Item, Review, Verdict
from techgpt_ui.review.sampling import Sample
from techgpt_ui.schema import Record


class Recall(Record):
    """What the model found of what stands in the documents, for one task; None where nothing stands there."""

    task: str
    drawn: int
    """Documents drawn."""
    examined: int
    """Those of them that were read to the end and whose items are all judged."""
    unfinished: int
    """Those that were read to the end while some of their items are not judged yet."""
    found: int
    edited: int
    missed: int
    mixed: bool
    """Items of several models or presets: what was missed cannot be laid at one's door, and nothing is estimated."""
    strict: tuple[float | None, float | None, float | None]
    """Value and 95 % interval: an edited item is one that was not found."""
    lenient: tuple[float | None, float | None, float | None]
    """Value and 95 % interval: an edited item is one that was found."""


def recalls(review: Review, sample: Sample) -> tuple[Recall, ...]:
    """The recall of each task that any drawn document was examined for."""
    drawn = set(sample.documents)
    readers = _readers(entry for entry in review.examined if entry.document in drawn)
    decided = deciding(review.verdicts)
    items: dict[tuple[str, str], list[Item]] = {}
    for item in review.frame:
        items.setdefault((item.task, item.document), []).append(item)
    missed = _missed(review, readers)
    return tuple(
        _recall(task, len(drawn), {key: items.get(key, []) for key in sorted(readers) if key[0] == task}, decided,
                missed)
        for task in sorted({task for task, _ in readers})
    )  # fmt: skip


def _readers(examined: Iterable[Examined]) -> dict[tuple[str, str], str]:
    """Who first read each document for each task: two readers note the same thing twice."""
    found: dict[tuple[str, str], str] = {}
    for entry in sorted(examined, key=lambda one: (one.time, one.reviewer)):
        found.setdefault((entry.task, entry.document), entry.reviewer)
    return found


def _missed(review: Review, readers: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for entry in review.missed:
        key = (entry.task, entry.document)
        if not entry.undone and readers.get(key) == entry.reviewer:
            counts[key] = counts.get(key, 0) + 1
    return counts


def _recall(
    task: str,
    drawn: int,
    documents: Mapping[tuple[str, str], list[Item]],
    decided: Mapping[str, Verdict],
    missed: Mapping[tuple[str, str], int],
) -> Recall:
    rows: list[tuple[int, int, int]] = []
    for key, items in documents.items():
        values = [decided[item.id].value for item in items if item.id in decided]
        if len(values) == len(items) and all(value in DECISIONS for value in values):
            rows.append((values.count("accept"), values.count("edit"), missed.get(key, 0)))
    found, edited, lost = (sum(row[at] for row in rows) for at in range(3))
    mixed = len({(item.model, item.preset) for items in documents.values() for item in items}) > 1
    known = [] if mixed else rows
    return Recall(
        task=task,
        drawn=drawn,
        examined=len(rows),
        unfinished=len(documents) - len(rows),
        found=found,
        edited=edited,
        missed=lost,
        mixed=mixed,
        strict=_ratio([(right, right + near + gone) for right, near, gone in known]),
        lenient=_ratio([(right + near, right + near + gone) for right, near, gone in known]),
    )


def _ratio(rows: list[tuple[int, int]]) -> tuple[float | None, float | None, float | None]:
    """The ratio of the sums and its percentile bootstrap over documents (seeded).

    Where all or none was found, or one document is all there is, every draw is the same and says nothing: then it is
    Wilson's interval with a document as one item.
    """
    (figure,) = figures([Measure("recall", as_rows(rows, 2), mean)])
    value, low, high = figure.value, figure.low, figure.high
    if value is None or low is None or high is None:
        return None, None, None
    telling = sum(1 for _, under in rows if under)
    if low == high:
        low, high = wilson(value, telling)
    return value, min(low, value), max(high, value)
