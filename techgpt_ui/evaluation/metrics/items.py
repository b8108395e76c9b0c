"""Keywords and terms, as the keyphrase literature measures them.

Matching is by stems after folding, and repeated answers count once (Meng et al. 2017). ``@k`` looks at the first
``min(k, answers)`` answers and ``@M`` at all of them, each divided by their own number (Yuan et al. 2020, "One Size
Does Not Fit All"); others, such as Chan et al. 2019, divide by ``k`` even where an answer has fewer, which lowers
``@k`` of short answers. All figures are averages over documents; those whose gold has no such keyword are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from techgpt_ui.evaluation.metrics.base import Findings, averaged, source_of
from techgpt_ui.evaluation.metrics.words import stands_in, stemmed
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Task

CUTS = {"5": 5, "10": 10, "M": None}
HEADLINES = {"keywords": "f1@5"}
"""Keywords are the few that matter most; elsewhere all that an answer names counts."""


class Phrases(NamedTuple):
    """A document's answers in their order and its gold, stemmed and each once, with what stands in the text."""

    said: list[str]
    wanted: list[str]
    present: set[str]

    def standing(self) -> Phrases:
        """Only what stands in the text."""
        return self._replace(
            said=[one for one in self.said if one in self.present],
            wanted=[one for one in self.wanted if one in self.present],
        )


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """F1, precision and recall of the first 5, the first 10 and all answers; apart for present and absent keywords."""
    documents = [_phrases(task, outcome) for outcome in outcomes]
    standing = [document.standing() for document in documents]
    measures = [
        averaged(f"{name}@{cut}", (figure(one, most) for one in documents))
        for cut, most in CUTS.items()
        for name, figure in FIGURES.items()
    ]
    measures += [
        averaged("present_f1@M", (_f1(one, None) for one in standing)),
        averaged("absent_recall@M", map(_absent_recall, documents)),
    ]
    return Findings(HEADLINES.get(task.id, "f1@M"), measures)


def _phrases(task: Task, outcome: Outcome) -> Phrases:
    items = (outcome.result and outcome.result.items) or ()
    said, wanted = _once([item.text for item in items]), _once(outcome.gold.items)
    text = stemmed(source_of(task, outcome))
    return Phrases(said, wanted, {one for one in (*said, *wanted) if stands_in(one, text)})


def _once(texts: Sequence[str]) -> list[str]:
    return [stems for stems in dict.fromkeys(map(stemmed, texts)) if stems]


def _hits(document: Phrases, most: int | None) -> int:
    return len(set(document.said[:most]) & set(document.wanted))


def _precision(document: Phrases, most: int | None) -> float | None:
    """0 for an answer that names nothing."""
    return _hits(document, most) / max(len(document.said[:most]), 1) if document.wanted else None


def _recall(document: Phrases, most: int | None) -> float | None:
    return _hits(document, most) / len(document.wanted) if document.wanted else None


def _f1(document: Phrases, most: int | None) -> float | None:
    known = len(document.said[:most]) + len(document.wanted)
    return 2 * _hits(document, most) / known if document.wanted else None


def _absent_recall(document: Phrases) -> float | None:
    absent = set(document.wanted) - document.present
    return len(absent & set(document.said)) / len(absent) if absent else None


FIGURES: dict[str, Callable[[Phrases, int | None], float | None]] = {
    "f1": _f1,
    "precision": _precision,
    "recall": _recall,
}
