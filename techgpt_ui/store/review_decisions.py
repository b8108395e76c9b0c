"""What reviewers do, appended to the log; the slots follow in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import Connection, Row, bindparam, exists, func, insert, literal, select, update

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.schema import Record
from techgpt_ui.store import review_counts as counts
from techgpt_ui.store.records import JsonObject, new_id, now
from techgpt_ui.store.review_queue import FIRST, is_free, may_take, second_lane, settle_lanes, slots_of
from techgpt_ui.store.review_records import Decision, Judgement, Member, Reason, Round
from techgpt_ui.store.review_tables import DECISIONS, DOCUMENTS, ITEMS, READINGS, SLOTS

COMMENT_LIMIT = 4_000
"""Characters that a comment may have."""

_APPEND = insert(DECISIONS)
_CLOSE = (
    update(SLOTS)
    .where(SLOTS.c.project == bindparam("in_project"), SLOTS.c.item == bindparam("of_item"))
    .where(SLOTS.c.round == bindparam("in_round"))
    .values(lane=None, holder=None, until=None, decision=bindparam("by_decision"))
)


class Judged(Record):
    """A reviewer's judgement of an item."""

    item: int
    round: Round = "first"
    verdict: Judgement
    reason: Reason | None = None
    comment: Annotated[str, Field(max_length=COMMENT_LIMIT)] = ""
    payload: JsonObject = Field(default_factory=dict)
    """What it should be, for an edit; ``{"into": item}`` for a merge."""
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    again: bool = False
    """The reviewer means to replace a decision of his own; without it a second one is taken for an accident."""


class Filter(Record):
    """Which open items a bulk is about; what is None does not matter."""

    task: str | None = None
    kind: str | None = None
    type: str | None = None
    model: str | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None


def decide(connection: Connection, member: Member, judged: Judged, at: float) -> Decision:
    """Append a judgement; WorkbenchError ``review_taken`` or ``review_decided`` where the slot is not the member's."""
    if judged.verdict == "edit" and not judged.payload:
        raise UsageError("review_edit_empty")
    slots = slots_of(connection, member.project, judged.item)
    slot = slots.get(judged.round)
    if slot is None:
        raise WorkbenchError("review_item_missing")
    if judged.verdict == "merge":
        _check_merge(connection, member.project, judged)
    _require_turn(connection, slot, member, judged, at)
    values = judged.model_dump(exclude={"again"})
    decision = _append(connection, member, **values, blind=slot.blind)
    _close(connection, slot, decision.id)
    counts.add(connection, member.project, member.id, 1, **_done(slot, int(slot.decision is None)))
    if slot.double or "adjudicated" in slots or judged.verdict == "flag" or slot.decision is not None:
        settle_lanes(connection, member.project, judged.item)
    return decision


def undo(connection: Connection, member: Member, hold_until: float) -> Decision | None:
    """Take back the member's last event that still counts, a bulk as a whole; None where there is none.

    An item that is open again is held by the member. Returns the event that was taken back.
    """
    last = _last_standing(connection, member)
    if last is None:
        return None
    if last.bulk is not None:
        _undo_bulk(connection, member, last.bulk)
    else:
        _take_back(connection, member, last, holder=member.id, until=hold_until)
    return _decision(last)


def reopen(connection: Connection, member: Member, verdicts: Iterable[Judgement]) -> int:
    """Put the items whose first verdict is one of these, skipped ones say, back into the queue; how many."""
    joined = SLOTS.join(DECISIONS, DECISIONS.c.id == SLOTS.c.decision)
    statement = (
        select(DECISIONS)
        .select_from(joined)
        .where(SLOTS.c.project == member.project, SLOTS.c.round == "first", DECISIONS.c.verdict.in_(tuple(verdicts)))
    )
    counts.lock_members(connection, member.project)
    rows = connection.execute(statement).all()
    for row in rows:
        _take_back(connection, member, row)
    return len(rows)


