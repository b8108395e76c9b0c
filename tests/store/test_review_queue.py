"""Who gets which item: order, leases, second reviewers, disputes, and many reviewers at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store import Database, ReviewStore
from tests.store.review_examples import Desk, a_colleague, a_lead


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reviews(database: Database, clock: Clock) -> ReviewStore:
    return ReviewStore(database, clock)


def refused(code: str, act: Callable[[], object]) -> bool:
    with pytest.raises(WorkbenchError) as caught:
        act()
    return caught.value.code == code


def test_items_come_in_the_order_of_the_queue(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    assert [ann.next(), ann.say(0), ann.say(1), ann.say(2)] == [[0], [1], [2], []]


def test_a_reviewer_who_comes_back_finds_his_item(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    assert ann.next() == ann.next() == [0]


def test_two_reviewers_never_have_the_same_item(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    assert [ann.next(), bob.next(), ann.say(0), bob.say(1)] == [[0], [1], [2], []]


def test_several_items_are_held_ahead(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    assert [ann.next(count=2), bob.next(count=2)] == [[0, 1], [2]]


def test_an_item_that_is_held_too_long_goes_to_the_next(reviews: ReviewStore, clock: Clock) -> None:
    ann = a_lead(reviews, lease_s=60)
    bob = a_colleague(reviews, ann)
    ann.next()
    clock.now += 61
    assert bob.next() == [0]
    assert refused("review_taken", lambda: ann.say(0))


def test_a_late_verdict_counts_where_nobody_else_took_the_item(reviews: ReviewStore, clock: Clock) -> None:
    ann = a_lead(reviews, lease_s=60)
    ann.next()
    clock.now += 61
    ann.say(0, "reject")
    assert ann.verdicts() == {0: "reject"}


def test_what_was_given_back_is_free(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    ann.next()
    reviews.release("ann", ann.project)
    assert bob.next() == [0]


def test_an_item_on_anothers_screen_cannot_be_decided(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    ann.next()
    assert refused("review_taken", lambda: bob.say(0))


def test_the_same_verdict_sent_twice_is_taken_once(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    ann.next()
    ann.say(0)
    assert refused("review_decided", lambda: ann.say(0))
    assert len(reviews.history("ann", ann.project, 0)) == 1


def test_a_second_reviewer_is_never_the_first(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.next()
    assert ann.say(0) == []
    assert bob.next() == [0]
    assert bob.say(0, round="second") == []


def test_an_item_for_two_waits_for_its_first_verdict(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    assert [ann.next(), bob.next()] == [[0], []]


def test_a_skipped_item_is_not_for_two(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    ann.say(0, "skip")
    assert a_colleague(reviews, ann).next() == []


def test_reviewers_who_agree_make_no_dispute(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    ann.say(0)
    a_colleague(reviews, ann).say(0, round="second")
    assert ann.next(queue_name="disputes") == []


def test_a_dispute_goes_to_a_lead_whose_verdict_stands(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    bob.say(0, "reject", round="second", reason="type")
    assert bob.next(queue_name="disputes") == []
    assert ann.next(queue_name="disputes") == [0]
    ann.say(0, "reject", round="adjudicated", queue_name="disputes")
    assert ann.next(queue_name="disputes") == []
    assert ann.verdicts() == {0: "reject"}


def test_different_edits_are_a_dispute(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    ann.say(0, "edit", payload={"type": "人物"})
    a_colleague(reviews, ann).say(0, "edit", round="second", payload={"type": "地点"})
    assert ann.next(queue_name="disputes") == [0]


def test_a_flagged_item_goes_to_a_lead(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    bob = a_colleague(reviews, ann)
    bob.next()
    bob.say(0, "flag", comment="?")
    assert ann.next(queue_name="disputes") == [0]


def test_an_undone_disagreement_is_no_dispute(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    bob.say(0, "reject", round="second")
    assert bob.undo() == [0]
    assert ann.next(queue_name="disputes") == []


def test_a_second_reviewer_does_not_see_the_first_verdict(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=1, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0, "reject", comment="no")
    bob.next()
    assert reviews.history("bob", bob.project, 0) == ()
    bob.say(0, round="second")
    assert [one.event.reviewer for one in reviews.history("bob", bob.project, 0)] == [ann.id, bob.id]


def test_many_reviewers_decide_each_item_once(reviews: ReviewStore) -> None:
    ann = a_lead(reviews, count=60, double=10)
    desks = [ann, *(a_colleague(reviews, ann, f"reviewer{number}") for number in range(7))]

    def work(desk: Desk) -> list[tuple[int, str]]:
        mine: list[tuple[int, str]] = []
        tasks = reviews.next(desk.owner, desk.project)
        while tasks:
            mine.append((tasks[0].item, tasks[0].round))
            desk.say(tasks[0].item, round=tasks[0].round)
            tasks = reviews.next(desk.owner, desk.project)
        return mine

    with ThreadPoolExecutor(len(desks)) as pool:
        done = [one for mine in pool.map(work, desks) for one in mine]
    first = [(item, "first") for item in range(60)]
    assert Counter(done) == Counter([*first, *((item, "second") for item in range(10))])


def test_an_unknown_item_is_refused(reviews: ReviewStore) -> None:
    assert refused("review_item_missing", lambda: a_lead(reviews).say(99))


def test_an_edit_says_what_the_item_should_be(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    with pytest.raises(UsageError):
        ann.say(0, "edit")
