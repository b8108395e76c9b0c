"""Reviewers at work whose process is killed, again and again: what was acknowledged is there, and all agrees."""

import os
import random
import signal
from typing import Any

import pytest
from sqlalchemy import select

from techgpt_ui.store import Database, ReviewStore
from techgpt_ui.store.review_queue import FIRST
from techgpt_ui.store.review_tables import SLOTS
from tests.store.processes import Start
from tests.store.review_examples import a_colleague, a_lead

KILLS = 4
ITEMS = 500


@pytest.mark.thorough
def test_a_killed_reviewer_loses_nothing_that_was_acknowledged(any_url: str, database: Database, start: Start) -> None:
    """Each of the killed opened the database anew."""
    ann = a_lead(ReviewStore(database), count=ITEMS, double=40)
    a_colleague(ann.reviews, ann)
    owners = ",".join(("ann", "bob") * (KILLS // 2))
    process = start(any_url, "--then", "decide", "--reviewer", ann.project, owners)
    acknowledged: list[str] = []
    for number in range(1, KILLS + 1):
        process.go_on()
        child = int(process.line())
        acknowledged += [process.line() for _ in range(random.Random(number).randint(1, 30))]
        os.kill(child, signal.SIGKILL)
        acknowledged += iter(process.line, "killed")
        check(database, ann.project, acknowledged, killed=number)


def check(database: Database, project: str, acknowledged: list[str], *, killed: int) -> None:
    """The log has all that was acknowledged and at most one event more a kill; the slots say what the log says."""
    log = ReviewStore(database).content("ann", project).log
    told = set(acknowledged)
    kept = {f"undo {one.event.undoes}" if one.event.undoes else f"decision {one.event.id}" for one in log}
    assert told <= kept
    assert len(kept - told) <= killed
    with database.reading() as connection:
        slots = connection.execute(select(SLOTS).where(SLOTS.c.project == project)).all()
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    stands: dict[Any, int] = {}
    for one in log:
        if not one.undone and one.event.undoes is None:
            stands[one.event.item, one.event.round] = one.event.id
    assert {(slot.item, slot.round): slot.decision for slot in slots if slot.decision is not None} == stands
    assert all((slot.lane, slot.holder) == (None, None) for slot in slots if slot.decision is not None)
    assert all(slot.lane == FIRST for slot in slots if slot.round == "first" and slot.decision is None)
