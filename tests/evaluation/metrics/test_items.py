"""Figures of keywords and terms: at 5, at 10 and of all, present and absent ones."""

import pytest

from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Library
from tests.evaluation.metrics.outcomes import item, outcome, values

TEXT = "We train Graph Neural Networks for link prediction. 知识图谱补全"


def document(gold: list[str], said: list[str], text: str = TEXT) -> Outcome:
    return outcome({"text": text}, {"items": tuple(gold)}, {"items": tuple(map(item, said))})


def test_a_case_worked_by_hand(library: Library) -> None:
    gold = ["graph neural network", "link prediction", "knowledge graph", "知识图谱"]
    said = ["Graph Neural Networks", "a", "b", "c", "d", "知识图谱", "knowledge graphs"]
    found = values(score(library.task("keywords"), [document(gold, said)]))
    assert (found["precision@5"], found["recall@5"], found["f1@5"]) == pytest.approx((1 / 5, 1 / 4, 2 / 9))
    assert (found["precision@M"], found["recall@M"], found["f1@M"]) == pytest.approx((3 / 7, 3 / 4, 6 / 11))
    assert found["f1@10"] == found["f1@M"]
    # Three of the gold stand in the text; of the answers only two do, both right.
    assert found["present_f1@M"] == pytest.approx(2 * 2 / (2 + 3))
    assert found["absent_recall@M"] == 1


def test_an_answer_of_fewer_than_5_is_divided_by_its_own_number(library: Library) -> None:
    assert values(score(library.task("keywords"), [document(["x", "y"], ["x", "z"])]))["precision@5"] == 0.5


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        ("neural network", "Neural  Networks"),
        ("ＢＥＲＴ", "bert"),
        ("知识图谱", "知识 图谱"),
        ("optimization", "optimizing"),
    ],
)
def test_keywords_are_equal_whatever_their_width_case_spacing_and_ending(
    library: Library, gold: str, said: str
) -> None:
    assert values(score(library.task("terms"), [document([gold], [said])]))["f1@M"] == 1


def test_a_part_of_a_word_does_not_stand_in_the_text(library: Library) -> None:
    found = values(score(library.task("keywords"), [document(["rain", "link"], ["rain", "link"], text="Train links")]))
    assert (found["present_f1@M"], found["absent_recall@M"]) == (1, 1)


def test_repeated_keywords_count_once(library: Library) -> None:
    found = values(score(library.task("keywords"), [document(["net", "Nets", "x"], ["nets", "net", "y"])]))
    assert (found["precision@M"], found["recall@M"]) == (0.5, 0.5)


def test_figures_are_averages_over_documents(library: Library) -> None:
    documents = [document(["a"], ["a"]), document(["a", "b", "c"], ["x"])]
    assert values(score(library.task("keywords"), documents))["f1@M"] == 0.5


def test_no_answer_has_no_precision_to_its_credit(library: Library) -> None:
    failed = outcome({"text": TEXT}, {"items": ("a",)}, None)
    found = values(score(library.task("keywords"), [failed, document(["a"], ["a"])]))
    assert found["precision@5"] == found["recall@5"] == 0.5


def test_documents_without_gold_are_left_out(library: Library) -> None:
    found = values(score(library.task("keywords"), [document([], ["a"]), document(["a"], ["a"])]))
    assert found["f1@5"] == 1
    assert values(score(library.task("keywords"), [document([], ["a"])]))["f1@5"] is None


@pytest.mark.parametrize(("task", "headline"), [("keywords", "f1@5"), ("terms", "f1@M")])
def test_the_first_five_keywords_count_and_all_terms(library: Library, task: str, headline: str) -> None:
    assert score(library.task(task), [document(["a"], ["a"])]).headline == headline