def accept_all(connection: Connection, member: Member, wanted: Filter, at: float) -> int:
    """Accept all open items that the filter takes, as one bulk; how many.

    Those of a sample and of documents drawn to be read are left out: an estimate needs somebody who has looked.
    """
    bulk = new_id()
    drawn = exists().where(
        READINGS.c.project == ITEMS.c.project, READINGS.c.document == ITEMS.c.document, READINGS.c.task == ITEMS.c.task
    )
    items = select(ITEMS.c.number).where(ITEMS.c.project == member.project, ~drawn, *_conditions(wanted))
    open_ = (
        SLOTS.c.project == member.project, SLOTS.c.lane == FIRST, SLOTS.c.sampled.is_(False),
        SLOTS.c.double.is_(False), is_free(at), SLOTS.c.item.in_(items),
    )  # fmt: skip
    count = connection.execute(update(SLOTS).where(*open_).values(holder=bulk)).rowcount
    if not count:
        return 0
    taken = (SLOTS.c.project == member.project, SLOTS.c.holder == bulk)
    common = {"reviewer": member.id, "round": "first", "time": now(), "verdict": "accept", "comment": "", "bulk": bulk}
    names = ["project", "item", "blind", "payload", *common]
    columns = [literal(value, DECISIONS.c[name].type) for name, value in common.items()]
    chosen = select(SLOTS.c.project, SLOTS.c.item, literal(False), literal({}, DECISIONS.c.payload.type), *columns)
    connection.execute(insert(DECISIONS).from_select(names, chosen.where(*taken)))
    _point_to_bulk(connection, taken, bulk)
    counts.add(connection, member.project, member.id, count, first=count)
    return count


def carry_over(connection: Connection, member: Member, source: str) -> int:
    """Take over the verdicts that another project has on the same content, marked as carried; how many."""
    rows = connection.execute(_same_content(member.project, source)).all()
    latest = {row.target: row for row in sorted(rows, key=lambda row: row.id)}
    if not latest:
        return 0
    bulk = new_id()
    moment = now()
    connection.execute(
        insert(DECISIONS),
        [
            {
                "project": member.project, "item": item, "reviewer": member.id, "round": "first", "time": moment,
                "verdict": row.verdict, "reason": row.reason, "comment": row.comment, "payload": row.payload,
                "blind": False, "bulk": bulk, "carried": f"{source}:{row.id}",
            }
            for item, row in latest.items()
        ],
    )  # fmt: skip
    made = select(DECISIONS.c.item).where(DECISIONS.c.project == member.project, DECISIONS.c.bulk == bulk)
    carried = (SLOTS.c.project == member.project, SLOTS.c.round == "first", SLOTS.c.item.in_(made))
    _point_to_bulk(connection, carried, bulk)
    counts.add(connection, member.project, member.id, len(latest))
    _count_slots(connection, member, carried, 1)
    for item in connection.scalars(made.join(SLOTS, _first_slot()).where(SLOTS.c.double)).all():
        settle_lanes(connection, member.project, item)
    return len(latest)


def note_missed(connection: Connection, member: Member, document: int, payload: JsonObject, comment: str) -> Decision:
    """Append that something of a document is not among its items."""
    _require_document(connection, member.project, document)
    counts.add(connection, member.project, member.id, 1)
    return _append(connection, member, document=document, verdict="missed", payload=payload, comment=comment)


def note_examined(connection: Connection, member: Member, document: int, task: str) -> Decision:
    """Append that the member has read a document to its end and noted all that a task missed."""
    _require_document(connection, member.project, document)
    counts.add(connection, member.project, member.id, 1)
    return _append(connection, member, document=document, verdict="examined", payload={"task": task})


def standing(event: Any) -> Any:
    """The condition that an event was not taken back."""
    later = DECISIONS.alias("later")
    return ~select(later.c.id).where(later.c.undoes == event.c.id).exists()


def _append(connection: Connection, member: Member, **values: Any) -> Decision:
    usual: dict[str, Any] = {
        "round": "first", "comment": "", "payload": {}, "blind": False, "item": None, "document": None,
        "seconds": None, "reason": None, "bulk": None, "undoes": None, "carried": None,
    }  # fmt: skip
    row = usual | values | {"project": member.project, "reviewer": member.id, "time": now()}
    number = connection.execute(_APPEND, row).inserted_primary_key
    return Decision.model_validate(
        {name: row.get(name) for name in Decision.model_fields} | {"id": number and number[0]}
    )


