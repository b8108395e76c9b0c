"""Drawn documents that are read to the end: when they come up, for whom, and what they show."""

from typing import Any

import pytest
from sqlalchemy import Connection, select

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store import Database, Filter, ReviewStore
from techgpt_ui.store.migrate import migrate
from techgpt_ui.store.review_readings import ReadingSheet
from techgpt_ui.store.review_records import Reading, Readings
from techgpt_ui.store.review_tables import READINGS
from tests.store.review_examples import Desk, a_colleague, a_draft, a_mention


def a_reader(reviews: ReviewStore, *documents: int, count: int = 3, items: int = 3, **draft: Any) -> Desk:
    """Ann, in whose project these documents are to be read; those from ``items`` on have none."""
    made = a_draft(count, **draft)
    readings = tuple(Reading(document=number, task="ner", kind="mention") for number in documents)
    changes = {"readings": readings, "items": made.items[:items], "places": made.places[:items]}
    return Desk(reviews, reviews.create(made.model_copy(update=changes), "Ann"))


def next_one(desk: Desk) -> ReadingSheet:
    sheet = desk.reviews.next_reading(desk.owner, desk.project)
    assert sheet is not None
    return sheet


def document(desk: Desk) -> int | None:
    sheet = desk.reviews.next_reading(desk.owner, desk.project)
    return sheet.reading.document if sheet else None


def read(desk: Desk, number: int) -> None:
    desk.reviews.note_examined(desk.owner, desk.project, number, "ner")


def test_a_document_in_which_nothing_was_found_comes_up_at_once(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 2, items=2)
    assert (document(ann), next_one(ann).found) == (2, ())
    assert reviews.readings("ann", ann.project) == Readings(total=1, done=0, waiting=0)


def test_a_document_waits_until_its_items_are_judged(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1)
    assert (document(ann), reviews.readings("ann", ann.project).waiting) == (None, 1)
    ann.say(1)
    assert (document(ann), reviews.readings("ann", ann.project).waiting) == (1, 0)


def test_a_document_waits_for_the_second_reviewer_as_well(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 0, double=1)
    bob = a_colleague(reviews, ann)
    ann.say(0)
    assert (document(ann), document(bob)) == (None, None)
    bob.say(0, round="second")
    assert document(bob) == 0


def test_items_of_another_task_are_not_waited_for(reviews: ReviewStore) -> None:
    made = a_draft(1)
    other = a_mention(0, task="triples")
    readings = (Reading(document=0, task="ner", kind="mention"),)
    draft = made.model_copy(update={"items": (other,), "readings": readings})
    assert document(Desk(reviews, reviews.create(draft, "Ann"))) == 0


def test_documents_come_in_the_order_in_which_they_were_drawn(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 2, 1, items=1)
    seen = []
    for _ in range(2):
        seen.append(next_one(ann).reading.document)
        read(ann, seen[-1])
    assert (seen, document(ann)) == ([2, 1], None)
    assert reviews.readings("ann", ann.project) == Readings(total=2, done=2, waiting=0)


def test_two_readers_never_get_the_same_document(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1, 2, items=1)
    bob = a_colleague(reviews, ann)
    assert [document(one) for one in (ann, bob, ann, bob)] == [1, 2, 1, 2]


def test_what_somebody_gives_back_is_the_next_one_s(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1, items=1)
    bob = a_colleague(reviews, ann)
    assert (document(ann), document(bob)) == (1, None)
    reviews.release("ann", ann.project)
    assert document(bob) == 1


def test_a_document_that_is_put_off_comes_last(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1, 2, items=1)
    reviews.postpone_reading("ann", ann.project, 1, "ner")
    assert document(ann) == 2
    read(ann, 2)
    assert document(ann) == 1


def test_what_somebody_else_reads_is_not_put_off(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1, 2, items=1)
    bob = a_colleague(reviews, ann)
    assert document(bob) == 1
    reviews.postpone_reading("ann", ann.project, 1, "ner")
    assert (document(ann), document(bob)) == (2, 1)


