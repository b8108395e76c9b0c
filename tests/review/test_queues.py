"""The order in which items come before a reviewer, and that it never changes an estimate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui.review.design import judged_sample
from techgpt_ui.review.queues import Order, make_queue
from techgpt_ui.review.records import Review
from techgpt_ui.review.sampling import SamplePlan, draw_sample
from tests.review.examples import an_item, some_items, verdicts_on


def test_by_lot_it_is_the_order_in_which_the_sample_was_drawn() -> None:
    frame = some_items(80)
    sample = draw_sample(frame, SamplePlan(n=30, seed=5, by=("document",), minimum=0))
    drawn = [item for item in frame if item.id in sample.items]
    assert make_queue(drawn, "random", 5).items == sample.items


def test_the_least_sure_come_first_and_before_them_the_unknown() -> None:
    items = [an_item(at, confidence=value) for at, value in enumerate((0.9, None, 0.2, 0.5))]
    assert make_queue(items, "unsure", 1).items == ("i0001", "i0002", "i0003", "i0000")


def test_a_document_is_read_in_its_order_before_the_next() -> None:
    places = [("d2", 0), ("d1", 7), ("d1", 3)]
    items = [an_item(at, document=document, position=position) for at, (document, position) in enumerate(places)]
    assert make_queue(items, "document", 1).items == ("i0002", "i0001", "i0000")


@settings(max_examples=25, deadline=None)
@given(st.permutations(some_items(20)), st.sampled_from(["random", "unsure", "document"]))
def test_a_queue_depends_on_the_seed_and_not_on_the_order_of_the_items(items: list, order: Order) -> None:
    assert make_queue(items, order, 3) == make_queue(some_items(20), order, 3)


@pytest.mark.parametrize("order", ["unsure", "document"])
def test_half_of_a_sorted_queue_is_not_mistaken_for_a_random_sample(order: Order) -> None:
    """Doubtful items are wrong here; sorted to the front they would make nearly all of what was judged wrong."""
    frame = [an_item(at, confidence=at / 400, document=f"d{at // 8:02}") for at in range(400)]
    sample = draw_sample(frame, SamplePlan(n=200, seed=2))
    drawn = [item for item in frame if item.id in sample.items]
    queue = make_queue(drawn, order, 2)
    review = Review(frame=tuple(frame), verdicts=verdicts_on(queue.items[:100], ["accept"]))
    judged, counts = judged_sample(review, sample)
    counted = {entry.item.id for entry in judged}
    assert counted == set(sample.items[: len(counted)])
    assert counts.waiting == 100 - len(counted) > 90
