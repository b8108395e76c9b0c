"""Counts that are kept with each change, so that no progress has to be counted anew over a million slots.

Each member's row counts what he did; a project's figure is the sum over them. So two who decide at the same time do
not wait for one row. Writers lock members before slots, always in this order, or two of them could wait for each other.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Connection, bindparam, case, func, not_, or_, select, update

from techgpt_ui.store.review_queue import DISPUTED
from techgpt_ui.store.review_records import Member, Progress
from techgpt_ui.store.review_tables import MEMBERS, PROJECTS, SLOTS

_OF_PROJECT = SLOTS.c.project == bindparam("in_project")
_WHOLE = not_(select(PROJECTS.c.sampled).where(PROJECTS.c.id == bindparam("in_project")).scalar_subquery())
_COUNTS = or_(bindparam("is_sampled", type_=Boolean), _WHOLE)
_COUNT = (
    update(MEMBERS)
    .where(MEMBERS.c.project == bindparam("in_project"), MEMBERS.c.id == bindparam("who"))
    .values(
        decided=MEMBERS.c.decided + bindparam("more"),
        first_done=MEMBERS.c.first_done + case((_COUNTS, bindparam("more_first")), else_=0),
        second_done=MEMBERS.c.second_done + case((_COUNTS, bindparam("more_second")), else_=0),
    )
)
_DONE = (
    select(
        PROJECTS.c.sampled,
        PROJECTS.c.total,
        PROJECTS.c.doubled,
        func.sum(MEMBERS.c.first_done).label("first_done"),
        func.sum(MEMBERS.c.second_done).label("second_done"),
        func.sum(case((MEMBERS.c.id == bindparam("who"), MEMBERS.c.decided), else_=0)).label("mine"),
    )
    .join(MEMBERS, MEMBERS.c.project == PROJECTS.c.id)
    .where(PROJECTS.c.id == bindparam("in_project"))
    .group_by(PROJECTS.c.id, PROJECTS.c.sampled, PROJECTS.c.total, PROJECTS.c.doubled)
)
_IN_SAMPLE = or_(SLOTS.c.sampled, bindparam("all_count", type_=Boolean))
_HELD = select(func.count()).where(
    _OF_PROJECT, SLOTS.c.holder.is_not(None), SLOTS.c.until >= bindparam("at"), SLOTS.c.lane.is_not(None),
    SLOTS.c.round == "first", _IN_SAMPLE,
)  # fmt: skip
_DISPUTED = select(func.count()).where(_OF_PROJECT, SLOTS.c.lane == DISPUTED, _IN_SAMPLE)


def add(
    connection: Connection, project: str, reviewer: str, decided: int, *, first: int = 0, second: int = 0,
    sampled: bool = False,
) -> None:  # fmt: skip
    """Count more standing events of a reviewer, and more slots of the first and second round that have his verdict.

    Slots outside the sample of a project that has one do not count. Less is a negative number.
    """
    values = {
        "in_project": project, "who": reviewer, "more": decided, "more_first": first, "more_second": second,
        "is_sampled": sampled,
    }  # fmt: skip
    connection.execute(_COUNT, values)


def lock_members(connection: Connection, project: str) -> None:
    """Keep all members from other writers, before what they have done is taken back."""
    connection.execute(
        select(MEMBERS.c.id).where(MEMBERS.c.project == project).order_by(MEMBERS.c.id).with_for_update()
    )


def progress(connection: Connection, member: Member, at: float) -> Progress:
    """How far the project is, and what this member has done."""
    done = connection.execute(_DONE, {"in_project": member.project, "who": member.id}).one()
    slots = {"in_project": member.project, "at": at, "all_count": not done.sampled}
    return Progress(
        total=done.total,
        done=done.first_done,
        open=done.total - done.first_done,
        held=connection.scalar(_HELD, slots) or 0,
        double=done.doubled,
        double_done=done.second_done,
        disputed=connection.scalar(_DISPUTED, slots) or 0,
        mine=done.mine,
    )
