"""What a member must not be shown yet, because he is to judge it without the model's answer."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from techgpt_ui.store.review_queue import second_lane
from techgpt_ui.store.review_records import Member
from techgpt_ui.store.review_tables import ITEMS, SLOTS


def hides(connection: Connection, member: Member, document: int, task: str) -> bool:
    """Whether a document has a blind item of the task that the member may still have to judge."""
    joined = SLOTS.join(ITEMS, (ITEMS.c.project == SLOTS.c.project) & (ITEMS.c.number == SLOTS.c.item))
    theirs = or_(SLOTS.c.lane.is_(None), SLOTS.c.lane != second_lane(member.id))
    open_and_blind = (
        SLOTS.c.project == member.project, SLOTS.c.blind.is_(True), SLOTS.c.decision.is_(None), theirs,
        ITEMS.c.document == document, ITEMS.c.task == task,
    )  # fmt: skip
    return connection.scalar(select(SLOTS.c.item).select_from(joined).where(*open_and_blind).limit(1)) is not None
