"""Open the database, bring its tables up to date, and hand out transactions whose errors can be told."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.settings import Settings
from techgpt_ui.store import sqlite
from techgpt_ui.store.migrate import migrate

_NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_PORTION = 500


class Database:
    """An open database. All work with it is done in transactions, each on a connection of its own."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self.place = place
        """Its file, or its URL without the password, for people."""
        # SQLite's own waiting is a lottery: of many writers in one process, some would not have their turn for long.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of the database."""
        return self._transaction(writes=False)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that is committed at its end, or undone where an exception leaves it."""
        return self._transaction(writes=True)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        with self._one_writer(writes), _explained(self.place), self._engine.connect() as connection:
            connection.execution_options(**{sqlite.WRITES: writes})
            if not writes and connection.dialect.name == "postgresql":  # which else shows each statement a newer state
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def _one_writer(self, writes: bool) -> Iterator[None]:
        if self._turn is None or not writes:
            yield
            return
        if not self._turn.acquire(timeout=sqlite.BUSY_SECONDS):
            raise WorkbenchError("database_busy", path=self.place)
        try:
            yield
        finally:
            self._turn.release()


def sqlite_url(path: Path) -> str:
    """The URL of the SQLite database in a file, whatever characters its path has."""
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def open_workbench(settings: Settings) -> Database:
    """The database that the settings name; SQLite in their data folder unless they name one."""
    return open_database(_url(settings))


def database_file(settings: Settings) -> Path | None:
    """The file of the database that the settings name, there or not; None for a server."""
    return _file(_parsed(_url(settings)))


def open_database(url: str, *, revision: str = "head") -> Database:
    """Open a database, making it first or bringing its tables up to date; safe in several processes at once.

    ``revision`` stops before the newest tables, to read what an older version kept.
    """
    parsed = _parsed(url)
    file = _file(parsed)
    place = str(file) if file else parsed.set(query={}).render_as_string(hide_password=True)
    with _explained(place), sqlite.sole_opener(file) if file else nullcontext():
        engine = sqlite.sqlite_engine(parsed.set(database=str(file))) if file else _server_engine(parsed)
        database = Database(engine, place)
        try:
            with database.writing() as connection:
                migrate(connection, place, revision)
        except BaseException:
            database.close()
            raise
    return database


def in_portions(ids: Iterable[str]) -> Iterator[list[str]]:
    """The different ids, in portions that a statement has room for."""
    different = list(dict.fromkeys(ids))
    return (different[start : start + _PORTION] for start in range(0, len(different), _PORTION))


def _url(settings: Settings) -> str:
    return settings.database_url or sqlite_url(settings.data / "workbench.db")


def _parsed(url: str) -> URL:
    """The parts of a URL; it is not repeated in the error because it may hold a password."""
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, ValueError) as error:
        raise UsageError("database_url_bad") from error
    return parsed


def _file(url: URL) -> Path | None:
    """The file of an SQLite database, in full because the working folder may change; None for a server."""
    if url.get_backend_name() != "sqlite":
        return None
    name = url.database or ""
    plain = url.drivername in {"sqlite", "sqlite+pysqlite"} and not url.query
    if not plain or not name or name == ":memory:" or name.startswith("file:") or "\0" in name:
        raise UsageError("database_url_bad")
    return Path(name).expanduser().absolute()


def _server_engine(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise UsageError("database_driver_missing", name=error.name) from error


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Turn what the driver and the file system say into errors that can be told."""
    try:
        yield
    except DBAPIError as error:
        raise _told(error, place) from error
    except (PoolTimeout, TimeoutError) as error:  # of the pool, of the lock
        raise WorkbenchError("database_busy", path=place) from error
    except OSError as error:
        code = "database_disk" if error.errno in _NO_ROOM else "database_not_writable"
        raise WorkbenchError(code, path=place, why=error.strerror or error) from error


def _told(error: DBAPIError, place: str) -> WorkbenchError:
    name = getattr(error.orig, "sqlite_errorname", "")
    codes = (code for start, code in sqlite.ERROR_CODES.items() if name.startswith(start))
    why = next(iter(str(error.orig).splitlines()), "").rstrip(".")
    return WorkbenchError(next(codes, "database_failed"), path=place, why=why)
