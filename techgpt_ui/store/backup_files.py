"""The file of a backup: a zip archive with a manifest and one JSONL file a table.

A line is a JSON array of the row's values in the order of the manifest's columns, as the database has them: text in its
stored form (``encoding.escape``), moments as ISO 8601 in UTC. So no kind of database shows in it.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Annotated, Any, Literal

from pydantic import Field, ValidationError

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.schema import Record
from techgpt_ui.store.encoding import json_bytes
from techgpt_ui.store.records import Moment, now

FORMAT: Literal["techgpt-backup"] = "techgpt-backup"
VERSION = 1
MANIFEST = "manifest.json"
MANIFEST_LIMIT = 1_000_000
"""Bytes that a manifest may have; ours has a few thousand."""

Row = list[Any]


class TableEntry(Record):
    """What the manifest says of a table."""

    name: str
    columns: tuple[str, ...]
    rows: Annotated[int, Field(ge=0)]
    sha256: str


class Manifest(Record):
    """What a backup says of itself."""

    format: Literal["techgpt-backup"] = FORMAT
    version: int = VERSION
    revision: str
    """Of the tables: the last migration that they went through."""
    app: str
    """Version of the app that wrote it."""
    created: Moment = Field(default_factory=now)
    tables: tuple[TableEntry, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


class BackupWriter:
    """Writes tables one after another, and the manifest at the end."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._path = path
        self._tables: list[TableEntry] = []

    def add(self, name: str, columns: Iterable[str], rows: Iterable[Row]) -> TableEntry:
        """Write a table as its rows come."""
        digest, count = hashlib.sha256(), 0
        with self._told(), self._archive.open(_member(name), "w", force_zip64=True) as sink:
            for row in rows:
                line = json_bytes(row) + b"\n"
                digest.update(line)
                sink.write(line)
                count += 1
        entry = TableEntry(name=name, columns=tuple(columns), rows=count, sha256=digest.hexdigest())
        self._tables.append(entry)
        return entry

    def finish(self, revision: str, app: str) -> Manifest:
        """Write the manifest and the archive's directory."""
        manifest = Manifest(revision=revision, app=app, tables=tuple(self._tables))
        with self._told():
            self._archive.writestr(MANIFEST, json_bytes(manifest.model_dump(mode="json"), indent=1) + b"\n")
            self._archive.close()
        return manifest

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what the file system says of the file before it is taken for the database's trouble."""
        try:
            yield
        except OSError as error:
            raise WorkbenchError("file_not_written", path=self._path, why=error.strerror or error) from error


class Backup:
    """A backup that is being read; it was looked through to its end, and is as it was written."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self._archive = archive
        self.path = path
        self.manifest = manifest

    def __enter__(self) -> Backup:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._archive.close()

    def rows(self, table: TableEntry) -> Iterator[Row]:
        """The rows of a table; WorkbenchError at the first sign that they are not those that were written."""
        digest, count = hashlib.sha256(), 0
        with self.explained(table.name), self._archive.open(_member(table.name)) as source:
            for line in source:
                digest.update(line)
                count += 1
                row = json.loads(line)
                if not isinstance(row, list) or len(row) != len(table.columns):
                    raise ValueError(f"line {count}")
                yield row
            if (count, digest.hexdigest()) != (table.rows, table.sha256):
                raise ValueError("sha256")

    @contextmanager
    def explained(self, where: str) -> Iterator[None]:
        """Turn what is wrong with the content into an error that can be told."""
        try:
            yield
        except _BROKEN as error:
            raise self.damaged(f"{where}: {error}") from error

    def damaged(self, why: object) -> WorkbenchError:
        """The error that says so."""
        return WorkbenchError("backup_damaged", path=self.path, why=why)


_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, OverflowError, RecursionError, RuntimeError,
    NotImplementedError, struct.error, OSError,
)  # fmt: skip
"""What zipfile and json raise for content that was changed, cut, encrypted or packed in another way, OSError where an
offset points before the file's beginning."""


def read_backup(path: Path) -> Backup:
    """Open a backup and look through all of it.

    Raises UsageError where the file is no backup or cannot be read, WorkbenchError where it is damaged or newer.
    """
    archive = _opened(path)
    try:
        backup = Backup(path, archive, _manifest(path, archive))
        for table in backup.manifest.tables:
            for _ in backup.rows(table):
                pass
    except BaseException:
        archive.close()
        raise
    return backup


def _member(table: str) -> str:
    return f"{table}.jsonl"


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        with path.open("rb") as file:
            beginning = file.read(2)
        return zipfile.ZipFile(path)
    except OSError as error:
        raise UsageError("file_unreadable", path=path, why=error.strerror or error) from error
    except _BROKEN as error:
        if beginning == b"PK":  # an archive without its end
            raise WorkbenchError("backup_damaged", path=path, why=error) from error
        raise UsageError("backup_foreign", path=path) from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        if archive.getinfo(MANIFEST).file_size > MANIFEST_LIMIT:
            raise UsageError("backup_foreign", path=path)
        told = json.loads(archive.read(MANIFEST))
    except KeyError as error:
        raise UsageError("backup_foreign", path=path) from error
    except _BROKEN as error:
        raise WorkbenchError("backup_damaged", path=path, why=f"{MANIFEST}: {error}") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise UsageError("backup_foreign", path=path)
    if isinstance(told.get("version"), int) and told["version"] > VERSION:
        raise WorkbenchError("backup_newer", path=path, revision=f"format {told['version']}")
    try:
        return Manifest.model_validate(told)
    except ValidationError as error:
        raise WorkbenchError("backup_damaged", path=path, why=f"{MANIFEST}: {error.errors()[0]['msg']}") from error
