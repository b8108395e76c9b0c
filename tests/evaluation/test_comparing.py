"""Two evaluations beside each other: figures with their test, and the documents that differ, worst first."""

import pytest

from techgpt_ui.errors import UsageError
from techgpt_ui.evaluation.comparing import Comparison, compare, document_scores, failures
from techgpt_ui.evaluation.keeping import Assessed, conducted
from techgpt_ui.gold import GoldDocument, GoldSet
from techgpt_ui.presets import Library
from tests.evaluation.answering import (
    BROKEN,
    CODE,
    PRAISE,
    RIGHT,
    THREE,
    TRIP,
    Answer,
    ScriptedEngine,
    gold_set,
    plan_of,
)

WRONG = "Entity: Bob, Type: location"


def run(library: Library, answers: dict[str, Answer], gold: GoldSet = THREE, limit: int | None = None) -> Assessed:
    *_, last = conducted(plan_of(library, gold, limit=limit), ScriptedEngine(answers), store=None)
    assert last.assessed is not None
    return last.assessed


def compared(library: Library, one: dict[str, Answer], other: dict[str, Answer]) -> Comparison:
    return compare(library.task("ner"), run(library, one), run(library, other))


def test_equal_runs_have_no_difference(library: Library) -> None:
    comparison = compared(library, RIGHT, RIGHT)
    assert (comparison.differences, comparison.equal, comparison.n) == ((), 3, 3)
    assert {test.p for test in comparison.tests if test.difference is not None} == {1.0}


def test_a_difference_is_what_the_second_has_more(library: Library) -> None:
    comparison = compared(library, RIGHT | {"Bob went to Rome.": "none"}, RIGHT)
    test = next(test for test in comparison.tests if test.name == comparison.headline)
    assert test.one == pytest.approx(0.8) and test.other == 1 and test.difference == pytest.approx(0.2)


def test_regressions_come_first_then_improvements_then_other_answers(library: Library) -> None:
    one = RIGHT | {"Ada praised Prolog.": "none", "Cy writes Lisp.": "Entity: Cy, Type: location"}
    other = RIGHT | {"Bob went to Rome.": WRONG, "Cy writes Lisp.": "none"}
    comparison = compared(library, one, other)
    assert [(entry.change, entry.position) for entry in comparison.differences] == [
        ("regression", 1), ("improvement", 0), ("changed", 2),
    ]  # fmt: skip


def test_the_largest_loss_comes_first(library: Library) -> None:
    half = "Entity: Prolog, Type: programming language\nEntity: Ada, Type: location"
    comparison = compared(library, RIGHT, RIGHT | {"Ada praised Prolog.": half, "Cy writes Lisp.": WRONG})
    assert [entry.position for entry in comparison.differences] == [2, 0]
    assert [entry.other_score for entry in comparison.differences] == [0, pytest.approx(2 / 3)]


def test_both_answers_of_a_difference_are_there(library: Library) -> None:
    (entry,) = compared(library, RIGHT, RIGHT | {"Bob went to Rome.": WRONG}).differences
    assert entry.one.result and entry.other.result
    assert (entry.one.result.raw, entry.other.result.raw) == (RIGHT["Bob went to Rome."], WRONG)


def test_an_answer_written_otherwise_but_read_alike_is_equal(library: Library) -> None:
    comparison = compared(library, RIGHT, RIGHT | {"Bob went to Rome.": "- Entity: Rome, Type: Location"})
    assert comparison.equal == 3


def test_only_documents_that_both_have_done_are_compared(library: Library) -> None:
    comparison = compare(library.task("ner"), run(library, RIGHT), run(library, RIGHT, limit=2))
    assert (comparison.n, comparison.left_out) == (2, 1)


def test_other_gold_is_refused(library: Library) -> None:
    other = gold_set(PRAISE, TRIP, CODE, sha256="d" * 64)
    with pytest.raises(UsageError) as caught:
        compare(library.task("ner"), run(library, RIGHT), run(library, RIGHT, other))
    assert caught.value.code == "evaluations_differ"


def test_runs_without_a_document_in_common_are_refused(library: Library) -> None:
    one, other = run(library, RIGHT, limit=1), run(library, RIGHT)
    later = other.evaluation.model_copy(update={"outcomes": other.evaluation.outcomes[1:]})
    with pytest.raises(UsageError) as caught:
        compare(library.task("ner"), one, other._replace(evaluation=later))
    assert caught.value.code == "evaluations_apart"


def failed(library: Library, answers: dict[str, Answer], gold: GoldSet = THREE) -> list[tuple[int, float | None]]:
    """Positions and scores of the failures of a run."""
    done = run(library, answers, gold)
    found = failures(library.task(gold.task), done.evaluation.outcomes, done.scores.headline)
    return [(outcome.position, score) for outcome, score in found]


def test_a_document_is_scored_alone(library: Library) -> None:
    done = run(library, RIGHT | {"Bob went to Rome.": WRONG})
    assert document_scores(library.task("ner"), done.evaluation.outcomes, done.scores.headline) == [1, 0, 1]


def test_failures_are_what_is_not_perfect_the_worst_first(library: Library) -> None:
    half = "Entity: Prolog, Type: programming language\nEntity: Ada, Type: location"
    assert failed(library, RIGHT) == []
    assert failed(library, RIGHT | {"Ada praised Prolog.": half, "Cy writes Lisp.": WRONG}) == [
        (2, 0), (0, pytest.approx(2 / 3)),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [BROKEN, "I cannot help you with a request of this kind."])
def test_an_error_or_an_unread_answer_is_a_failure_even_where_nothing_was_wanted(
    library: Library, answer: Answer
) -> None:
    nothing = gold_set(GoldDocument(line=1, inputs={"text": "It rains."}))
    assert [position for position, _ in failed(library, {"It rains.": answer}, nothing)] == [0]
    assert failed(library, {"It rains.": "none"}, nothing) == []


@pytest.mark.parametrize(("answer", "count"), [("The ship is made of copper and oak.", 0), ("Ship of oak.", 1)])
def test_the_best_translation_has_a_hundred(library: Library, answer: str, count: int) -> None:
    text = "这艘船由铜和橡木制成。"
    document = GoldDocument(
        line=1, inputs={"text": text, "direction": "zh-en"}, texts=("The ship is made of copper and oak.",)
    )
    assert len(failed(library, {text: answer}, gold_set(document, task="translation"))) == count
