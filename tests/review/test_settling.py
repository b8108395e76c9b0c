"""Which documents of a project are judged whole."""

from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.review.settling import Settled, settled
from techgpt_ui.store import (
    Draft,
    Place,
    Project,
    ReviewDocument,
    ReviewItem,
    ReviewStore,
    open_database,
    sqlite_url,
)
from tests.store.review_examples import Desk, a_colleague, a_mention

TEXT = "Ada left Rome."
ADA = {"text": "Ada", "type": "person", "start": 0, "end": 3}
ROME = {"text": "Rome", "type": "place", "start": 9, "end": 13}


@pytest.fixture
def reviews(tmp_path: Path) -> ReviewStore:
    return ReviewStore(open_database(sqlite_url(tmp_path / "reviews.db")))


def a_desk(reviews: ReviewStore, *items: ReviewItem, double: bool = False) -> Desk:
    draft = Draft(
        project=Project(owner="ann", name="p"),
        documents=(ReviewDocument(name="d", text=TEXT), ReviewDocument(name="e", text="Nothing is here.")),
        items=items,
        places=tuple(Place(item=number, double=double) for number in range(len(items))),
    )
    return Desk(reviews, reviews.create(draft, "Ann"))


def two(reviews: ReviewStore, **how: Any) -> Desk:
    """A desk of two mentions of one text, which Ann has before her."""
    desk = a_desk(reviews, a_mention(payload=ADA, type="person"), a_mention(payload=ROME, type="place"), **how)
    desk.next(count=2)
    return desk


def ready(desk: Desk, **how: Any) -> Settled:
    return settled(desk.reviews.content(desk.owner, desk.project), **how)


def examine(desk: Desk, task: str = "ner") -> None:
    desk.reviews.note_examined(desk.owner, desk.project, 0, task)


@pytest.mark.parametrize(
    ("verdict", "counts"),
    [("accept", 1), ("reject", 1), ("edit", 1), ("skip", 0), ("flag", 0)],
)
def test_a_document_is_settled_once_every_item_is_judged(reviews: ReviewStore, verdict: str, counts: int) -> None:
    desk = two(reviews)
    examine(desk)
    desk.say(0)
    assert ready(desk).left_out == {"open": 1}
    desk.say(1, verdict, payload={"type": "city"} if verdict == "edit" else {})
    assert ready(desk).documents == counts


def test_a_merged_item_is_settled_with_the_one_that_it_is_merged_into(reviews: ReviewStore) -> None:
    desk = two(reviews)
    examine(desk)
    desk.say(1, "merge", payload={"into": 0})
    assert ready(desk).documents == 0
    desk.say(0)
    assert ready(desk).documents == 1


def test_a_list_is_whole_only_when_somebody_has_looked_for_more(reviews: ReviewStore) -> None:
    desk = two(reviews)
    desk.say(0)
    desk.say(1)
    assert ready(desk).left_out == {"unexamined": 1}
    assert ready(desk, unexamined=True).documents == 1


def test_what_is_one_answer_needs_no_examining(reviews: ReviewStore) -> None:
    desk = a_desk(reviews, a_mention(task="domain", kind="label", type="physics", payload={"text": "physics"}))
    desk.next()
    desk.say(0)
    assert ready(desk).documents == 1


def test_a_dispute_keeps_a_document_open_until_a_lead_has_spoken(reviews: ReviewStore) -> None:
    desk = two(reviews, double=True)
    bob = a_colleague(reviews, desk)
    examine(desk)
    desk.say(0)
    desk.say(1)
    bob.next(count=2)
    bob.say(0, round="second")
    assert ready(desk).documents == 1
    bob.say(1, "reject", round="second")
    assert ready(desk).left_out == {"open": 1}
    desk.next(queue_name="disputes")
    desk.say(1, round="adjudicated", queue_name="disputes")
    assert ready(desk).documents == 1


def test_an_undone_verdict_opens_its_document_again(reviews: ReviewStore) -> None:
    desk = two(reviews)
    examine(desk)
    desk.say(0)
    desk.say(1)
    desk.undo()
    assert ready(desk).left_out == {"open": 1}


def test_a_text_in_which_nothing_was_found_is_settled_once_it_is_examined(reviews: ReviewStore) -> None:
    desk = two(reviews)
    assert ready(desk).documents == 0
    desk.reviews.note_examined(desk.owner, desk.project, 1, "ner")
    assert ready(desk).documents == 1 and ready(desk, task="terms").documents == 0


def test_open_documents_leave_nothing_of_theirs_in_what_is_settled(reviews: ReviewStore) -> None:
    desk = two(reviews)
    desk.say(0)
    found = ready(desk).content
    assert (found.items, found.log, found.current) == ({}, (), {})


def test_the_ends_of_triples_need_no_verdict_of_their_own(reviews: ReviewStore) -> None:
    ends = {"head": {**ADA, "type": ""}, "tail": {**ROME, "type": ""}}
    relation = a_mention(task="triples", kind="relation", type="left", payload={**ends, "predicate": "left"})
    desk = a_desk(reviews, a_mention(task="triples", type="", payload=ends["head"]), relation)
    desk.next(count=2)
    desk.say(1)
    assert ready(desk, unexamined=True).documents == 1


def test_two_models_that_say_the_same_are_one_voice_and_right_once(reviews: ReviewStore) -> None:
    said = [a_mention(payload=ADA, type="person", model=name) for name in ("one", "two")]
    desk = a_desk(reviews, *said, a_mention(payload=ROME, type="place", model="two"))
    desk.next(count=3)
    for item in range(3):
        desk.say(item)
    items = ready(desk, unexamined=True).content.items
    assert sorted(items) == [0, 2] and {item.model for item in items.values()} == {""}
