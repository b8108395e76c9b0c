"""A fresh database for every test, of each kind that the app can use, and processes that open it."""

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from techgpt_ui.store import ConversationStore, Database, ReviewStore, RunStore, open_database, sqlite_url
from tests import postgresql
from tests.store.processes import Start, StoreProcess

KINDS = ("sqlite", "postgresql")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path / "data" / "history.db")


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    if not postgresql.found("initdb"):
        pytest.skip(postgresql.MISSING)
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("needs psycopg: pip install -r requirements-postgresql.txt")
    cluster = postgresql.Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(params=KINDS)
def any_url(request: pytest.FixtureRequest, url: str) -> str:
    return url if request.param == "sqlite" else request.getfixturevalue("cluster").emptied()


@pytest.fixture
def database(any_url: str) -> Iterator[Database]:
    database = open_database(any_url)
    yield database
    database.close()


@pytest.fixture
def runs(database: Database) -> RunStore:
    return RunStore(database)


@pytest.fixture
def conversations(database: Database) -> ConversationStore:
    return ConversationStore(database)


@pytest.fixture
def reviews(database: Database) -> ReviewStore:
    return ReviewStore(database)


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
