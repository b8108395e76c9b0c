"""From outcomes to figures: the metrics of a task, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from techgpt_ui.evaluation.metrics import answers, entities, fields, items, labels, programs, texts, triples
from techgpt_ui.evaluation.metrics.base import Findings, Reader
from techgpt_ui.evaluation.records import Breakdown, Outcome, Scores
from techgpt_ui.evaluation.statistics import Measure, figures
from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import Task
from techgpt_ui.schema import ReadingKey

# The first row whose keys the format fills decides.
READERS: tuple[tuple[set[ReadingKey], Reader], ...] = (
    ({"relations"}, triples.read),
    ({"mentions"}, entities.read),
    ({"items", "text"}, answers.read),
    ({"items"}, items.read),
    ({"fields"}, fields.read),
    ({"labels"}, labels.read),
    ({"code"}, programs.read),
    ({"text"}, texts.read),
)


def score(task: Task, outcomes: Sequence[Outcome]) -> Scores:
    """All figures of a task's outcomes; a document that failed counts as an empty answer."""
    found = _findings(task, outcomes)
    by_part = iter(figures([measure for part in found.parts for measure in part.measures]))
    return Scores(
        headline=found.headline,
        figures=figures(found.measures),
        breakdown=tuple(
            Breakdown(name=part.name, support=part.support, figures=tuple(next(by_part) for _ in part.measures))
            for part in found.parts
        ),
        confusion=found.confusion,
        signatures=dict(found.signatures),
    )


def measures(task: Task, outcomes: Sequence[Outcome]) -> list[Measure]:
    """The metrics behind the figures, for the test of two runs on the same documents."""
    return _findings(task, outcomes).measures


def _findings(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    fills = set(PARSERS[task.format].fills)
    reader = next(reader for keys, reader in READERS if keys <= fills)
    return reader(task, outcomes)