def _require_turn(connection: Connection, slot: Row[Any], member: Member, judged: Judged, at: float) -> None:
    if slot.decision is None:
        if not may_take(slot, member, at):
            raise WorkbenchError("review_taken")
        return
    owner = connection.scalar(select(DECISIONS.c.reviewer).where(DECISIONS.c.id == slot.decision))
    if owner != member.id or not judged.again:
        raise WorkbenchError("review_decided")


def _check_merge(connection: Connection, project: str, judged: Judged) -> None:
    """What an item is merged into must be another one, and not merged itself."""
    into = judged.payload.get("into")
    if type(into) is not int or into == judged.item:
        raise UsageError("review_merge_itself")
    target = slots_of(connection, project, into).get("first")
    verdict = select(DECISIONS.c.verdict).where(DECISIONS.c.id == (target.decision if target else None))
    if connection.scalar(verdict) == "merge":
        raise UsageError("review_merge_chain")


def _close(connection: Connection, slot: Row[Any], decision: int) -> None:
    same = {"in_project": slot.project, "of_item": slot.item, "in_round": slot.round}
    connection.execute(_CLOSE, same | {"by_decision": decision})


def _last_standing(connection: Connection, member: Member) -> Row[Any] | None:
    mine = (DECISIONS.c.project == member.project, DECISIONS.c.reviewer == member.id, DECISIONS.c.verdict != "undo")
    statement = select(DECISIONS).where(*mine, standing(DECISIONS)).order_by(DECISIONS.c.id.desc()).limit(1)
    return connection.execute(statement).one_or_none()


def _take_back(connection: Connection, member: Member, event: Row[Any], **hold: Any) -> None:
    _append(
        connection, member, item=event.item, document=event.document, round=event.round, verdict="undo",
        undoes=event.id,
    )  # fmt: skip
    slot = slots_of(connection, member.project, event.item).get(event.round) if event.item is not None else None
    if slot is None or slot.decision != event.id:
        counts.add(connection, member.project, event.reviewer, -1)
        return
    same = (SLOTS.c.project == slot.project, SLOTS.c.item == slot.item, SLOTS.c.round == slot.round)
    earlier = _earlier(connection, event)
    if earlier is not None:
        connection.execute(update(SLOTS).where(*same).values(decision=earlier))
    else:
        lane = _home(connection, slot)
        connection.execute(update(SLOTS).where(*same).values(decision=None, lane=lane, **hold))
    counts.add(connection, member.project, event.reviewer, -1, **_done(slot, -int(earlier is None)))
    settle_lanes(connection, member.project, event.item)


def _earlier(connection: Connection, event: Row[Any]) -> int | None:
    """The reviewer's own verdict that the event had replaced."""
    same = (
        DECISIONS.c.project == event.project, DECISIONS.c.item == event.item, DECISIONS.c.round == event.round,
        DECISIONS.c.reviewer == event.reviewer, DECISIONS.c.verdict != "undo", DECISIONS.c.id < event.id,
    )  # fmt: skip
    return connection.scalar(select(func.max(DECISIONS.c.id)).where(*same, standing(DECISIONS)))


def _home(connection: Connection, slot: Row[Any]) -> str | None:
    """The lane of an open slot; that of a dispute is settled with the item."""
    if slot.round == "first":
        return FIRST
    if slot.round == "adjudicated":
        return None
    first = select(DECISIONS.c.reviewer).join(SLOTS, SLOTS.c.decision == DECISIONS.c.id)
    same = (SLOTS.c.project == slot.project, SLOTS.c.item == slot.item, SLOTS.c.round == "first")
    reviewer = connection.scalar(first.where(*same))
    return second_lane(reviewer) if reviewer else None


