"""Drawn documents that are read to the end: who gets which, and what he is shown of it.

A document comes up for a task once none of the items that were found in it waits for its first or second reviewer: so
nobody sees an answer that he is still to judge without it, and what he notes as missed is missing. One in which nothing
was found comes up at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, func, not_, or_, select, update

from techgpt_ui.store.records import JsonObject
from techgpt_ui.store.review_decisions import standing
from techgpt_ui.store.review_reading import document, items, of_document
from techgpt_ui.store.review_records import Decision, Member, Reading, Readings, ReviewDocument, ReviewItem
from techgpt_ui.store.review_sheets import types
from techgpt_ui.store.review_tables import DECISIONS, ITEMS, READINGS, SLOTS

_OF_PROJECT = READINGS.c.project == bindparam("in_project")
_OPEN = READINGS.c.decision.is_(None)
_UNJUDGED = exists(
    select(SLOTS.c.item)
    .join(ITEMS, (ITEMS.c.project == SLOTS.c.project) & (ITEMS.c.number == SLOTS.c.item))
    .where(ITEMS.c.project == READINGS.c.project, ITEMS.c.document == READINGS.c.document)
    .where(ITEMS.c.task == READINGS.c.task)
    .where(SLOTS.c.round.in_(("first", "second")), SLOTS.c.decision.is_(None))
    .correlate(READINGS)
)
_FREE = or_(READINGS.c.holder.is_(None), READINGS.c.holder == bindparam("who"), READINGS.c.until < bindparam("at"))
_NEXT = (
    select(READINGS)
    .where(_OF_PROJECT, _OPEN, _FREE, not_(_UNJUDGED))
    .order_by((READINGS.c.holder == bindparam("who")).desc().nulls_last(), READINGS.c.position)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_COUNTED = select(
    func.count().label("total"),
    func.count(READINGS.c.decision).label("done"),
    func.count().filter(_OPEN, _UNJUDGED).label("waiting"),
).where(_OF_PROJECT)


class Found(NamedTuple):
    """An item of the document, as it stands: ``payload`` after an edit."""

    item: ReviewItem
    payload: JsonObject
    verdict: str


class ReadingSheet(NamedTuple):
    """A document on a reader's screen: what is known to stand in it, and what was noted as missed by now."""

    reading: Reading
    document: ReviewDocument
    types: tuple[str, ...]
    found: tuple[Found, ...]
    missed: tuple[JsonObject, ...]


def take(connection: Connection, member: Member, at: float, lease_s: float) -> ReadingSheet | None:
    """The document that the member holds, else the next free one; None where none is ready."""
    asked = {"in_project": member.project, "who": member.id, "at": at}
    row = connection.execute(_NEXT, asked).one_or_none()
    if row is None:
        return None
    same = _same(row.project, row.document, row.task)
    connection.execute(update(READINGS).where(*same).values(holder=member.id, until=at + lease_s))
    return _sheet(connection, row)


def counted(connection: Connection, project: str) -> Readings:
    """How many documents there are to read, were read, and wait for verdicts."""
    row = connection.execute(_COUNTED, {"in_project": project}).one()
    return Readings.model_validate(dict(row._mapping))


def postpone(connection: Connection, member: Member, number: int, task: str) -> None:
    """Put a document behind all others, unless it is on somebody else's screen."""
    last = select(func.max(READINGS.c.position)).where(READINGS.c.project == member.project).scalar_subquery()
    same = _same(member.project, number, task)
    free = or_(READINGS.c.holder.is_(None), READINGS.c.holder == member.id)
    connection.execute(update(READINGS).where(*same, free).values(position=last + 1, holder=None, until=None))


def give_back(connection: Connection, member: Member) -> None:
    """Free what a member holds."""
    mine = (READINGS.c.project == member.project, READINGS.c.holder == member.id)
    connection.execute(update(READINGS).where(*mine).values(holder=None, until=None))


def close(connection: Connection, project: str, decision: Decision) -> None:
    """A document was read; who was first with it counts."""
    same = _same(project, decision.document, decision.payload.get("task"))
    values = {"decision": decision.id, "holder": None, "until": None}
    connection.execute(update(READINGS).where(*same, _OPEN).values(**values))


def reopen(connection: Connection, member: Member, event: Decision, until: float) -> None:
    """What was read is to be read again, first by the member who took it back, unless another one has read it too."""
    others = select(func.min(DECISIONS.c.id)).where(
        DECISIONS.c.project == member.project, DECISIONS.c.document == event.document,
        DECISIONS.c.verdict == "examined", DECISIONS.c.payload == event.payload, standing(DECISIONS),
    )  # fmt: skip
    other = connection.scalar(others)
    held: dict[str, Any] = {} if other else {"holder": member.id, "until": until}
    same = (*_same(member.project, event.document, event.payload.get("task")), READINGS.c.decision == event.id)
    connection.execute(update(READINGS).where(*same).values(decision=other, **held))


def _sheet(connection: Connection, row: Row[Any]) -> ReadingSheet:
    found = items(connection, row.project, of_document=row.document)
    numbers = [number for number, item in found.items() if item.task == row.task]
    judged = _verdicts(connection, row.project, numbers)
    notes = of_document(connection, row.project, row.document)
    return ReadingSheet(
        reading=Reading(document=row.document, task=row.task, kind=row.kind),
        document=document(connection, row.project, row.document),
        types=types(connection, row.project, row.task, row.kind),
        found=tuple(
            Found(found[number], found[number].payload | (verdict.payload if verdict.verdict == "edit" else {}),
                  verdict.verdict)
            for number, verdict in judged.items()
            if verdict.verdict != "merge"
        ),
        missed=tuple(
            one.payload for one in notes if one.verdict == "missed" and one.payload.get("task") == row.task
        ),
    )  # fmt: skip


def _verdicts(connection: Connection, project: str, numbers: list[int]) -> dict[int, Row[Any]]:
    """The verdict that stands for each of these items: the adjudicated one, else the first."""
    statement = (
        select(SLOTS.c.item.label("of"), SLOTS.c.round.label("at"), DECISIONS)
        .join(DECISIONS, DECISIONS.c.id == SLOTS.c.decision)
        .where(SLOTS.c.project == project, SLOTS.c.item.in_(numbers), SLOTS.c.round != "second")
        .order_by(SLOTS.c.item, SLOTS.c.round.desc())
    )
    return {row.of: row for row in connection.execute(statement)}  # "first" comes before "adjudicated" backwards


def _same(project: str, number: int | None, task: Any) -> tuple[ColumnElement[bool], ...]:
    return READINGS.c.project == project, READINGS.c.document == number, READINGS.c.task == task
