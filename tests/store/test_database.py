"""An open database: what survives, and what may happen at once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from techgpt_ui.store import ConversationStore, Database, RunStore, open_database, sqlite_url
from tests.store.examples import SQLITE_ONLY, a_run
from tests.store.processes import Start


def test_what_was_kept_is_there_after_a_restart(url: str) -> None:
    database = open_database(url)
    record = a_run()
    RunStore(database).add(record)
    conversation = ConversationStore(database).create("ann", "chat", title="杭州")
    database.close()
    again = open_database(url)
    assert RunStore(again).get("ann", record.id) == record
    assert ConversationStore(again).get("ann", conversation.id) == conversation
    again.close()


@pytest.mark.parametrize("name", ["历史 记录.db", "50%20 off?#&.db", "a@b:c.db"])
def test_any_path_is_a_database(tmp_path: Path, name: str) -> None:
    file = tmp_path / "not there yet" / name
    open_database(sqlite_url(file)).close()
    assert file.is_file()


def test_a_relative_path_stays_where_it_was_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    database = open_database("sqlite:///history.db")
    monkeypatch.chdir("/")
    RunStore(database).add(a_run())
    assert (tmp_path / "history.db").is_file()
    database.close()


def test_the_file_is_for_this_account_only(tmp_path: Path) -> None:
    open_database(sqlite_url(tmp_path / "history.db")).close()
    assert stat.S_IMODE((tmp_path / "history.db").stat().st_mode) == 0o600


@SQLITE_ONLY
def test_connections_log_ahead_wait_and_keep_foreign_keys(database: Database) -> None:
    with database.reading() as connection:
        pragmas = ("journal_mode", "foreign_keys", "busy_timeout")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert found == ["wal", 1, 30_000]


def test_a_transaction_that_fails_leaves_nothing(database: Database, runs: RunStore) -> None:
    record = a_run()
    runs.add(record)

    def fail_halfway() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM runs")
            raise KeyError

    with pytest.raises(KeyError):
        fail_halfway()
    assert runs.get("ann", record.id) == record


def test_threads_add_at_once(runs: RunStore) -> None:
    records = [a_run() for _ in range(60)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(runs.add, records))
    assert {record.id for record in runs.search("ann", limit=100)} == {record.id for record in records}


def test_threads_open_databases_at_once(tmp_path: Path) -> None:
    urls = [sqlite_url(tmp_path / f"{number % 3}.db") for number in range(9)]
    with ThreadPoolExecutor(9) as pool:
        for database in pool.map(open_database, urls):
            assert RunStore(database).count("ann") == 0
            database.close()


def test_two_processes_open_a_fresh_database_at_once(url: str, start: Start) -> None:
    processes = [start(url), start(url)]
    for process in processes:
        process.go_on()
    ends = [process.end() for process in processes]
    assert [(status, errors) for status, _, errors in ends] == [(0, "")] * 2
    database = open_database(url)
    assert {record.id for record in RunStore(database).search("ann")} == {id_ for _, [id_], _ in ends}
    database.close()


def test_a_writer_killed_halfway_leaves_what_was_committed(url: str, start: Start) -> None:
    writer = start(url, "--then", "stop-halfway")
    writer.go_on()
    added = writer.line()
    assert writer.line() == "halfway"
    writer.kill()
    database = open_database(url)
    assert [(record.id, record.note) for record in RunStore(database).search("ann")] == [(added, "")]
    database.close()


def test_a_writer_killed_at_any_moment_loses_nothing_that_it_reported(url: str, start: Start) -> None:
    writer = start(url, "--then", "write-on")
    writer.go_on()
    reported = {writer.line() for _ in range(20)} | set(writer.kill())
    database = open_database(url)
    kept = {record.id for record in RunStore(database).search("ann", limit=10_000)}
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    database.close()
    assert reported <= kept and len(kept - reported) <= 1
