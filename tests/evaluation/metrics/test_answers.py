"""Exact match and F1 of answers to questions about a passage."""

import pytest

from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Library
from tests.evaluation.metrics.outcomes import outcome, values


def document(gold: list[str], said: str) -> Outcome:
    passage = "这是一段中文" if any("一" <= sign <= "龥" for sign in said) else "x"
    return outcome({"question": "?", "passage": passage}, {"texts": tuple(gold)}, {"text": said, "items": ()})


@pytest.mark.parametrize(
    ("gold", "said", "em", "f1"),
    [
        (["Aurelia Space"], "the aurelia space.", 1, 1),
        (["Aurelia Space"], "Aurelia Space in Toulouse", 0, 2 / 3),
        (["no", "Aurelia Space"], "Aurelia", 0, 2 / 3),
        (["260吨"], "锁模力为260吨。", 0, 2 * 2 / (2 + 6)),
        (["酚酞"], "“酚酞”。", 1, 1),
        (["南京市长江大桥"], "南京大桥", 0, 2 * 2 / (7 + 4)),
        (["第ＩＩ版"], "第II版", 1, 1),
        (["1998"], "2001", 0, 0),
        (["1998"], "1998年", 0, 2 / 3),
        (["..."], "!", 1, 1),
        (["a"], "Paris", 0, 0),
    ],
)
def test_cases_worked_by_hand(library: Library, gold: list[str], said: str, em: float, f1: float) -> None:
    found = values(score(library.task("mrc"), [document(gold, said)]))
    assert (found["em"], found["f1"]) == pytest.approx((em, f1))


@pytest.mark.parametrize("gold", [[], [""], ["unanswerable"], ["无法回答"]])
@pytest.mark.parametrize(
    ("said", "share"),
    [("unanswerable", 1), ("文中没有提到。", 1), ("The passage does not say.", 1), ("", 1), ("9 pm", 0), ("！", 0)],
)
def test_saying_that_there_is_no_answer_is_right_where_the_gold_has_none(
    library: Library, gold: list[str], said: str, share: float
) -> None:
    found = values(score(library.task("mrc"), [document(gold, said)]))
    assert (found["em"], found["f1"], found["no_ans_f1"], found["has_ans_f1"]) == (share, share, share, None)


def test_saying_that_there_is_no_answer_is_wrong_where_the_gold_has_one(library: Library) -> None:
    found = values(score(library.task("context_qa"), [document(["9 pm"], "unanswerable"), document([], "无法回答")]))
    assert (found["em"], found["has_ans_f1"], found["has_ans_em"], found["no_ans_f1"]) == (0.5, 0, 0, 1)


def test_without_unanswerable_questions_they_have_no_figures(library: Library) -> None:
    assert set(values(score(library.task("mrc"), [document(["x"], "x")]))) == {"f1", "em"}