def test_reading_that_is_taken_back_comes_up_again_for_who_took_it_back(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1, items=1)
    bob = a_colleague(reviews, ann)
    read(ann, 1)
    assert document(ann) is None
    ann.undo()
    assert (document(bob), document(ann)) == (None, 1)


def test_reading_that_is_taken_back_stands_where_another_one_has_read_it(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1, items=1)
    bob = a_colleague(reviews, ann)
    read(ann, 1)
    read(bob, 1)
    ann.undo()
    assert (document(ann), reviews.readings("ann", ann.project).done) == (None, 1)
    bob.undo()
    assert reviews.readings("ann", ann.project).done == 0


def test_a_sheet_shows_what_stands_and_what_was_noted(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 0)
    ann.say(0, "edit", payload={"text": "阿里", "start": 0, "end": 2})
    reviews.note_missed("ann", ann.project, 0, {"task": "ner", "text": "马云"})
    reviews.note_missed("ann", ann.project, 0, {"task": "triples", "text": "no"})
    sheet = next_one(ann)
    (found,) = sheet.found
    assert (found.verdict, found.payload) == ("edit", {"text": "阿里", "type": "组织", "start": 0, "end": 2})
    assert ([one["text"] for one in sheet.missed], sheet.types) == (["马云"], ("组织",))


def test_a_merged_item_is_not_shown_and_an_adjudicated_verdict_is(reviews: ReviewStore) -> None:
    made = a_draft(1, double=1)
    items = (made.items[0], a_mention(0, payload={"text": "阿里", "type": "组织", "start": 0, "end": 2}))
    places = (made.places[0], made.places[0].model_copy(update={"item": 1, "double": False}))
    readings = (Reading(document=0, task="ner", kind="mention"),)
    draft = made.model_copy(update={"items": items, "places": places, "readings": readings})
    ann = Desk(reviews, reviews.create(draft, "Ann"))
    bob = a_colleague(reviews, ann)
    ann.say(1, "merge", payload={"into": 0})
    ann.say(0)
    bob.say(0, "reject", round="second")
    ann.say(0, "reject", round="adjudicated", queue_name="disputes")
    assert [(one.payload["text"], one.verdict) for one in next_one(ann).found] == [("阿里巴巴", "reject")]


def test_a_bulk_leaves_the_items_of_documents_to_read_to_people(reviews: ReviewStore) -> None:
    ann = a_reader(reviews, 1)
    assert reviews.accept_all("ann", ann.project, Filter()) == 2
    assert ann.verdicts() == {0: "accept", 2: "accept"}


@pytest.mark.parametrize("act", ["next_reading", "readings"])
def test_somebody_who_is_no_member_gets_nothing_to_read(reviews: ReviewStore, act: str) -> None:
    ann = a_reader(reviews, 1)
    with pytest.raises(WorkbenchError) as told:
        getattr(reviews, act)("eve", ann.project)
    assert told.value.code == "review_project_missing"


def rows_of(connection: Connection) -> list[Any]:
    return [tuple(row) for row in connection.execute(select(READINGS).order_by(READINGS.c.position))]


def test_a_database_of_before_gets_its_drawn_documents(reviews: ReviewStore, database: Database) -> None:
    made = a_draft(3)
    project = made.project.model_copy(update={"sample": {"documents": ["2", "0"]}})
    readings = tuple(Reading(document=number, task="ner", kind="mention") for number in (2, 0))
    changes = {"project": project, "readings": readings, "items": made.items[:2], "places": made.places[:2]}
    ann = Desk(reviews, reviews.create(made.model_copy(update=changes), "Ann"))
    read(ann, 0)
    with database.writing() as connection:
        before = rows_of(connection)
        connection.exec_driver_sql("DROP TABLE review_readings")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
        migrate(connection, "")
        assert rows_of(connection) == before
    assert document(ann) == 2
