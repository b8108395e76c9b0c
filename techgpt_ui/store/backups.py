"""Back up and restore all that the store has, from and to either kind of database.

Rows are copied as the database has them, by tables as they are found there; nothing of their meaning is known here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    Table,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)

from techgpt_ui import __version__
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store.backup_files import Backup, BackupWriter, Manifest, Row, TableEntry, read_backup
from techgpt_ui.store.database import Database, open_database, sqlite_url
from techgpt_ui.store.migrate import known_revisions, revision_of
from techgpt_ui.store.tables import METADATA

Told = Callable[[str, int], None]
"""Is called with a table and how many of its rows are done."""
_PORTION = 1_000


def write_backup(database: Database, file: IO[bytes], path: Path, told: Told = lambda table, rows: None) -> Manifest:
    """Write all rows, as they are at one moment, while others may go on writing; ``path`` is what to call the file."""
    with database.reading() as connection:
        revision = revision_of(connection)
        writer = BackupWriter(file, path)
        for table in _tables(connection):
            writer.add(table.name, table.columns.keys(), _rows(connection, table, told))
        return writer.finish(revision, __version__)


def restore_backup(
    database: Database, backup: Backup, *, replace: bool = False, told: Told = lambda table, rows: None
) -> None:
    """Write all rows of a backup, in one transaction: whatever stops it leaves the database as it was.

    Raises UsageError where the database has rows and ``replace`` does not say that they go, WorkbenchError for a
    backup of a newer app or one that does not fit its own revision. An older one goes through the migrations first.
    """
    revision = backup.manifest.revision
    if revision not in known_revisions():
        raise WorkbenchError("backup_newer", path=backup.path, revision=revision)
    if revision == known_revisions()[0]:
        _restore(database, backup, replace=replace, told=told)
        return
    with tempfile.TemporaryDirectory() as folder, _brought_up_to_date(backup, Path(folder)) as newer:
        _restore(database, newer, replace=replace, told=told)


def _restore(database: Database, backup: Backup, *, replace: bool, told: Told) -> None:
    with database.writing() as connection:
        tables = _tables(connection)
        if connection.dialect.name == "postgresql":  # SQLite has one writer as it is
            names = ", ".join(table.name for table in tables)
            connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        if not replace and any(connection.execute(select(table).limit(1)).first() for table in tables):
            raise UsageError("restore_not_empty", path=database.place)
        for table in reversed(tables):
            connection.execute(delete(table))
        _fill(connection, backup, tables, told)
        _go_on_counting(connection)


def _brought_up_to_date(backup: Backup, folder: Path) -> Backup:
    """The same backup as this version would write it, by way of a database of its own."""
    url = sqlite_url(folder / "older.db")
    older = open_database(url, revision=backup.manifest.revision)
    try:
        with older.writing() as connection:
            _fill(connection, backup, _tables(connection), lambda table, rows: None)
    finally:
        older.close()
    newer = open_database(url)
    try:
        path = folder / "newer.zip"
        with path.open("wb") as file:
            write_backup(newer, file, path)
    finally:
        newer.close()
    return read_backup(path)


def _tables(connection: Connection) -> list[Table]:
    """The store's tables as this database has them, those that others refer to first."""
    found = MetaData()
    ours = METADATA.tables.keys() & set(inspect(connection).get_table_names())
    found.reflect(connection, only=sorted(ours), resolve_fks=False)
    return found.sorted_tables


def _rows(connection: Connection, table: Table, told: Told) -> Iterator[Row]:
    statement = select(table).order_by(*table.primary_key).execution_options(yield_per=_PORTION)
    done = 0
    for portion in connection.execute(statement).partitions():
        yield from ([_plain(value) for value in row] for row in portion)
        done += len(portion)
        told(table.name, done)


def _plain(value: Any) -> Any:
    """A value as JSON has it; SQLite keeps moments without their zone, which is UTC."""
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value


def _fill(connection: Connection, backup: Backup, tables: Iterable[Table], told: Told) -> None:
    entries = {entry.name: entry for entry in backup.manifest.tables}
    tables = list(tables)
    if entries.keys() != {table.name for table in tables}:
        raise backup.damaged(f"tables: {', '.join(sorted(entries))}")
    for table in tables:
        entry = entries[table.name]
        if sorted(entry.columns) != sorted(table.columns.keys()):
            raise backup.damaged(f"{table.name}: {', '.join(entry.columns)}")
        rows = _typed(backup, table, entry)
        done = 0
        while portion := list(islice(rows, _PORTION)):
            with backup.explained(table.name):
                connection.execute(insert(table), portion)
            done += len(portion)
            told(table.name, done)


def _typed(backup: Backup, table: Table, entry: TableEntry) -> Iterator[dict[str, Any]]:
    columns = [table.columns[name] for name in entry.columns]
    for row in backup.rows(entry):
        with backup.explained(table.name):
            yield {column.name: _value(column, value) for column, value in zip(columns, row, strict=True)}


def _value(column: Column[Any], value: Any) -> Any:
    """A value as its column wants it; ValueError where it is of another type."""
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(str(value))
    wanted = next((types for kind, types in _TYPES if isinstance(column.type, kind)), (str,))
    if type(value) not in wanted:
        raise ValueError(f"{column.name}: {type(value).__name__}")
    return value


_TYPES: tuple[tuple[type[Any], tuple[type[Any], ...]], ...] = (
    (Boolean, (bool,)),
    (Integer, (int,)),
    (Float, (int, float)),
)


def _go_on_counting(connection: Connection) -> None:
    """Let PostgreSQL number new rows after the highest; SQLite looks for itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            highest = func.max(column)
            connection.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))
