"""Who gets which item: slots wait in lanes, and a member holds one for a while.

An item has a slot for each round. A slot of the first round waits in one lane for all; that of a second reviewer waits
from the first verdict on, in a lane that the first reviewer does not see; a dispute waits for the leads. The next item
is the first free one of a lane, which the index on project, lane and position finds however long the queue is.
SQLite lets one transaction write at a time; PostgreSQL skips what another one is just taking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, insert, or_, select, update

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store.review_records import SETTLING, Member, Round, Task
from techgpt_ui.store.review_tables import DECISIONS, MEMBERS, SLOTS

QueueName = Literal["review", "disputes"]

FIRST = "first"
DISPUTED = "disputed"
SLOT_ROUNDS: tuple[Round, ...] = ("first", "second", "adjudicated")


def second_lane(first_reviewer: str) -> str:
    """Where an item waits for anyone but its first reviewer."""
    return f"second:{first_reviewer}"


def is_free(now: Any) -> ColumnElement[bool]:
    """Held by nobody, or no longer."""
    return or_(SLOTS.c.holder.is_(None), SLOTS.c.until < now)


_ITEM = (SLOTS.c.project == bindparam("in_project"), SLOTS.c.item == bindparam("of_item"))
_SLOTS_OF = select(SLOTS).where(*_ITEM).with_for_update()
_HELD = {
    queue: select(SLOTS)
    .where(SLOTS.c.project == bindparam("in_project"), SLOTS.c.holder == bindparam("who"), lane)
    .order_by(SLOTS.c.position, SLOTS.c.item)
    .limit(bindparam("most"))
    .with_for_update()
    for queue, lane in (("review", SLOTS.c.lane != DISPUTED), ("disputes", SLOTS.c.lane == DISPUTED))
}
_FREE = (
    select(SLOTS)
    .where(SLOTS.c.project == bindparam("in_project"), SLOTS.c.lane == bindparam("in_lane"))
    .where(is_free(bindparam("at")))
    .order_by(SLOTS.c.position)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_HOLD = (
    update(SLOTS)
    .where(*_ITEM, SLOTS.c.round == bindparam("in_round"))
    .values(holder=bindparam("who"), until=bindparam("hold_until"))
)
_SECOND_LANES = select(MEMBERS.c.id).where(
    MEMBERS.c.project == bindparam("in_project"),
    MEMBERS.c.id != bindparam("who"),
    select(SLOTS.c.item)
    .where(SLOTS.c.project == bindparam("in_project"), SLOTS.c.lane == "second:" + MEMBERS.c.id)
    .exists(),
)
# Statements are made once: making one takes SQLAlchemy longer than the database needs to answer it.


def take(
    connection: Connection, member: Member, queue: QueueName, count: int, now: float, lease_s: float
) -> tuple[Task, ...]:
    """Up to ``count`` items for this member: those that he holds already, then the next free ones."""
    mine = {"in_project": member.project, "who": member.id}
    slots = list(connection.execute(_HELD[queue], mine | {"most": count}))
    for lane in _lanes(connection, member, queue) if len(slots) < count else ():
        free = {"in_project": member.project, "in_lane": lane, "at": now, "most": count - len(slots)}
        slots += connection.execute(_FREE, free)
        if len(slots) == count:
            break
    if slots:
        until = {"hold_until": now + lease_s}
        connection.execute(_HOLD, [mine | until | {"of_item": slot.item, "in_round": slot.round} for slot in slots])
    return tuple(_task(slot) for slot in slots)


def give_back(connection: Connection, member: Member) -> None:
    """Free all that a member holds."""
    mine = (SLOTS.c.project == member.project, SLOTS.c.holder == member.id)
    connection.execute(update(SLOTS).where(*mine).values(holder=None, until=None))


def slots_of(connection: Connection, project: str, item: int) -> dict[str, Row[Any]]:
    """An item's slots by round, kept from other writers; WorkbenchError where there is no such item."""
    found = {row.round: row for row in connection.execute(_SLOTS_OF, {"in_project": project, "of_item": item})}
    if not found:
        raise WorkbenchError("review_item_missing")
    return found


def may_take(slot: Row[Any], member: Member, now: float) -> bool:
    """Whether the member may decide this slot: it is on his screen, or free and for him."""
    if slot.lane is None and slot.holder != member.id:
        return False
    if slot.holder not in (None, member.id) and slot.until >= now:
        return False
    return slot.lane != second_lane(member.id) and (slot.lane != DISPUTED or member.leads)


def settle_lanes(connection: Connection, project: str, item: int) -> None:
    """Put an item's second and disputed slots where its standing verdicts say that they belong."""
    slots = slots_of(connection, project, item)
    ids = [slot.decision for slot in slots.values() if slot.decision is not None]
    statement = select(DECISIONS).where(DECISIONS.c.id.in_(ids))
    standing = {row.round: row for row in connection.execute(statement)} if ids else {}
    first, second = standing.get("first"), standing.get("second")
    if "second" in slots and second is None:
        wanted = second_lane(first.reviewer) if first is not None and first.verdict in SETTLING else None
        _move(connection, slots["second"], wanted)
    _settle_dispute(connection, slots, _differ(first, second) or _flagged(standing))


def _settle_dispute(connection: Connection, slots: dict[str, Row[Any]], disputed: bool) -> None:
    slot = slots.get("adjudicated")
    if slot is not None:
        if slot.decision is None:
            _move(connection, slot, DISPUTED if disputed else None)
    elif disputed:
        first = slots["first"]
        values = {name: first._mapping[name] for name in ("project", "item", "position", "sampled", "double")}
        connection.execute(insert(SLOTS).values(**values, round="adjudicated", lane=DISPUTED, blind=False))


def _differ(first: Row[Any] | None, second: Row[Any] | None) -> bool:
    if first is None or second is None or {first.verdict, second.verdict} - set(SETTLING):
        return False
    return (first.verdict, first.payload) != (second.verdict, second.payload)


def _flagged(standing: dict[str, Row[Any]]) -> bool:
    return any(row.verdict == "flag" for name, row in standing.items() if name != "adjudicated")


def _move(connection: Connection, slot: Row[Any], lane: str | None) -> None:
    """To another lane; whoever has it on his screen may still decide it."""
    if slot.lane != lane:
        connection.execute(update(SLOTS).where(_is(slot)).values(lane=lane))


def _lanes(connection: Connection, member: Member, queue: QueueName) -> Iterator[str]:
    """Where the member's next item may wait: as a second reviewer of what others have done, then as the first."""
    if queue == "disputes":
        if member.leads:
            yield DISPUTED
        return
    for other in connection.scalars(_SECOND_LANES, {"in_project": member.project, "who": member.id}).all():
        yield second_lane(other)
    yield FIRST


def _is(slot: Row[Any]) -> ColumnElement[bool]:
    return and_(SLOTS.c.project == slot.project, SLOTS.c.item == slot.item, SLOTS.c.round == slot.round)


def _task(slot: Row[Any]) -> Task:
    return Task.model_validate({name: slot._mapping[name] for name in Task.model_fields})
