"""Evaluations with the outcome of each document, kept one by one so that an evaluation can go on where it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store.database import Database, in_portions
from techgpt_ui.store.encoding import plain_json
from techgpt_ui.store.evaluation_records import HOST, EvaluationRecord, EvaluationState, OutcomeRecord
from techgpt_ui.store.records import now
from techgpt_ui.store.tables import EVALUATION_OUTCOMES, EVALUATIONS


class EvaluationStore:
    """Evaluations by owner: one reads one's own and the host's, and changes one's own only.

    An evaluation that one may not read is as missing as one that never was.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, record: EvaluationRecord, *, fresh: bool = False) -> EvaluationRecord:
        """Begin an evaluation, or go on with the one of this id; ``fresh`` drops that one first.

        A finished one comes back as it is.
        """
        with self._database.writing() as connection:
            if fresh:
                connection.execute(delete(EVALUATIONS).where(*_mine(record.owner, record.id)))
            try:
                with connection.begin_nested():
                    connection.execute(insert(EVALUATIONS).values(**record.model_dump()))
            except IntegrityError:
                again = update(EVALUATIONS).where(*_mine(record.owner, record.id), EVALUATIONS.c.state != "finished")
                connection.execute(again.values(state="running", updated=now()))
            return _found(connection, record.owner, record.id)

    def add_outcome(self, owner: str, evaluation_id: str, outcome: OutcomeRecord) -> None:
        """Keep the outcome of one document, in place of an earlier one of the same position."""
        same = (
            EVALUATION_OUTCOMES.c.evaluation == evaluation_id,
            EVALUATION_OUTCOMES.c.position == outcome.position,
        )
        with self._database.writing() as connection:
            _change(connection, owner, evaluation_id)
            connection.execute(delete(EVALUATION_OUTCOMES).where(*same))
            connection.execute(insert(EVALUATION_OUTCOMES).values(evaluation=evaluation_id, **outcome.model_dump()))

    def finish(
        self,
        owner: str,
        evaluation_id: str,
        *,
        scores: Mapping[str, Any],
        conduct: Mapping[str, Any],
        baselines: Mapping[str, Any],
    ) -> EvaluationRecord:
        """Keep the figures of an evaluation whose documents are all done."""
        figures = {"scores": scores, "conduct": conduct, "baselines": baselines}
        values = {name: plain_json(dict(value)) for name, value in figures.items()}
        with self._database.writing() as connection:
            _change(connection, owner, evaluation_id, state="finished", **values)
            return _found(connection, owner, evaluation_id)

    def stop(self, owner: str, evaluation_id: str) -> None:
        """Say that an evaluation ended early; what was done stays."""
        with self._database.writing() as connection:
            _change(connection, owner, evaluation_id, state="stopped")

    def get(self, owner: str, evaluation_id: str) -> EvaluationRecord:
        """One evaluation; WorkbenchError ``evaluation_missing`` where the owner can read none of that id."""
        with self._database.reading() as connection:
            return _found(connection, owner, evaluation_id)

    def find(self, owner: str, beginning: str) -> EvaluationRecord:
        """The one evaluation whose id begins so; UsageError where there are several or none."""
        statement = select(EVALUATIONS).where(_readable(owner), EVALUATIONS.c.id.startswith(beginning, autoescape=True))
        with self._database.reading() as connection:
            rows = connection.execute(statement.limit(2)).all()
        if len(rows) == 1:
            return _record(rows[0])
        raise UsageError("evaluation_ambiguous" if rows else "evaluation_unknown", name=beginning[:60])

    def outcomes(self, owner: str, evaluation_id: str) -> tuple[OutcomeRecord, ...]:
        """The outcomes of the documents that are done, in their order."""
        statement = (
            select(EVALUATION_OUTCOMES)
            .where(EVALUATION_OUTCOMES.c.evaluation == evaluation_id)
            .order_by(EVALUATION_OUTCOMES.c.position)
        )
        with self._database.reading() as connection:
            _found(connection, owner, evaluation_id)
            return tuple(
                OutcomeRecord(position=row.position, content=row.content) for row in connection.execute(statement)
            )

    def done(self, owner: str, evaluation_ids: Iterable[str]) -> dict[str, int]:
        """How many documents of each of these evaluations are done."""
        counts: dict[str, int] = {}
        with self._database.reading() as connection:
            for portion in in_portions(evaluation_ids):
                statement = (
                    select(EVALUATIONS.c.id, func.count(EVALUATION_OUTCOMES.c.position))
                    .join_from(EVALUATIONS, EVALUATION_OUTCOMES, isouter=True)
                    .where(_readable(owner), EVALUATIONS.c.id.in_(portion))
                    .group_by(EVALUATIONS.c.id)
                )
                counts |= {row[0]: row[1] for row in connection.execute(statement)}
        return counts

    def leaderboard(
        self,
        owner: str,
        *,
        task: str | None = None,
        gold_sha256: str | None = None,
        state: EvaluationState | None = None,
        limit: int = 500,
    ) -> tuple[EvaluationRecord, ...]:
        """The evaluations that the owner may read, newest first."""
        wanted = {"task": task, "gold_sha256": gold_sha256, "state": state}
        statement = select(EVALUATIONS).where(
            _readable(owner), *(EVALUATIONS.c[name] == value for name, value in wanted.items() if value is not None)
        )
        statement = statement.order_by(EVALUATIONS.c.created.desc(), EVALUATIONS.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(_record(row) for row in connection.execute(statement))

    def delete(self, owner: str, evaluation_ids: Iterable[str]) -> int:
        """Delete evaluations and say how many there were; ids of other owners are passed over."""
        with self._database.writing() as connection:
            return sum(
                connection.execute(
                    delete(EVALUATIONS).where(EVALUATIONS.c.owner == owner, EVALUATIONS.c.id.in_(portion))
                ).rowcount
                for portion in in_portions(evaluation_ids)
            )


def _mine(owner: str, evaluation_id: str) -> tuple[Any, ...]:
    return (EVALUATIONS.c.owner == owner, EVALUATIONS.c.id == evaluation_id)


def _readable(owner: str) -> Any:
    return or_(EVALUATIONS.c.owner == owner, EVALUATIONS.c.owner == HOST)


def _change(connection: Connection, owner: str, evaluation_id: str, **changes: object) -> None:
    """Change an evaluation's row first: the lock on it keeps two writers of its outcomes apart."""
    statement = update(EVALUATIONS).where(*_mine(owner, evaluation_id)).values(updated=now(), **changes)
    if not connection.execute(statement).rowcount:
        raise WorkbenchError("evaluation_missing")


def _found(connection: Connection, owner: str, evaluation_id: str) -> EvaluationRecord:
    statement = select(EVALUATIONS).where(_readable(owner), EVALUATIONS.c.id == evaluation_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise WorkbenchError("evaluation_missing")
    return _record(row)


def _record(row: Row[Any]) -> EvaluationRecord:
    return EvaluationRecord.model_validate(dict(row._mapping))
