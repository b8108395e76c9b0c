"""A review project of any size to measure with, and the proof afterwards that no decision was lost or made twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Table, insert, literal, select, update

from techgpt_ui.store import Database, Draft, Place, Project, ReviewDocument, ReviewItem, ReviewStore
from techgpt_ui.store.review_tables import DECISIONS, DOCUMENTS, ITEMS, PROJECTS, SLOTS, TYPES

PER_DOCUMENT = 20
PORTION = 20_000
"""Items that are written through the store; larger projects repeat them."""
DOUBLED = 10
"""Every so many items one is for two reviewers."""
TYPES_OF_ITEMS = ("组织", "人物", "地点", "材料", "方法", "任务", "指标", "领域")
TEXT = "阿里巴巴由马云创立。" * 20


@dataclass(frozen=True)
class Acknowledged:
    """A decision that the server said it has."""

    item: int
    round: str
    verdict: str


def fill(database: Database, owner: str, items: int) -> str:
    """A project of so many items, a multiple of 20,000; its invitation."""
    draft = _draft(owner)
    ReviewStore(database).create(draft, "Lead")
    ident = draft.project.id
    with database.writing() as connection:
        for at in range(1, items // PORTION):
            _repeat(connection, ident, at)
        totals = {"total": items, "doubled": items // DOUBLED}
        connection.execute(update(PROJECTS).where(PROJECTS.c.id == ident).values(**totals))
        connection.execute(update(TYPES).where(TYPES.c.project == ident).values(count=items // len(TYPES_OF_ITEMS)))
    return draft.project.invitation


def _draft(owner: str) -> Draft:
    documents = tuple(ReviewDocument(name=str(n), text=f"{TEXT}{n}") for n in range(PORTION // PER_DOCUMENT))
    return Draft(
        project=Project(owner=owner, name="bench"), documents=documents, items=tuple(map(_item, range(PORTION))),
        places=tuple(Place(item=n, double=n % DOUBLED == 0) for n in range(PORTION)),
    )  # fmt: skip


def _item(number: int) -> ReviewItem:
    type_ = TYPES_OF_ITEMS[number % len(TYPES_OF_ITEMS)]
    return ReviewItem(
        document=number // PER_DOCUMENT, position=number % PER_DOCUMENT, task="ner", kind="mention", type=type_,
        payload={"text": "阿里巴巴", "type": type_, "start": 0, "end": 4}, confidence=number % 100 / 100,
    )  # fmt: skip


def _repeat(connection: Connection, project: str, at: int) -> None:
    """The same again, with numbers that go on."""
    items, documents = at * PORTION, at * PORTION // PER_DOCUMENT
    _copy(connection, DOCUMENTS, project, {"number": documents}, PORTION // PER_DOCUMENT)
    _copy(connection, ITEMS, project, {"number": items, "document": documents}, PORTION)
    _copy(connection, SLOTS, project, {"item": items, "position": items}, PORTION)


def _copy(connection: Connection, table: Table, project: str, moved: dict[str, int], below: int) -> None:
    columns = [column + literal(moved[column.name]) if column.name in moved else column for column in table.c]
    first = table.c[next(iter(moved))]
    rows = select(*columns).where(table.c.project == project, first < below)
    connection.execute(insert(table).from_select([column.name for column in table.c], rows))


def faults(database: Database, acknowledged: Iterable[Acknowledged]) -> dict[str, int]:
    """What must all be 0: what the log and the queue say against what the clients were told."""
    told = Counter(acknowledged)
    with database.reading() as connection:
        log = connection.execute(select(DECISIONS).order_by(DECISIONS.c.id)).all()
        slots = connection.execute(select(SLOTS).where(SLOTS.c.decision.is_not(None))).all()
    logged = Counter(Acknowledged(row.item, row.round, row.verdict) for row in log)
    places = Counter((row.item, row.round) for row in log)
    standing = {(slot.item, slot.round): slot.decision for slot in slots}
    return {
        "decided twice": sum(count - 1 for count in places.values()),
        "told and not in the log": (told - logged).total(),
        "in the log and not told": (logged - told).total(),
        "in the log and not standing": sum(standing.get((row.item, row.round)) != row.id for row in log),
        "standing and not in the log": len(standing.keys() - places.keys()),
        "both by the same reviewer": len(_both(log)),
    }


def _both(log: Iterable[object]) -> list[tuple[int, str]]:
    """Items of which one reviewer gave the first and the second verdict."""
    by = Counter((row.item, row.reviewer) for row in log)  # type: ignore[attr-defined]
    return [place for place, count in by.items() if count > 1]
