"""Databases that cannot be opened or written: each says why and what to do, and is left as it is."""

import json
import sqlite3
import sys
from pathlib import Path

import pytest

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store import RunStore, open_database, sqlite_url
from tests.store.processes import Start


def failure(url: str) -> WorkbenchError:
    with pytest.raises(WorkbenchError) as caught:
        open_database(url)
    return caught.value


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    open_database(sqlite_url(file)).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    error = failure(sqlite_url(file))
    assert error.code == "database_newer"
    assert "made by a newer version of this app (9999)" in error.words("en")
    assert "Update the app" in error.words("en")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE runs (distance)")
    connection.close()
    assert failure(sqlite_url(file)).code == "database_foreign"
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("runs",)]
    connection.close()


@pytest.mark.parametrize("content", [b"no database, only a text " * 100, b"x", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    error = failure(sqlite_url(file))
    assert error.code == "database_damaged"
    assert str(file) in error.message.en
    assert file.read_bytes() == content


def test_a_database_that_breaks_while_it_is_open(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    database = open_database(sqlite_url(file))
    runs = RunStore(database)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE runs")
    with pytest.raises(WorkbenchError) as caught:
        runs.search("ann")
    assert caught.value.code == "database_failed"
    assert "no such table: runs" in caught.value.message.en
    database.close()


@pytest.mark.parametrize("place", ["file/history.db", "file/below/history.db", "folder"])
def test_a_place_that_cannot_hold_the_file(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    assert failure(sqlite_url(tmp_path / place)).code == "database_not_writable"


def test_a_folder_that_may_not_be_written(public: Path, start: Start) -> None:
    public.chmod(0o555)
    process = start(sqlite_url(public / "history.db"), "--as-nobody")
    process.go_on()
    status, [line], errors = process.end()
    assert line.startswith(f"error database_not_writable The database {public}/history.db cannot be written")
    assert (status, errors) == (1, "")


def test_a_file_that_may_only_be_read(public: Path, start: Start) -> None:
    file = public / "history.db"
    open_database(sqlite_url(file)).close()
    file.chmod(0o444)
    public.chmod(0o777)
    (public / "history.db.lock").unlink(missing_ok=True)
    process = start(sqlite_url(file), "--as-nobody")
    process.go_on()
    status, [line], errors = process.end()
    assert line.startswith("error database_not_writable")
    assert (status, errors) == (1, "")


@pytest.mark.parametrize("room", [1, 4096, 20_000])
def test_a_disk_without_room_for_the_database(url: str, start: Start, room: int) -> None:
    process = start(url, "--largest-file", str(room))
    process.go_on()
    status, [line], errors = process.end()
    assert line.startswith("error database_disk The disk is full or failing")
    assert (status, errors) == (1, "")


def test_a_disk_that_fills_up_later(url: str, start: Start) -> None:
    process = start(url, "--then", "write-on", "--largest-file", "400000")
    process.go_on()
    status, [*reported, last], errors = process.end()
    assert reported and (status, errors) == (1, "")
    assert last.startswith("error database_disk The disk is full or failing")
    database = open_database(url)
    assert {record.id for record in RunStore(database).search("ann", limit=1000)} == set(reported)
    database.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "history.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:history.db?uri=true",
        "sqlite:///history.db?colour=red",
        "sqlite+aiosqlite:///history.db",
        "sqlite:///a%00b",
        "nonsense://user:secret@host/db",
        "postgresql://user:secret@host:port/db",
    ],
)
def test_a_url_that_cannot_be_used(url: str) -> None:
    error = failure(url)
    assert (error.code, error.exit_code) == ("database_url_bad", 2)
    assert "TECHGPT_DATABASE_URL" in error.words("en")
    assert "secret" not in json.dumps([error.words("en"), error.words("zh")])


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError) as caught:
        open_database("postgresql+psycopg://user:secret@localhost/techgpt")
    assert caught.value.code == "database_driver_missing"
    assert "psycopg" in caught.value.message.en and "secret" not in caught.value.words("en")


def test_a_password_in_a_url_is_not_repeated() -> None:
    pytest.importorskip("psycopg")
    error = failure("postgresql+psycopg://user:secret@localhost:1/techgpt?password=secret")
    assert error.code == "database_failed"
    assert "secret" not in error.words("en") + error.words("zh")


def test_a_failed_opening_can_be_repeated(tmp_path: Path) -> None:
    file = tmp_path / "history.db"
    file.write_text("no database " * 1000)
    assert failure(sqlite_url(file)).code == "database_damaged"
    file.unlink()
    open_database(sqlite_url(file)).close()
