"""Figures of labels, by hand and against scikit-learn."""

import random

import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Library
from techgpt_ui.schema import Label
from tests.evaluation.metrics.outcomes import outcome, values


def document(gold: str, *said: str) -> Outcome:
    return outcome({"text": "x"}, {"label": gold}, {"labels": tuple(Label(text=one, score=None) for one in said)})


def test_the_figures_are_scikit_learns(library: Library) -> None:
    chance = random.Random(3)
    wanted = [chance.choice(["law", "law", "art", "war"]) for _ in range(60)]
    said = [chance.choice(["law", "art", "war", "odd"]) for _ in range(60)]
    scores = score(library.task("domain"), [document(*pair) for pair in zip(wanted, said, strict=True)])
    known = [part.name for part in scores.breakdown]
    assert values(scores)["accuracy"] == pytest.approx(accuracy_score(wanted, said))
    macro = f1_score(wanted, said, labels=known, average="macro", zero_division=0)
    assert values(scores)["macro_f1"] == pytest.approx(macro)
    precision, recall, f1, support = precision_recall_fscore_support(wanted, said, labels=known)
    for at, part in enumerate(scores.breakdown):
        assert part.support == support[at]
        assert [figure.value for figure in part.figures] == pytest.approx([f1[at], precision[at], recall[at]])


def test_only_the_best_ranked_label_counts(library: Library) -> None:
    assert values(score(library.task("domain"), [document("law", "art", "law")]))["accuracy"] == 0


def test_the_confusion_matrix_has_a_last_column_for_no_label_or_an_unknown_one(library: Library) -> None:
    outcomes = [document("law", "law"), document("law", "art"), document("art", "odd"), document("art")]
    confusion = score(library.task("domain"), outcomes).confusion
    assert confusion is not None
    assert (confusion.labels, confusion.counts) == (("art", "law"), ((0, 0, 2), (1, 1, 0)))


def test_a_failed_document_is_a_wrong_one_and_one_without_gold_is_none(library: Library) -> None:
    failed = outcome({"text": "x"}, {"label": "law"}, None)
    assert values(score(library.task("domain"), [failed, document("law", "law")]))["accuracy"] == 0.5
    assert values(score(library.task("domain"), [document("", "law"), document("law", "law")]))["macro_f1"] == 1


def test_without_any_gold_label_there_are_no_figures(library: Library) -> None:
    assert set(values(score(library.task("domain"), [document("", "law")])).values()) == {None}
