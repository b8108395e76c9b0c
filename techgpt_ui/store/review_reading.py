"""What can be read of a review: items with their texts, what was decided and when, progress."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.schema import Record
from techgpt_ui.store.review_decisions import standing
from techgpt_ui.store.review_queue import DISPUTED
from techgpt_ui.store.review_records import Decision, Member, Progress, ReviewDocument, ReviewItem
from techgpt_ui.store.review_tables import DECISIONS, DOCUMENTS, ITEMS, SLOTS


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
    return _item(row), document(connection, project, row.document)


def document(connection: Connection, project: str, number: int) -> ReviewDocument:
    """A document by its number."""
    same = (DOCUMENTS.c.project == project, DOCUMENTS.c.number == number)
    row = connection.execute(select(DOCUMENTS).where(*same)).one_or_none()
    if row is None:
        raise WorkbenchError("review_document_missing")
    return _document(row)


def documents(connection: Connection, project: str) -> tuple[ReviewDocument, ...]:
    """All documents in the order of their numbers."""
    statement = select(DOCUMENTS).where(DOCUMENTS.c.project == project).order_by(DOCUMENTS.c.number)
    return tuple(map(_document, connection.execute(statement)))


def items(connection: Connection, project: str, *, of_document: int | None = None) -> dict[int, ReviewItem]:
    """Items by their numbers, all or those of one document."""
    statement = select(ITEMS).where(ITEMS.c.project == project).order_by(ITEMS.c.number)
    if of_document is not None:
        statement = statement.where(ITEMS.c.document == of_document)
    return {row.number: _item(row) for row in connection.execute(statement)}


def types(connection: Connection, project: str, task: str, kind: str) -> tuple[str, ...]:
    """Every type that items of a task have, the most frequent first."""
    same = (ITEMS.c.project == project, ITEMS.c.task == task, ITEMS.c.kind == kind, ITEMS.c.type != "")
    statement = select(ITEMS.c.type).where(*same).group_by(ITEMS.c.type)
    return tuple(connection.scalars(statement.order_by(func.count().desc(), ITEMS.c.type).limit(200)))


def log(connection: Connection, project: str) -> tuple[Logged, ...]:
    """The whole log, oldest first."""
    still = standing(DECISIONS).label("standing")
    statement = select(DECISIONS, still).where(DECISIONS.c.project == project).order_by(DECISIONS.c.id)
    return tuple(Logged(event=_decision(row), undone=not row.standing) for row in connection.execute(statement))


def history(connection: Connection, member: Member, number: int) -> tuple[Logged, ...]:
    """What was decided on an item, as far as the member may know it: no second reviewer sees the first's verdict.

    Leads see all of an item that is disputed; the two of a doubled item see each other's once both are done.
    """
    slots = connection.execute(select(SLOTS).where(SLOTS.c.project == member.project, SLOTS.c.item == number)).all()
    closed = {slot.round for slot in slots if slot.decision is not None}
    disputed = any(slot.lane == DISPUTED for slot in slots)
    open_to_all = {"first", "second"} <= closed or not any(slot.double for slot in slots) or (disputed and member.leads)
    still = standing(DECISIONS).label("standing")
    statement = select(DECISIONS, still).where(DECISIONS.c.project == member.project, DECISIONS.c.item == number)
    if not open_to_all:
        statement = statement.where(DECISIONS.c.reviewer == member.id)
    rows = connection.execute(statement.order_by(DECISIONS.c.id))
    return tuple(Logged(event=_decision(row), undone=not row.standing) for row in rows)


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


def duplicates(connection: Connection, project: str, limit: int = 200) -> tuple[tuple[int, ...], ...]:
    """Groups of items that say the same of the same text, and are not merged yet."""
    same = select(ITEMS.c.content_hash).where(ITEMS.c.project == project).group_by(ITEMS.c.content_hash)
    several = connection.scalars(same.having(func.count() > 1).limit(limit)).all()
    groups: list[tuple[int, ...]] = []
    for value in several:
        numbers = select(ITEMS.c.number).where(ITEMS.c.project == project, ITEMS.c.content_hash == value)
        merged = (
            select(SLOTS.c.item)
            .join(DECISIONS, DECISIONS.c.id == SLOTS.c.decision)
            .where(SLOTS.c.project == project, SLOTS.c.round == "first", DECISIONS.c.verdict == "merge")
        )
        left = connection.scalars(numbers.where(ITEMS.c.number.not_in(merged)).order_by(ITEMS.c.number)).all()
        groups += [tuple(left)] if len(left) > 1 else []
    return tuple(groups)


def progress(connection: Connection, member: Member, at: float) -> Progress:
    """How far the project is, and what this member has done."""
    same = [SLOTS.c.project == member.project]
    sampled = select(SLOTS.c.item).where(*same, SLOTS.c.sampled.is_(True)).limit(1)
    if connection.scalar(sampled) is not None:
        same.append(SLOTS.c.sampled.is_(True))
    counted = (
        SLOTS.c.round,
        func.count().label("all"),
        func.count(SLOTS.c.decision).label("done"),
        func.count().filter(SLOTS.c.lane.is_not(None)).label("open"),
        func.count().filter(SLOTS.c.lane.is_not(None), SLOTS.c.holder.is_not(None), SLOTS.c.until >= at).label("held"),
    )
    rows = {row.round: row for row in connection.execute(select(*counted).where(*same).group_by(SLOTS.c.round))}
    mine = select(func.count()).where(
        DECISIONS.c.project == member.project,
        DECISIONS.c.reviewer == member.id,
        DECISIONS.c.verdict != "undo",
        standing(DECISIONS),
    )
    first, second, dispute = (rows.get(name) for name in ("first", "second", "adjudicated"))
    return Progress(
        total=_count(first, "all"),
        done=_count(first, "done"),
        open=_count(first, "open"),
        held=sum(_count(row, "held") for row in rows.values()),
        double=_count(second, "all"),
        double_done=_count(second, "done"),
        disputed=_count(dispute, "open"),
        mine=connection.scalar(mine) or 0,
    )


def _count(row: Row[Any] | None, name: str) -> int:
    return 0 if row is None else int(row._mapping[name])


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


def _item(row: Row[Any]) -> ReviewItem:
    return ReviewItem.model_validate({name: row._mapping[name] for name in ReviewItem.model_fields})


def _document(row: Row[Any]) -> ReviewDocument:
    return ReviewDocument.model_validate({name: row._mapping[name] for name in ReviewDocument.model_fields})


def _decision(row: Row[Any]) -> Decision:
    return Decision.model_validate({name: row._mapping[name] for name in Decision.model_fields})
