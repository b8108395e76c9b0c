"""The other items of an item's document, and what may be shown of each."""

from __future__ import annotations

from sqlalchemy import Connection, select

from techgpt_ui.schema import Record
from techgpt_ui.store import review_reading as reading
from techgpt_ui.store.review_records import ReviewItem, Round
from techgpt_ui.store.review_tables import DECISIONS, ITEMS, SLOTS


class Sibling(Record):
    """Another item of the same document."""

    number: int
    item: ReviewItem
    hidden: bool
    """Somebody is still to judge it without seeing what the model said."""


def siblings(connection: Connection, project: str, number: int) -> tuple[Sibling, ...]:
    """The other items of an item's document that are not merged into another one, in their order."""
    own, _ = reading.item(connection, project, number)
    others = reading.items(connection, project, of_document=own.document)
    inside = select(ITEMS.c.number).where(ITEMS.c.project == project, ITEMS.c.document == own.document)
    slots = (SLOTS.c.project == project, SLOTS.c.item.in_(inside))
    open_ = select(SLOTS.c.item).where(*slots, SLOTS.c.blind.is_(True), SLOTS.c.decision.is_(None))
    hidden = set(connection.scalars(open_))
    decided = select(SLOTS.c.item).join(DECISIONS, DECISIONS.c.id == SLOTS.c.decision)
    merged = set(connection.scalars(decided.where(*slots, SLOTS.c.round == "first", DECISIONS.c.verdict == "merge")))
    return tuple(
        Sibling(number=at, item=item, hidden=at in hidden)
        for at, item in sorted(others.items(), key=lambda entry: (entry[1].position, entry[0]))
        if at != number and at not in merged
    )


def is_blind(connection: Connection, project: str, number: int, round_: Round) -> bool:
    """Whether an item is judged in this round without seeing what the model said."""
    same = (SLOTS.c.project == project, SLOTS.c.item == number, SLOTS.c.round == round_)
    return bool(connection.scalar(select(SLOTS.c.blind).where(*same)))
