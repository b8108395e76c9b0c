"""What is on a reviewer's screen: his tasks with all that the page shows of them, asked for at once.

A key press waits for this, so there is one statement for each kind of thing, not one for each task.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, select

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store.review_projects import names_of
from techgpt_ui.store.review_reading import Logged, document_from, histories, item_from
from techgpt_ui.store.review_records import Member, ReviewDocument, ReviewItem, Task
from techgpt_ui.store.review_tables import DOCUMENTS, ITEMS, TYPES

MOST_TYPES = 200
_TEXTS = {name: DOCUMENTS.c[name].label(f"document_{name}") for name in ReviewDocument.model_fields}
_ITEMS_WITH_TEXTS = (
    select(ITEMS.c.number, *(ITEMS.c[name] for name in ReviewItem.model_fields), *_TEXTS.values())
    .join(DOCUMENTS, and_(DOCUMENTS.c.project == ITEMS.c.project, DOCUMENTS.c.number == ITEMS.c.document))
    .where(ITEMS.c.project == bindparam("in_project"), ITEMS.c.number.in_(bindparam("numbers", expanding=True)))
)
_TYPES = (
    select(TYPES.c.type)
    .where(TYPES.c.project == bindparam("in_project"), TYPES.c.task == bindparam("of_task"))
    .where(TYPES.c.kind == bindparam("of_kind"))
    .order_by(TYPES.c.count.desc(), TYPES.c.type)
    .limit(MOST_TYPES)
)


class Sheet(NamedTuple):
    """A task with its item and text, what its like can be, and what was decided on it as far as the member may know."""

    task: Task
    item: ReviewItem
    document: ReviewDocument
    types: tuple[str, ...]
    history: tuple[Logged, ...]
    names: dict[str, str]
    """Members' names by id, where there is a history."""


def sheets(connection: Connection, member: Member, tasks: Sequence[Task]) -> tuple[Sheet, ...]:
    """The sheets of tasks, in their order; WorkbenchError ``review_item_missing`` where there is no such item."""
    if not tasks:
        return ()
    numbers = [task.item for task in tasks]
    asked = {"in_project": member.project, "numbers": numbers}
    found = {
        row.number: (item_from(row), document_from(row, "document_"))
        for row in connection.execute(_ITEMS_WITH_TEXTS, asked)
    }
    if not found.keys() >= set(numbers):
        raise WorkbenchError("review_item_missing")
    sorts = {(item.task, item.kind) for item, _ in found.values()}
    choices = {sort: types(connection, member.project, *sort) for sort in sorts}
    known = histories(connection, member, numbers)
    names = names_of(connection, member.project) if known else {}
    return tuple(
        Sheet(task, item, document, choices[item.task, item.kind], known.get(task.item, ()), names)
        for task in tasks
        for item, document in (found[task.item],)
    )


def types(connection: Connection, project: str, task: str, kind: str) -> tuple[str, ...]:
    """Every type that items of a task have, the most frequent first; 200 of them at most."""
    return tuple(connection.scalars(_TYPES, {"in_project": project, "of_task": task, "of_kind": kind}))
