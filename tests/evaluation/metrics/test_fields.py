"""Figures of open extraction."""

import pytest

from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Library
from tests.evaluation.metrics.outcomes import item, outcome, values

GOLD = (("time", "Monday"), ("place", "Oslo"), ("place", "Bergen"))


def document(said: dict[str, list[str]]) -> Outcome:
    return outcome({"text": "x"}, {"fields": GOLD}, {"fields": {name: tuple(map(item, v)) for name, v in said.items()}})


def test_a_case_worked_by_hand(library: Library) -> None:
    found = values(
        score(library.task("open_ie"), [document({"Time": ["monday"], "place": ["Oslo", "Rome"], "who": []})])
    )
    assert (found["field_precision"], found["field_recall"]) == pytest.approx((2 / 3, 2 / 3))


def test_a_value_in_the_wrong_field_is_wrong(library: Library) -> None:
    assert values(score(library.task("open_ie"), [document({"time": ["Oslo"]})]))["field_f1"] == 0


def test_each_field_has_its_own_figures(library: Library) -> None:
    breakdown = score(library.task("open_ie"), [document({"place": ["Oslo"], "cause": ["rain"]})]).breakdown
    recalls = {part.name: part.figures[2].value for part in breakdown}
    assert [(part.name, part.support) for part in breakdown] == [("place", 2), ("time", 1), ("cause", 0)]
    assert recalls == {"place": 0.5, "time": 0, "cause": None}
