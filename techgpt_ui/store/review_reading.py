"""What can be read of a review: items with their texts, what was decided and when, progress."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.schema import Record
from techgpt_ui.store.review_decisions import standing
from techgpt_ui.store.review_queue import DISPUTED
from techgpt_ui.store.review_records import Decision, Member, ReviewDocument, ReviewItem
from techgpt_ui.store.review_tables import DECISIONS, DOCUMENTS, ITEMS, SLOTS

_ON_ITEMS: Any = bindparam("numbers", expanding=True)
_DECIDED = (
    select(DECISIONS, standing(DECISIONS).label("standing"))
    .where(DECISIONS.c.project == bindparam("in_project"), DECISIONS.c.item.in_(_ON_ITEMS))
    .order_by(DECISIONS.c.id)
)
_SLOTS = select(SLOTS).where(SLOTS.c.project == bindparam("in_project"), SLOTS.c.item.in_(_ON_ITEMS))


class Logged(Record):
    """An event of the log, with whether it was taken back or replaced since."""

    event: Decision
    undone: bool


class Current(Record):
    """The verdict that stands for an item: the adjudicated one, else that of its first reviewer."""

    item: int
    decision: Decision


def item(connection: Connection, project: str, number: int) -> tuple[ReviewItem, ReviewDocument]:
    """An item and its document."""
    same = (ITEMS.c.project == project, ITEMS.c.number == number)
    row = connection.execute(select(ITEMS).where(*same)).one_or_none()
    if row is None:
        raise WorkbenchError("review_item_missing")
    return item_from(row), document(connection, project, row.document)


def document(connection: Connection, project: str, number: int) -> ReviewDocument:
    """A document by its number."""
    same = (DOCUMENTS.c.project == project, DOCUMENTS.c.number == number)
    row = connection.execute(select(DOCUMENTS).where(*same)).one_or_none()
    if row is None:
        raise WorkbenchError("review_document_missing")
    return document_from(row)


def documents(connection: Connection, project: str) -> tuple[ReviewDocument, ...]:
    """All documents in the order of their numbers."""
    statement = select(DOCUMENTS).where(DOCUMENTS.c.project == project).order_by(DOCUMENTS.c.number)
    return tuple(map(document_from, connection.execute(statement)))


def items(connection: Connection, project: str, *, of_document: int | None = None) -> dict[int, ReviewItem]:
    """Items by their numbers, all or those of one document."""
    statement = select(ITEMS).where(ITEMS.c.project == project).order_by(ITEMS.c.number)
    if of_document is not None:
        statement = statement.where(ITEMS.c.document == of_document)
    return {row.number: item_from(row) for row in connection.execute(statement)}


def log(connection: Connection, project: str) -> tuple[Logged, ...]:
    """The whole log, oldest first."""
    still = standing(DECISIONS).label("standing")
    statement = select(DECISIONS, still).where(DECISIONS.c.project == project).order_by(DECISIONS.c.id)
    return tuple(Logged(event=_decision(row), undone=not row.standing) for row in connection.execute(statement))


def history(connection: Connection, member: Member, number: int) -> tuple[Logged, ...]:
    """What was decided on an item, as far as the member may know it."""
    return histories(connection, member, [number]).get(number, ())


def histories(connection: Connection, member: Member, numbers: Sequence[int]) -> dict[int, tuple[Logged, ...]]:
    """What was decided on items, as far as the member may know it: no second reviewer sees the first's verdict.

    Leads see all of an item that is disputed; the two of a doubled item see each other's once both are done.
    """
    rows = connection.execute(_DECIDED, {"in_project": member.project, "numbers": numbers}).all()
    touched = list({row.item for row in rows})
    slots = connection.execute(_SLOTS, {"in_project": member.project, "numbers": touched}).all() if touched else ()
    shown = {item: _open_to(member, [slot for slot in slots if slot.item == item]) for item in touched}
    found: dict[int, list[Logged]] = defaultdict(list)
    for row in rows:
        if shown[row.item] or row.reviewer == member.id:
            found[row.item].append(Logged(event=_decision(row), undone=not row.standing))
    return {item: tuple(events) for item, events in found.items()}


def _open_to(member: Member, slots: Sequence[Row[Any]]) -> bool:
    """Whether the member may see what others decided on the item of these slots."""
    closed = {slot.round for slot in slots if slot.decision is not None}
    disputed = any(slot.lane == DISPUTED for slot in slots)
    return {"first", "second"} <= closed or not any(slot.double for slot in slots) or (disputed and member.leads)


def of_document(connection: Connection, project: str, number: int) -> tuple[Decision, ...]:
    """What was found missing in a document, and who examined it, as far as it stands."""
    same = (DECISIONS.c.project == project, DECISIONS.c.document == number, DECISIONS.c.verdict != "undo")
    statement = select(DECISIONS).where(*same, standing(DECISIONS)).order_by(DECISIONS.c.id)
    return tuple(map(_decision, connection.execute(statement)))


def current(connection: Connection, project: str) -> dict[int, Current]:
    """The standing verdict of each item that has one; a merged item has that of the item that it is merged into."""
    rounds = ("first", "adjudicated")  # in this order: the later one wins
    joined = SLOTS.join(DECISIONS, DECISIONS.c.id == SLOTS.c.decision)
    found: dict[int, Current] = {}
    for name in rounds:
        statement = select(SLOTS.c.item.label("of"), DECISIONS).select_from(joined)
        for row in connection.execute(statement.where(SLOTS.c.project == project, SLOTS.c.round == name)):
            found[row.of] = Current(item=row.of, decision=_decision(row))
    return _merged(found)


def item_from(row: Row[Any]) -> ReviewItem:
    """The item in a row."""
    return ReviewItem.model_validate({name: row._mapping[name] for name in ReviewItem.model_fields})


def document_from(row: Row[Any], prefix: str = "") -> ReviewDocument:
    """The document in a row whose columns have this prefix."""
    return ReviewDocument.model_validate({name: row._mapping[prefix + name] for name in ReviewDocument.model_fields})


def _merged(found: dict[int, Current]) -> dict[int, Current]:
    """The verdicts with that of its target for each merged item, however many merges lead there."""
    resolved: dict[int, Current] = {}
    for number in found:
        at: Any = number
        passed: set[int] = set()
        while at in found and at not in passed and found[at].decision.verdict == "merge":
            passed.add(at)
            at = found[at].decision.payload.get("into")
        if at in found and at not in passed:
            resolved[number] = Current(item=number, decision=found[at].decision)
    return resolved


def _decision(row: Row[Any]) -> Decision:
    return Decision.model_validate({name: row._mapping[name] for name in Decision.model_fields})
