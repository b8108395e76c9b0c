"""Backup and restore: all of a store, from one database to another, whole or not at all."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, insert

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store import (
    ConversationStore,
    Database,
    Manifest,
    ReviewStore,
    RunStore,
    open_database,
    read_backup,
    restore_backup,
    sqlite_url,
    write_backup,
)
from techgpt_ui.store.backup_files import MANIFEST
from techgpt_ui.store.migrate import known_revisions
from tests.store.examples import NOON, a_run
from tests.store.full_store import all_of, fill
from tests.store.processes import Start
from tests.store.review_examples import Desk
from tests.store.strategies import WEIRD

Open = Callable[[str], Database]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Open databases that are closed at the end."""
    found: list[Database] = []

    def opened(url: str) -> Database:
        found.append(open_database(url))
        return found[-1]

    yield opened
    for database in found:
        database.close()


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A backup of a full store, and its rows."""
    folder = tmp_path_factory.mktemp("full")
    database = open_database(sqlite_url(folder / "full.db"))
    fill(database)
    backed_up(database, folder / "full.zip")
    rows = all_of(database)
    database.close()
    return folder / "full.zip", rows


def backed_up(database: Database, path: Path, **options: Any) -> Manifest:
    with path.open("wb") as file:
        return write_backup(database, file, path, **options)


def restored(database: Database, path: Path, **options: Any) -> Database:
    with read_backup(path) as backup:
        restore_backup(database, backup, **options)
    return database


def refused(path: Path, database: Database | None = None, **options: Any) -> str:
    """The code of the error with which a file is refused."""
    with pytest.raises(WorkbenchError) as caught:
        restored(database, path, **options) if database else read_backup(path)
    return caught.value.code


def with_member(path: Path, to: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """The archive with another content of a member, packed anew, so that only our own checks can see it."""
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(to, "w") as after:
        for member in before.namelist():
            content = before.read(member)
            after.writestr(member, change(content) if member == name else content)
    return to


def with_manifest(path: Path, to: Path, **changes: Any) -> Path:
    return with_member(path, to, MANIFEST, lambda content: json.dumps(json.loads(content) | changes).encode())


def test_all_comes_back_in_an_empty_database(database: Database, tmp_path: Path, opened: Open) -> None:
    fill(database)
    manifest = backed_up(database, tmp_path / "backup.zip")
    again = restored(opened(sqlite_url(tmp_path / "other.db")), tmp_path / "backup.zip")
    assert all_of(again) == all_of(database)
    assert {table.name: table.rows for table in manifest.tables} == {
        name: len(rows) for name, rows in all_of(database).items()
    }


def test_every_table_of_the_full_store_has_rows(full: tuple[Path, dict[str, Any]]) -> None:
    assert [name for name, rows in full[1].items() if not rows] == []


def test_all_goes_from_sqlite_to_postgresql_and_back(
    full: tuple[Path, dict[str, Any]], tmp_path: Path, opened: Open, request: pytest.FixtureRequest
) -> None:
    server = restored(opened(request.getfixturevalue("cluster").emptied()), full[0])
    assert all_of(server) == full[1]
    backed_up(server, tmp_path / "back.zip")
    assert all_of(restored(opened(sqlite_url(tmp_path / "back.db")), tmp_path / "back.zip")) == full[1]


def test_work_goes_on_where_it_was(database: Database, full: tuple[Path, dict[str, Any]]) -> None:
    reviews = ReviewStore(restored(database, full[0]))
    (project,) = reviews.list("ann")
    ann = Desk(reviews, reviews.get("ann", project.id)[1])
    before = max(row["id"] for row in full[1]["review_decisions"])
    ann.say(5, "reject")
    assert reviews.content("ann", project.id).log[-1].event.id > before
    ann.undo()
    assert 5 not in ann.verdicts() and 0 in ann.verdicts()


def test_an_empty_store_is_backed_up_and_restored(database: Database, full: tuple[Path, Any], tmp_path: Path) -> None:
    assert backed_up(database, tmp_path / "empty.zip").rows == 0
    restored(database, full[0])
    restored(database, tmp_path / "empty.zip", replace=True)
    assert not any(all_of(database).values())
    reviews = ReviewStore(database)
    fill(database)
    assert reviews.content("ann", reviews.list("ann")[0].id).log[0].event.id == 1


def test_a_store_with_rows_is_not_overwritten(database: Database, full: tuple[Path, Any]) -> None:
    ConversationStore(database).create("bob", "chat")
    before = all_of(database)
    assert refused(full[0], database) == "restore_not_empty"
    assert all_of(database) == before


def test_replace_leaves_what_the_backup_has_and_nothing_else(database: Database, full: tuple[Path, Any]) -> None:
    fill(database)
    RunStore(database).add(a_run("bob"))
    assert all_of(restored(database, full[0], replace=True)) == full[1]


def test_a_backup_has_one_moment_though_others_write(database: Database, tmp_path: Path, opened: Open) -> None:
    fill(database)
    before = all_of(database)
    late = []

    def write_meanwhile(table: str, rows: int) -> None:
        if table == "conversations":
            late.append(a_run("bob"))
            RunStore(database).add(late[-1])

    backed_up(database, tmp_path / "backup.zip", told=write_meanwhile)
    assert late and RunStore(database).get("bob", late[0].id)
    assert all_of(restored(opened(sqlite_url(tmp_path / "other.db")), tmp_path / "backup.zip")) == before


@pytest.mark.thorough
def test_a_restore_killed_halfway_leaves_the_old_rows(
    any_url: str, full: tuple[Path, Any], start: Start, opened: Open
) -> None:
    database = opened(any_url)
    RunStore(database).add(a_run("bob", note=WEIRD))
    before = all_of(database)
    process = start(any_url, "--then", "restore", "--backup", str(full[0]))
    process.go_on()
    while not process.line().startswith("review_items"):
        process.go_on()
    process.kill()
    assert all_of(opened(any_url)) == before


@pytest.mark.parametrize("revision", known_revisions()[1:])
def test_a_backup_of_older_tables_is_brought_up_to_date(database: Database, tmp_path: Path, revision: str) -> None:
    older = open_database(sqlite_url(tmp_path / "older.db"), revision=revision)
    with older.writing() as connection:
        tables = MetaData()
        tables.reflect(connection)
        row = dict.fromkeys(tables.tables["runs"].columns.keys(), "{}") | {"id": "0" * 32, "created": NOON}
        connection.execute(insert(tables.tables["runs"]), row)
    assert backed_up(older, tmp_path / "older.zip").revision == revision
    older.close()
    (run,) = all_of(restored(database, tmp_path / "older.zip"))["runs"]
    assert (run["id"], run["created"]) == ("0" * 32, NOON)


def test_a_backup_of_a_newer_app_is_refused(database: Database, full: tuple[Path, Any], tmp_path: Path) -> None:
    newer = with_manifest(full[0], tmp_path / "newer.zip", revision="9999")
    assert refused(newer, database, replace=True) == "backup_newer"
    assert refused(with_manifest(full[0], tmp_path / "later.zip", version=2)) == "backup_newer"


@pytest.mark.thorough
def test_no_cut_off_file_is_taken(full: tuple[Path, Any], tmp_path: Path) -> None:
    content = full[0].read_bytes()
    cut = tmp_path / "cut.zip"
    codes = set()
    for length in range(2, len(content), 97):
        cut.write_bytes(content[:length])
        codes.add(refused(cut))
    assert codes == {"backup_damaged"}


@pytest.mark.thorough
def test_no_changed_byte_passes_unseen(full: tuple[Path, Any], tmp_path: Path) -> None:
    """It is told, or it was none of the content: a date in the archive, say."""
    content = full[0].read_bytes()
    changed = tmp_path / "changed.zip"
    told = 0
    for position in range(0, len(content), 41):
        changed.write_bytes(content[:position] + bytes([content[position] ^ 0x55]) + content[position + 1 :])
        try:
            with read_backup(changed) as backup, read_backup(full[0]) as right:
                assert [*map(backup.rows, backup.manifest.tables)] and backup.manifest == right.manifest
        except WorkbenchError:
            told += 1
    assert told > len(content) / 41 / 2


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace("马云".encode(), "牛云".encode(), 1),
        lambda content: content.partition(b"\n")[2],
        lambda content: content + content,
        lambda content: b"{}\n",
        lambda content: b"[" * 100_000,
        lambda content: b"\xff\xfe",
    ],
)
def test_rows_that_are_not_those_of_the_manifest_are_refused(
    full: tuple[Path, Any], tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    assert refused(with_member(full[0], tmp_path / "b.zip", "review_documents.jsonl", change)) == "backup_damaged"


def test_tables_that_do_not_fit_the_revision_are_refused(
    database: Database, full: tuple[Path, Any], tmp_path: Path
) -> None:
    RunStore(database).add(a_run("bob"))
    before = all_of(database)
    for number, change in enumerate((lambda rows: rows[1:], lambda rows: [rows[0] | {"columns": ["x"]}, *rows[1:]])):
        with read_backup(full[0]) as backup:
            tables = [table.model_dump() for table in backup.manifest.tables]
        changed = with_manifest(full[0], tmp_path / f"{number}.zip", tables=change(tables))
        assert refused(changed, database, replace=True) == "backup_damaged"
    assert all_of(database) == before


def test_a_value_of_another_type_is_refused(database: Database, full: tuple[Path, Any], tmp_path: Path) -> None:
    """Even where the manifest was made to fit."""
    import hashlib

    with read_backup(full[0]) as backup:
        tables = {table.name: table.model_dump() for table in backup.manifest.tables}
        turns = [*backup.rows(backup.manifest.tables[[*tables].index("turns")])]
    position = tables["turns"]["columns"].index("position")
    lines = b"".join(
        json.dumps([*row[:position], "0", *row[position + 1 :]]).encode() + b"\n" for row in turns
    )  # fmt: skip
    tables["turns"] |= {"sha256": hashlib.sha256(lines).hexdigest()}
    changed = with_member(full[0], tmp_path / "lines.zip", "turns.jsonl", lambda content: lines)
    changed = with_manifest(changed, tmp_path / "both.zip", tables=[*tables.values()])
    assert refused(changed, database) == "backup_damaged"
    assert not any(all_of(database).values())


def test_other_files_are_told_from_backups(tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    (tmp_path / "text.zip").write_text("no archive")
    (tmp_path / "none.zip").touch()
    named = tmp_path / "named.zip"
    with zipfile.ZipFile(named, "w") as archive:
        archive.writestr(MANIFEST, '{"name": "an extension of a browser"}')
    paths = [other, tmp_path / "text.zip", tmp_path / "none.zip", named]
    assert [refused(path) for path in paths] == ["backup_foreign"] * 4
    assert [refused(tmp_path / "missing.zip"), refused(tmp_path)] == ["file_unreadable"] * 2
