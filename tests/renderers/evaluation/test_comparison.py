"""Two evaluations beside each other: differences told in words, regressions first."""

import re
from typing import Any

from techgpt_ui.evaluation.comparing import Comparison, DocumentDifference
from techgpt_ui.evaluation.statistics import PairedTest
from techgpt_ui.presets import Library
from techgpt_ui.renderers.evaluation import comparison_html, comparison_report_html
from tests.renderers.evaluation.examples import (
    FAILED,
    HALF,
    HOSTILE,
    NOTHING,
    RIGHT,
    a_gold,
    an_answer,
    an_evaluation,
    an_outcome,
    some_settings,
    visible,
)


def a_test(name: str = "string_f1", difference: float | None = -0.2, p: float | None = 0.004) -> PairedTest:
    return PairedTest(name=name, one=0.5, other=0.3, difference=difference, low=-0.3, high=-0.1, p=p)


def a_comparison(**changes: Any) -> Comparison:
    other = an_evaluation(id="f" * 32, settings=some_settings(grounded=False))
    given = {
        "task": "ner", "headline": "string_f1", "one": an_evaluation(), "other": other, "n": 4, "left_out": 0,
        "tests": (a_test("span_f1", 0.01, 0.6), a_test()), "equal": 1,
        "differences": (
            DocumentDifference(change="regression", position=0, one=RIGHT, other=HALF, one_score=1.0, other_score=0.5),
            DocumentDifference(
                change="improvement", position=2, one=NOTHING, other=RIGHT, one_score=0.0, other_score=1.0
            ),
        ),
    } | changes  # fmt: skip
    return Comparison(**given)


def compared(library: Library, **changes: Any) -> str:
    return comparison_report_html(a_comparison(**changes), "en", library.tasks["ner"])


def test_a_difference_is_called_one_in_words_and_only_below_the_level(library: Library) -> None:
    rows = [visible(row) for row in re.findall(r"<tr>.*?</tr>", compared(library))]
    (headline,) = [row for row in rows if row.startswith("string_f1")]
    (span,) = [row for row in rows if row.startswith("span_f1")]
    assert "0.5000.300-0.200-0.300 – -0.1000.0040" in headline and "B is lower (p < 0.05)" in headline
    assert "+0.010" in span and "no clear difference" in span


def test_a_metric_that_is_not_defined_makes_no_claim(library: Library) -> None:
    shown = compared(library, tests=(a_test(difference=None, p=None),))
    assert "no clear difference" in shown and "B is" not in shown


def test_settings_that_differ_are_listed_and_equal_ones_are_not(library: Library) -> None:
    shown = visible(compared(library))
    assert "From the text only✓✗" in shown and "Seed7" not in shown


def test_equal_settings_are_said_to_be_equal(library: Library) -> None:
    assert "The settings are the same." in compared(library, other=an_evaluation(id="f" * 32))


def test_both_answers_of_a_document_stand_side_by_side_with_what_differs_marked(library: Library) -> None:
    shown = compared(library)
    assert "<del class=''>Dublin</del>" in shown and "<ins class=''>Oslo</ins>" in shown
    assert "1.00 → 0.50" in shown and "0.00 → 1.00" in shown


def test_counts_say_what_is_not_listed(library: Library) -> None:
    shown = visible(compared(library, left_out=2))
    assert "1 worse, 1 better, 0 answered otherwise with the same score, 1 answered alike." in shown
    assert "2 more were done by only one of them" in shown


def test_an_answer_that_failed_is_shown_by_its_error(library: Library) -> None:
    lost = DocumentDifference(change="regression", position=3, one=RIGHT, other=FAILED, one_score=1, other_score=0)
    assert "The text is too long." in compared(library, differences=(lost,))


def test_only_the_page_has_buttons_for_both_answers(library: Library) -> None:
    page = comparison_html(a_comparison(), library.tasks["ner"])
    opened = re.findall(r'data-evaluation="(\w+)" data-position="(\d)"', page)
    one, other = an_evaluation().id, "f" * 32
    assert opened == [(one, "0"), (other, "1"), (one, "2"), (other, "0")]
    assert "data-evaluation" not in compared(library)


def test_nothing_of_either_answer_is_taken_for_html(library: Library) -> None:
    gold = a_gold(HOSTILE, ())
    outcome = an_outcome(0, an_answer((HOSTILE, HOSTILE), source=HOSTILE, raw=HOSTILE), gold=gold)
    hostile = DocumentDifference(change="changed", position=0, one=outcome, other=outcome, one_score=0, other_score=0)
    shown = compared(library, differences=(hostile,), one=an_evaluation(gold=HOSTILE))
    assert "<link" not in shown and "<img" not in shown
