"""The commands ``backup`` and ``restore``: one file, to this database or another."""

import stat
from pathlib import Path

import pytest
from click.testing import Result as Outcome
from typer.testing import CliRunner

from techgpt_ui.cli import app
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store import RunStore, open_database, sqlite_url
from tests.store.examples import a_run


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose database has a run."""
    monkeypatch.setenv("TECHGPT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TECHGPT_LANG", "en")
    database = open_database(sqlite_url(tmp_path / "data" / "workbench.db"))
    RunStore(database).add(a_run())
    database.close()
    return tmp_path


def call(*arguments: str | Path) -> Outcome:
    return CliRunner().invoke(app, [*map(str, arguments)])


def refusal(*arguments: str | Path) -> str:
    error = call(*arguments).exception
    assert isinstance(error, WorkbenchError)
    return error.code


def runs_of(file: Path) -> int:
    database = open_database(sqlite_url(file))
    try:
        return RunStore(database).count("ann")
    finally:
        database.close()


def test_a_backup_is_restored_into_another_database(data: Path) -> None:
    other = data / "other.db"
    done = [
        call("backup", data / "b.zip"),
        call("restore", data / "b.zip", "--database-url", sqlite_url(other)),
    ]
    assert [(one.exit_code, one.stdout) for one in done] == [(0, "")] * 2
    assert done[0].stderr.startswith("1 rows were backed up to ")
    assert done[1].stderr.startswith("1 rows were restored from ")
    assert runs_of(other) == 1


def test_a_backup_is_for_this_account_only(data: Path) -> None:
    call("backup", data / "b.zip")
    assert stat.S_IMODE((data / "b.zip").stat().st_mode) == 0o600


def test_what_is_there_goes_only_when_that_was_said(data: Path) -> None:
    call("backup", data / "b.zip")
    assert refusal("restore", data / "b.zip") == "restore_not_empty"
    assert call("restore", data / "b.zip", "--replace").exit_code == 0


def test_a_damaged_backup_makes_no_database(data: Path) -> None:
    call("backup", data / "b.zip")
    (data / "cut.zip").write_bytes((data / "b.zip").read_bytes()[:-30])
    assert refusal("restore", data / "cut.zip", "--database-url", sqlite_url(data / "new.db")) == "backup_damaged"
    assert not (data / "new.db").exists()


def test_no_database_is_no_empty_backup(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHGPT_DATA", str(data / "elsewhere"))
    assert refusal("backup", data / "b.zip") == "backup_no_database"
    assert not (data / "elsewhere").exists() and not (data / "b.zip").exists()


def test_a_backup_that_fails_leaves_the_last_one(data: Path) -> None:
    call("backup", data / "b.zip")
    before = (data / "b.zip").read_bytes()
    (data / "data" / "workbench.db").write_bytes(b"no database")
    assert refusal("backup", data / "b.zip") == "database_damaged"
    assert (data / "b.zip").read_bytes() == before
    assert sorted(path.name for path in data.iterdir()) == ["b.zip", "data"]
