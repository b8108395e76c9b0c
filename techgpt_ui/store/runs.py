"""The history of runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store.database import Database, in_portions
from techgpt_ui.store.encoding import search_form, texts_within
from techgpt_ui.store.records import Cursor, RunRecord
from techgpt_ui.store.run_documents import read_run, write_run
from techgpt_ui.store.tables import RUNS

PORTION = 100
"""Runs that are in memory at once while all are read."""

_COLUMNS = [RUNS.c[name] for name in RunRecord.model_fields]


class RunStore:
    """Runs by owner. Another owner's run is as missing as one that never was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: RunRecord) -> None:
        """Keep a run."""
        with self._database.writing() as connection:
            connection.execute(insert(RUNS).values(**_row(record)))

    def get(self, owner: str, run_id: str) -> RunRecord:
        """One run; WorkbenchError ``run_missing`` where the owner has none of that id."""
        with self._database.reading() as connection:
            return _found(connection, owner, run_id)

    def of_any_owner(self, run_id: str) -> RunRecord:
        """One run, whoever's it is: for the host alone; WorkbenchError ``run_missing`` where there is none."""
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(RUNS.c.id == run_id)).one_or_none()
        if row is None:
            raise WorkbenchError("run_missing")
        return _record(row)

    def every(self, owner: str | None = None) -> Iterator[RunRecord]:
        """All runs of an owner, or of everybody (for the host alone), the oldest first."""
        statement = select(*_COLUMNS).order_by(RUNS.c.created, RUNS.c.id)
        if owner is not None:
            statement = statement.where(RUNS.c.owner == owner)
        with self._database.reading() as connection:
            yield from map(_record, connection.execute(statement.execution_options(yield_per=PORTION)))

    def search(
        self, owner: str, *, query: str = "", task: str | None = None, limit: int = 50, before: Cursor | None = None
    ) -> tuple[RunRecord, ...]:
        """The newest runs that have ``query`` in inputs, raw answer, note or model name.

        The next page is the one ``before`` the cursor of the last run; new runs do not shift it.
        """
        statement = select(*_COLUMNS).where(RUNS.c.owner == owner)
        if task is not None:
            statement = statement.where(RUNS.c.task == task)
        if wanted := search_form([query.strip()]):
            statement = statement.where(RUNS.c.search_text.contains(wanted, autoescape=True))
        if before is not None:
            same_moment = and_(RUNS.c.created == before.created, RUNS.c.id < before.id)
            statement = statement.where(or_(RUNS.c.created < before.created, same_moment))
        statement = statement.order_by(RUNS.c.created.desc(), RUNS.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(_record(row) for row in connection.execute(statement))

    def count(self, owner: str) -> int:
        """How many runs an owner has."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).where(RUNS.c.owner == owner)) or 0

    def annotate(self, owner: str, run_id: str, note: str) -> RunRecord:
        """Replace the note of a run."""
        with self._database.writing() as connection:
            record = _found(connection, owner, run_id, for_update=True).model_copy(update={"note": note})
            changes = {"note": note, "search_text": _search_text(record)}
            connection.execute(update(RUNS).where(RUNS.c.owner == owner, RUNS.c.id == run_id).values(**changes))
        return record

    def delete(self, owner: str, run_ids: Iterable[str]) -> int:
        """Delete runs and say how many there were; ids of other owners are passed over."""
        with self._database.writing() as connection:
            return sum(
                connection.execute(delete(RUNS).where(RUNS.c.owner == owner, RUNS.c.id.in_(portion))).rowcount
                for portion in in_portions(run_ids)
            )

    def clear(self, owner: str) -> int:
        """Delete all runs of an owner and say how many there were."""
        with self._database.writing() as connection:
            return connection.execute(delete(RUNS).where(RUNS.c.owner == owner)).rowcount

    def export(self, owner: str, run_id: str) -> bytes:
        """A run as a JSON document that ``import_record`` takes."""
        return write_run(self.get(owner, run_id))

    def import_record(self, owner: str, data: bytes) -> RunRecord:
        """Keep the run of a document under a new id; UsageError says what is wrong with the document."""
        record = read_run(data, owner)
        self.add(record)
        return record


def _found(connection: Connection, owner: str, run_id: str, *, for_update: bool = False) -> RunRecord:
    statement = select(*_COLUMNS).where(RUNS.c.owner == owner, RUNS.c.id == run_id)
    row = connection.execute(statement.with_for_update() if for_update else statement).one_or_none()
    if row is None:
        raise WorkbenchError("run_missing")
    return _record(row)


def _record(row: Row[Any]) -> RunRecord:
    return RunRecord.model_validate(dict(row._mapping))


def _row(record: RunRecord) -> dict[str, object]:
    return {**record.model_dump(), "search_text": _search_text(record)}


def _search_text(record: RunRecord) -> str:
    model = record.result.get("model")
    name = model.get("name") if isinstance(model, dict) else None
    return search_form([*texts_within([record.inputs, record.result.get("raw"), name]), record.note])
