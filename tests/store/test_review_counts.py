"""What is counted as it is written is what counting it all anew would give."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, select

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store import Database, Filter, ReviewStore
from techgpt_ui.store.migrate import migrate
from techgpt_ui.store.review_tables import MEMBERS, PROJECTS, SLOTS
from tests.store.review_examples import Desk, a_colleague, a_draft, a_lead, a_mention

COUNTED = ("decided", "first_done", "second_done")


def kept(connection: Connection, project: str) -> dict[str, tuple[int, ...]]:
    """What stands in the rows of the members."""
    statement = select(MEMBERS).where(MEMBERS.c.project == project)
    return {row.id: tuple(row._mapping[name] for name in COUNTED) for row in connection.execute(statement)}


def recounted(reviews: ReviewStore, connection: Connection, desk: Desk) -> dict[str, tuple[int, ...]]:
    """The same from the log and the slots."""
    content = reviews.content(desk.owner, desk.project)
    events = {one.event.id: one.event for one in content.log}
    standing = Counter(one.event.reviewer for one in content.log if not one.undone and one.event.verdict != "undo")
    slots = connection.execute(select(SLOTS).where(SLOTS.c.project == desk.project)).all()
    whole = not any(slot.sampled for slot in slots)
    done = Counter((slot.round, events[slot.decision].reviewer)
                   for slot in slots if slot.decision is not None and (slot.sampled or whole))  # fmt: skip
    people = [member.id for member in content.members]
    return {one: (standing[one], done["first", one], done["second", one]) for one in people}


def attempt(act: Callable[[], object]) -> None:
    """Do it where it is allowed."""
    with suppress(WorkbenchError):
        act()


def an_act(reviews: ReviewStore, chance: random.Random, people: list[Desk], other: str) -> Callable[[], object]:
    """Anything that anybody may do."""
    desk, lead = chance.choice(people), people[0]
    item, round_ = chance.randrange(12), chance.choice(["first", "first", "second", "adjudicated"])
    verdict = chance.choice(["accept", "reject", "skip", "flag"])
    several: list[Callable[[], object]] = [
        lambda: reviews.reopen(lead.owner, lead.project, [verdict]),
        lambda: reviews.accept_all(lead.owner, lead.project, Filter(min_confidence=0.7)),
        lambda: reviews.carry_over(lead.owner, lead.project, other),
    ]
    return chance.choice(
        [
            *[lambda: desk.say(item, verdict, round=round_)] * 6,
            *[lambda: desk.say(item, verdict, round=round_, again=True)] * 2,
            *[desk.undo] * 2,
            lambda: reviews.note_missed(desk.owner, desk.project, item, {"text": "x"}),
            lambda: reviews.note_examined(desk.owner, desk.project, item, "ner"),
            chance.choice(several),
        ]
    )


@pytest.mark.parametrize("sampled", [0, 5])
@pytest.mark.parametrize("seed", range(2))
def test_counts_are_right_whatever_is_done(reviews: ReviewStore, database: Database, seed: int, sampled: int) -> None:
    chance = random.Random(seed)
    old = a_lead(reviews, count=3)
    old.say(1, "reject")
    old.say(2)
    ann = a_lead(reviews, count=12, double=7, sampled=sampled)
    reviews.carry_over("ann", ann.project, old.project)
    people = [ann, a_colleague(reviews, ann), a_colleague(reviews, ann, "eve")]
    for _ in range(5):
        for _ in range(12):
            attempt(an_act(reviews, chance, people, old.project))
        with database.reading() as connection:
            assert kept(connection, ann.project) == recounted(reviews, connection, ann)


def rows_of(connection: Connection) -> list[Any]:
    """The projects and the members."""
    tables = (PROJECTS, MEMBERS)
    return [connection.execute(select(table).order_by(table.c.id)).mappings().all() for table in tables]


def take_counts_away(connection: Connection) -> None:
    """Make the tables what they were before anything was counted."""
    columns = {"review_projects": ("sampled", "total", "doubled"), "review_members": COUNTED}
    for table, names in columns.items():
        for name in names:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
    connection.exec_driver_sql("DROP TABLE review_types")
    connection.exec_driver_sql("DROP TABLE review_readings")
    connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")


def test_a_database_of_before_is_counted_once(reviews: ReviewStore, database: Database) -> None:
    ann = a_lead(reviews, count=4, double=2, sampled=3)
    bob = a_colleague(reviews, ann)
    for step in (lambda: ann.say(0), lambda: bob.say(0, "reject", round="second"), lambda: bob.say(3), bob.undo):
        step()
    with database.writing() as connection:
        before = rows_of(connection)
        take_counts_away(connection)
        migrate(connection, "")
        assert rows_of(connection) == before
    assert reviews.types("ann", ann.project, "ner", "mention") == ("组织",)


def test_types_come_with_the_most_frequent_first(reviews: ReviewStore) -> None:
    draft = a_draft(3)
    items = (*draft.items, a_mention(type="人物"), a_mention(type="", task="other"))
    desk = Desk(reviews, reviews.create(draft.model_copy(update={"items": items}), "Ann"))
    assert reviews.types("ann", desk.project, "ner", "mention") == ("组织", "人物")
    assert reviews.types("ann", desk.project, "other", "mention") == ()


def test_a_screen_has_all_that_it_shows_in_the_order_of_its_tasks(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    ann.say(1, "skip", comment="later")
    tasks = reviews.next("ann", ann.project, count=2)
    first, second = reviews.sheets("ann", ann.project, tasks[::-1])
    assert [first.task.item, second.task.item] == [2, 0]
    assert (first.item, first.document) == reviews.item("ann", ann.project, 2)
    assert (first.types, first.history, first.names) == (("组织",), (), {})


def test_a_screen_names_who_decided_before(reviews: ReviewStore) -> None:
    ann = a_lead(reviews)
    (task, *_) = reviews.next("ann", ann.project)
    ann.say(0, "skip", comment="later")
    (sheet,) = reviews.sheets("ann", ann.project, [task])
    assert [one.event.comment for one in sheet.history] == ["later"]
    assert sheet.names == {ann.id: "Ann"}