def _undo_bulk(connection: Connection, member: Member, bulk: str) -> None:
    of_bulk = (DECISIONS.c.project == member.project, DECISIONS.c.reviewer == member.id, DECISIONS.c.bulk == bulk)
    done = select(DECISIONS.c.id).where(*of_bulk)
    doubled = (SLOTS.c.project == member.project, SLOTS.c.double, SLOTS.c.round == "first", SLOTS.c.decision.in_(done))
    several = connection.scalars(select(SLOTS.c.item).where(*doubled)).all()
    back = (SLOTS.c.project == member.project, SLOTS.c.decision.in_(done))
    stood = connection.scalar(select(func.count()).where(*of_bulk, standing(DECISIONS))) or 0
    counts.add(connection, member.project, member.id, -stood)
    _count_slots(connection, member, back, -1)
    connection.execute(update(SLOTS).where(*back).values(decision=None, lane=FIRST))
    common = {"reviewer": member.id, "round": "first", "time": now(), "verdict": "undo", "comment": ""}
    names = ["project", "item", "undoes", "blind", "payload", *common]
    columns = [literal(value, DECISIONS.c[name].type) for name, value in common.items()]
    chosen = select(
        DECISIONS.c.project, DECISIONS.c.item, DECISIONS.c.id, literal(False), literal({}, DECISIONS.c.payload.type),
        *columns,
    )  # fmt: skip
    connection.execute(insert(DECISIONS).from_select(names, chosen.where(*of_bulk)))
    for item in several:
        settle_lanes(connection, member.project, item)


def _point_to_bulk(connection: Connection, slots: tuple[Any, ...], bulk: str) -> None:
    made = select(DECISIONS.c.id).where(
        DECISIONS.c.project == SLOTS.c.project, DECISIONS.c.item == SLOTS.c.item, DECISIONS.c.bulk == bulk
    )
    values = {"decision": made.scalar_subquery(), "lane": None, "holder": None, "until": None}
    connection.execute(update(SLOTS).where(*slots).values(**values))


def _count_slots(connection: Connection, member: Member, slots: tuple[Any, ...], sign: int) -> None:
    """Count the slots of the first round that got their verdict from a member's bulk, or are about to lose it."""
    for sampled in (False, True):
        several = connection.scalar(select(func.count()).where(*slots, SLOTS.c.sampled.is_(sampled))) or 0
        counts.add(connection, member.project, member.id, 0, first=sign * several, sampled=sampled)


def _done(slot: Row[Any], change: int) -> dict[str, Any]:
    """By how much a slot that was filled or emptied changes what its reviewer has done."""
    first, second = (change if slot.round == name else 0 for name in ("first", "second"))
    return {"first": first, "second": second, "sampled": slot.sampled}


def _first_slot() -> Any:
    return (SLOTS.c.project == DECISIONS.c.project) & (SLOTS.c.item == DECISIONS.c.item) & (SLOTS.c.round == "first")


def _same_content(project: str, source: str) -> Any:
    """Open items with the verdicts that items of the same content have in the other project."""
    theirs, final, slots = ITEMS.alias("theirs"), SLOTS.alias("final"), SLOTS
    return (
        select(ITEMS.c.number.label("target"), DECISIONS)
        .join(slots, (slots.c.project == ITEMS.c.project) & (slots.c.item == ITEMS.c.number))
        .join(theirs, (theirs.c.project == source) & (theirs.c.content_hash == ITEMS.c.content_hash))
        .join(final, (final.c.project == theirs.c.project) & (final.c.item == theirs.c.number))
        .join(DECISIONS, DECISIONS.c.id == final.c.decision)
        .where(
            ITEMS.c.project == project, slots.c.lane == FIRST, slots.c.round == "first", slots.c.holder.is_(None),
            final.c.round.in_(("first", "adjudicated")), DECISIONS.c.verdict.in_(("accept", "edit", "reject")),
        )
    )  # fmt: skip


def _conditions(wanted: Filter) -> list[Any]:
    given = wanted.model_dump(exclude_none=True)
    low, high = given.pop("min_confidence", None), given.pop("max_confidence", None)
    conditions = [ITEMS.c[name] == value for name, value in given.items()]
    conditions += [ITEMS.c.confidence >= low] if low is not None else []
    return conditions + ([ITEMS.c.confidence <= high] if high is not None else [])


def _require_document(connection: Connection, project: str, document: int) -> None:
    same = (DOCUMENTS.c.project == project, DOCUMENTS.c.number == document)
    if connection.scalar(select(DOCUMENTS.c.number).where(*same)) is None:
        raise WorkbenchError("review_document_missing")


def _decision(row: Row[Any]) -> Decision:
    return Decision.model_validate({name: row._mapping[name] for name in Decision.model_fields})
