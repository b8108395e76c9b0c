"""A fresh SQLite file for every test, and processes that open it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from techgpt_ui.store import ConversationStore, Database, RunStore, open_database, sqlite_url
from tests.store.processes import Start, StoreProcess


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "data" / "history.db")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@pytest.fixture
def runs(database: Database) -> RunStore:
    return RunStore(database)


@pytest.fixture
def conversations(database: Database) -> ConversationStore:
    return ConversationStore(database)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start processes; those that are still there at the end are killed."""
    started: list[StoreProcess] = []

    def start(url: str, *options: str) -> StoreProcess:
        started.append(StoreProcess(url, *options))
        return started[-1]

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
