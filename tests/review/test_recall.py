"""Recall: what was found of what stands in documents that were drawn and read to the end."""

import numpy as np
import pytest
from scipy import stats

from techgpt_ui.review.precision import wilson
from techgpt_ui.review.recall import Recall, recalls
from techgpt_ui.review.records import Examined, Item, Missed, Review, Verdict
from techgpt_ui.review.sampling import SamplePlan, draw_sample
from tests.review.examples import START, a_verdict, an_item


def examined(document: str, reviewer: str = "ann", task: str = "ner") -> Examined:
    return Examined(document=document, task=task, reviewer=reviewer, time=START)


def missed(document: str, reviewer: str = "ann", *, undone: bool = False) -> Missed:
    return Missed(document=document, task="ner", reviewer=reviewer, time=START, undone=undone)


def two_items_a_document(count: int) -> tuple[Item, ...]:
    return tuple(an_item(at, document=f"d{at // 2}") for at in range(2 * count))


def reviewed(frame: tuple[Item, ...], documents: int, **parts: object) -> tuple[Recall, ...]:
    sample = draw_sample(frame, SamplePlan(n=1, seed=1, documents=documents))
    return recalls(Review.model_validate({"frame": frame} | parts), sample)


def all_judged(frame: tuple[Item, ...], *values: str) -> tuple[Verdict, ...]:
    return tuple(a_verdict(item.id, values[at % len(values)]) for at, item in enumerate(frame))


def test_found_and_missed_make_the_recall_and_rejected_items_have_no_part_in_it() -> None:
    frame = two_items_a_document(3)
    lost = [missed("d0"), missed("d1")]
    read = [examined("d0"), examined("d1"), examined("d2")]
    (found,) = reviewed(frame, 3, verdicts=all_judged(frame, "accept", "reject"), examined=read, missed=lost)
    assert (found.found, found.missed, found.strict[0]) == (3, 2, pytest.approx(3 / 5))


def test_an_edited_item_was_found_leniently_and_not_strictly() -> None:
    frame = two_items_a_document(2)
    read = [examined("d0"), examined("d1")]
    (found,) = reviewed(frame, 2, verdicts=all_judged(frame, "accept", "edit"), examined=read, missed=[missed("d0")])
    assert (found.strict[0], found.lenient[0]) == (pytest.approx(2 / 5), pytest.approx(4 / 5))


def test_the_interval_is_that_of_documents_drawn_again_as_scipy_draws_them() -> None:
    frame = two_items_a_document(30)
    read = [examined(f"d{at}") for at in range(30)]
    lost = [missed(f"d{at}") for at in range(0, 30, 3) for _ in range(3)]
    (found,) = reviewed(frame, 30, verdicts=all_judged(frame, "accept"), examined=read, missed=lost)
    gold = np.array([5 if at % 3 == 0 else 2 for at in range(30)])
    theirs = stats.bootstrap(
        (np.full(30, 2), gold), lambda right, all_: right.sum(axis=-1) / all_.sum(axis=-1), paired=True,
        method="percentile", n_resamples=2000, rng=1,
    ).confidence_interval  # fmt: skip
    value, low, high = found.strict
    assert value == pytest.approx(60 / 90)
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_where_nothing_was_missed_each_document_counts_as_one_item() -> None:
    frame = two_items_a_document(4)
    read = [examined(f"d{at}") for at in range(4)]
    (found,) = reviewed(frame, 4, verdicts=all_judged(frame, "accept"), examined=read)
    assert found.strict == pytest.approx((1.0, *wilson(1.0, 4)))


def test_documents_that_were_not_drawn_are_left_out() -> None:
    frame = two_items_a_document(20)
    sample = draw_sample(frame, SamplePlan(n=1, seed=1, documents=2))
    other = next(f"d{at}" for at in range(20) if f"d{at}" not in sample.documents)
    review = Review(frame=frame, verdicts=all_judged(frame, "accept"), examined=(examined(other),))
    assert recalls(review, sample) == ()


def test_a_document_with_an_open_or_skipped_item_is_unfinished() -> None:
    frame = two_items_a_document(3)
    verdicts = [*all_judged(frame[:3], "accept"), *all_judged(frame[4:], "accept", "skip")]
    read = [examined(f"d{at}") for at in range(3)]
    (found,) = reviewed(frame, 3, verdicts=verdicts, examined=read)
    assert (found.examined, found.unfinished, found.found) == (1, 2, 2)


def test_two_readers_of_a_document_do_not_count_what_was_missed_twice() -> None:
    frame = two_items_a_document(1)
    read = [examined("d0", "bo"), examined("d0", "ann")]
    lost = [missed("d0", "ann"), missed("d0", "bo"), missed("d0", "ann", undone=True)]
    (found,) = reviewed(frame, 1, verdicts=all_judged(frame, "accept"), examined=read, missed=lost)
    assert found.missed == 1


def test_a_document_in_which_nothing_was_found_lowers_the_recall() -> None:
    frame = two_items_a_document(1)
    sample = draw_sample(frame, SamplePlan(n=1, seed=1, documents=2), ["empty"])
    read, lost = (examined("d0"), examined("empty")), (missed("empty"), missed("empty"))
    (found,) = recalls(Review(frame=frame, verdicts=all_judged(frame, "accept"), examined=read, missed=lost), sample)
    assert (found.examined, found.strict[0]) == (2, 0.5)


def test_documents_in_which_nothing_stands_have_no_recall() -> None:
    frame = two_items_a_document(1)
    (found,) = reviewed(frame, 1, verdicts=all_judged(frame, "reject"), examined=[examined("d0")])
    assert found.strict == found.lenient == (None, None, None)


def test_items_of_two_models_have_no_recall_together() -> None:
    frame = (an_item(0, document="d0"), an_item(1, document="d0", model="other"))
    (found,) = reviewed(frame, 1, verdicts=all_judged(frame, "accept"), examined=[examined("d0")])
    assert found.mixed and found.strict == (None, None, None)


def test_each_task_has_its_own() -> None:
    frame = (an_item(0, document="d0"), an_item(1, document="d0", task="triples"))
    read = [examined("d0"), examined("d0", task="triples")]
    found = reviewed(frame, 1, verdicts=all_judged(frame, "accept"), examined=read, missed=[missed("d0")])
    assert [(one.task, one.strict[0]) for one in found] == [("ner", 0.5), ("triples", 1.0)]
