"""Answers to questions about a passage: exact match and F1 as SQuAD (English) and CMRC 2018 (Chinese) define them.

An unanswerable question has no gold answer, or one that only says so; saying so is right then, and nowhere else.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from techgpt_ui.documents import mostly_chinese
from techgpt_ui.evaluation.metrics.base import Findings, averaged, source_of
from techgpt_ui.evaluation.metrics.words import folded
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.parsers import PARSERS, ParseContext
from techgpt_ui.presets import Task

_ARTICLE = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_SEGMENT = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+(?:[.,][0-9]+)*")


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """Exact match and F1, the best over the gold answers; apart for unanswerable questions where there are any."""
    documents = [_Pair(_answer(task, one), _references(task, one), _chinese(task, one)) for one in outcomes]
    f1s, matches = [pair.best(_f1) for pair in documents], [pair.best(_matches) for pair in documents]
    measures = [averaged("f1", f1s), averaged("em", matches)]
    told = [pair.wanted != [""] for pair in documents]
    if not all(told):
        measures += [
            averaged("has_ans_f1", (value if has else None for value, has in zip(f1s, told, strict=True))),
            averaged("has_ans_em", (value if has else None for value, has in zip(matches, told, strict=True))),
            averaged("no_ans_f1", (None if has else value for value, has in zip(f1s, told, strict=True))),
        ]
    return Findings("f1", measures)


class _Pair(NamedTuple):
    """An answer and the gold answers, "" for none."""

    said: str
    wanted: list[str]
    chinese: bool

    def best(self, figure: Callable[[str, str, bool], float]) -> float:
        """The figure against the gold answer that it is best against."""
        return max(figure(self.said, one, self.chinese) for one in self.wanted)


def _answer(task: Task, outcome: Outcome) -> str:
    return _unless_none(task, (outcome.result and outcome.result.text) or "")


def _references(task: Task, outcome: Outcome) -> list[str]:
    """The gold answers; only "" where there is none."""
    return [text for text in (_unless_none(task, one) for one in outcome.gold.texts) if text] or [""]


def _unless_none(task: Task, text: str) -> str:
    """The text, or "" where it only says that the passage does not tell."""
    return "" if PARSERS[task.format].parse(text, ParseContext()).says_none else text.strip()


def _chinese(task: Task, outcome: Outcome) -> bool:
    """By the passage: an answer may be a mere number."""
    return mostly_chinese(source_of(task, outcome)) or any(map(mostly_chinese, outcome.gold.texts))


def _segments(text: str, chinese: bool) -> list[str]:
    """What answers are compared by: Chinese characters and words, or English words without articles; no punctuation."""
    if chinese:
        return _SEGMENT.findall(folded(text))
    return _ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def _matches(said: str, wanted: str, chinese: bool) -> float:
    return float(bool(said) == bool(wanted) and _segments(said, chinese) == _segments(wanted, chinese))


def _f1(said: str, wanted: str, chinese: bool) -> float:
    """By common words in English; in Chinese by the longest run that both have, as CMRC 2018 does."""
    mine, theirs = _segments(said, chinese), _segments(wanted, chinese)
    if not mine or not theirs:
        return _matches(said, wanted, chinese)
    if chinese:
        common = SequenceMatcher(None, mine, theirs, autojunk=False).find_longest_match().size
    else:
        common = (Counter(mine) & Counter(theirs)).total()
    return 2 * common / (len(mine) + len(theirs))
