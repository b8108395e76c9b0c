"""What only SQLite needs: its folder, its lock, its pragmas, the meaning of its errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.space import on_space

BUSY_SECONDS = 30
_BEGINNING = b"SQLite format 3\0"
WRITES = "techgpt_writes"
"""The execution option of a connection that is about to write."""

ERROR_CODES = {
    "SQLITE_NOTADB": "database_damaged",
    "SQLITE_CORRUPT": "database_damaged",
    "SQLITE_FORMAT": "database_damaged",
    "SQLITE_READONLY": "database_not_writable",
    "SQLITE_CANTOPEN": "database_not_writable",
    "SQLITE_PERM": "database_not_writable",
    "SQLITE_FULL": "database_disk",
    "SQLITE_IOERR": "database_disk",
    "SQLITE_BUSY": "database_busy",
    "SQLITE_LOCKED": "database_busy",
}
"""Our error codes by the beginning of SQLite's."""


@contextmanager
def sole_opener(path: Path) -> Iterator[None]:
    """Be the only process that is opening this database, in a folder that exists.

    SQLite's own locks do not cover the change to write-ahead logging: one of two processes may be told "locked".
    """
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f"{path.name}.lock"), timeout=BUSY_SECONDS):
        path.touch(mode=0o600)  # what people wrote is for the account that runs the app
        _refuse_other_files(path)
        yield


def _refuse_other_files(path: Path) -> None:
    """SQLite would take a file of a few bytes for an empty database and write over it."""
    with path.open("rb") as file:
        beginning = file.read(len(_BEGINNING))
    if beginning not in {b"", _BEGINNING}:
        raise WorkbenchError("database_damaged", path=path, why="file is not a database")


def sqlite_engine(url: URL) -> Engine:
    """An engine whose connections wait for one another, keep foreign keys and leave transactions to SQLAlchemy."""
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # else the driver commits before every change of a table
    # Write-ahead logging shares memory between connections, which the mounted storage of a Space does not promise.
    connection.execute(f"PRAGMA journal_mode={'DELETE' if on_space() else 'WAL'}")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer: SQLite refuses it at once.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
