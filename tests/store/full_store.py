"""A store with something of every kind, hostile where that is possible, and all of a store to compare."""

from typing import Any

from sqlalchemy import select

from techgpt_ui.store import (
    ConversationStore,
    Database,
    EvaluationRecord,
    EvaluationStore,
    OutcomeRecord,
    ReviewStore,
    RunStore,
    Turn,
)
from techgpt_ui.store.review_records import Reading
from techgpt_ui.store.tables import METADATA
from tests.store.examples import NOON, a_run
from tests.store.review_examples import Desk, a_colleague, a_draft
from tests.store.strategies import WEIRD

Rows = dict[str, list[dict[str, Any]]]


def fill(database: Database) -> Desk:
    """Runs, a conversation, an evaluation, and a review with every sort of decision; back comes who leads it."""
    for number in range(3):
        RunStore(database).add(a_run(raw=WEIRD, note=WEIRD, inputs={"text": WEIRD, "n": number, "x": 0.1 + 0.2}))
    turns = (Turn(role="user", content=WEIRD), Turn(role="assistant", content="", finish_reason="stop"))
    ConversationStore(database).create("ann", "chat", title=WEIRD, turns=turns)
    _evaluation(database)
    return _review(database)


def all_of(database: Database) -> Rows:
    """Every row of every table, in the order of its keys."""
    found: Rows = {}
    with database.reading() as connection:
        for name, table in METADATA.tables.items():
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            found[name] = sorted(rows, key=lambda row: [str(row[column.name]) for column in table.primary_key])
    return found


def _evaluation(database: Database) -> None:
    evaluations = EvaluationStore(database)
    record = EvaluationRecord(
        id=f"{1:032x}", owner="ann", task="ner", gold=WEIRD, gold_sha256="a" * 64, documents=2,
        settings={WEIRD: [1e-9]}, model=None, code_version="1.0", created=NOON, updated=NOON,
    )  # fmt: skip
    evaluations.begin(record)
    for at in range(2):
        evaluations.add_outcome("ann", record.id, OutcomeRecord(position=at, content={"raw": WEIRD}))


def _review(database: Database) -> Desk:
    reviews = ReviewStore(database, clock=lambda: 1_000.25)
    draft = a_draft(6, double=2)
    reading = Reading(document=5, task="ner", kind="mention")
    ann = Desk(reviews, reviews.create(draft.model_copy(update={"readings": (reading,)}), "Ann"))
    bob = a_colleague(reviews, ann)
    ann.next()
    ann.say(
        0,
        "edit",
        payload={"text": WEIRD, "type": "组织", "start": 0, "end": 4},
        comment="NUL \0 <b>",
        seconds=0.1 + 0.2,
    )
    bob.say(0, "reject", round="second", reason="type")
    reviews.release("bob", ann.project)
    ann.say(0, round="adjudicated", queue_name="disputes")
    ann.say(1, "skip")
    ann.say(2)
    ann.undo()
    ann.say(3, "merge", payload={"into": 4})
    reviews.note_missed("bob", ann.project, 1, {"task": "ner", "text": WEIRD})
    reviews.next_reading("bob", ann.project)
    return ann
