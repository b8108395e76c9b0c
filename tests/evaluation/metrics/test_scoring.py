"""From outcomes to figures: the same shape for every task."""

from typing import Any

import pytest

from techgpt_ui.evaluation.metrics import measures, score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.evaluation.statistics import paired_tests
from techgpt_ui.gold.records import GoldMention, GoldTriple
from techgpt_ui.presets import Library, load_library
from techgpt_ui.schema import Code, Label, Relation
from techgpt_ui.texts import catalogue
from tests.evaluation.metrics.outcomes import item, mention, outcome

TEXT = "Ada lives in Oslo"
TEXTS = ("text", "passage", "context", "question", "abstract", "title", "request")
INPUTS = {"language": "python", **dict.fromkeys(TEXTS, TEXT)}
GOLD = {
    "mentions": (GoldMention(start=0, end=3, type="person"),),
    "relations": (GoldTriple(head="Ada", predicate="lives in", tail="Oslo"),),
    "items": ("Oslo",),
    "fields": (("place", "Oslo"),),
    "label": "life",
    "texts": ("Oslo is a town",),
}
ANSWER = {
    "mentions": (mention(TEXT, "Ada", "person", "m1"), mention(TEXT, "Oslo", "place", "m2")),
    "relations": (Relation(id="r1", head="m1", predicate="lives in", tail="m2"),),
    "items": (item("Oslo"), item("Ada")),
    "fields": {"place": (item("Oslo"),)},
    "labels": (Label(text="life", score=None),),
    "text": "Oslo is a city",
    "code": (Code(language="python", source="x = 1"),),
}
TASKS = sorted(load_library().tasks)


def document(answer: dict[str, Any] | None) -> Outcome:
    return outcome(INPUTS, GOLD, answer)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_headline_with_an_interval_and_words_for_all_its_figures(library: Library, task: str) -> None:
    scores = score(library.task(task), [document(ANSWER), document(None), document({})])
    figures = {figure.name: figure for figure in scores.figures}
    headline = figures[scores.headline]
    assert headline.value is not None and headline.low is not None and headline.high is not None
    assert headline.low <= headline.value <= headline.high
    names = {*figures, *(figure.name for part in scores.breakdown for figure in part.figures)}
    assert {f"metric.{name}{end}" for name in names for end in ("", ".help")} <= catalogue().keys()


@pytest.mark.parametrize("task", TASKS)
def test_the_measures_are_those_of_the_figures_and_can_be_tested(library: Library, task: str) -> None:
    good, bad = [document(ANSWER)] * 8, [document(None)] * 8
    scores, found = score(library.task(task), good), measures(library.task(task), good)
    assert [(one.name, one.value) for one in found] == [(figure.name, figure.value) for figure in scores.figures]
    tests = {test.name: test for test in paired_tests(measures(library.task(task), bad), found)}
    test = tests[scores.headline]
    assert test.difference is not None and test.difference > 0 and test.p is not None and test.p < 0.05


def test_equal_outcomes_have_equal_scores(library: Library) -> None:
    outcomes = [document(ANSWER), document(None)]
    assert score(library.task("ner"), outcomes) == score(library.task("ner"), outcomes)
