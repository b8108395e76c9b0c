"""The command that writes runs and review projects in the formats of other tools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from techgpt_ui.cli import base
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.texts import Lang, text

if TYPE_CHECKING:  # the database stays out of the start
    from techgpt_ui.annotations import AnnotatedDocument
    from techgpt_ui.exporters import Export
    from techgpt_ui.presets import Library
    from techgpt_ui.store import Database, RunRecord

SQLITE = b"SQLite format 3\x00"
"""How the file of a database begins."""
_RUN_ID = re.compile(r"[0-9a-f]{32}")


def export(
    source: Annotated[
        str,
        typer.Argument(metavar="RUN|DB", help="Id of a run or a project, file of Results or annotations, database."),
    ],
    format_: Annotated[str, typer.Option("--format", help="jsonl, csv, label_studio, brat, …; see docs/exports.md.")],
    out: Annotated[Path, typer.Option(help="File to write; a folder or .zip where the format has several files.")],
    project: Annotated[
        str | None, typer.Option(help="The review project of a database with this id or name, not its runs.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Only runs of this user of a database.")] = None,
    task: Annotated[str | None, typer.Option(help="Only runs of this task.")] = None,
    accepted: Annotated[bool, typer.Option("--accepted", help="Only what a reviewer accepted or corrected.")] = False,
    source_text: Annotated[
        Path | None, typer.Option("--source", help="Text of Results that come without one, UTF-8.")
    ] = None,
) -> None:
    """Write runs or a review project in the format of another tool, and say what the format could not hold."""
    from techgpt_ui.exporters import export as exported

    settings = load_settings()
    library = base.library_of(settings)
    base.require_writable(out if out.suffix else None)
    if project is None:
        documents = list(_documents(source, settings, library, owner, source_text))
    else:
        documents = _of_project(source, project)
    documents = [document for document in documents if task in (None, document.task)]
    done = exported(documents, format_, library, accepted_only=accepted)
    written = write(done, out)
    for loss in done.losses:
        base.tell(loss.text.within(settings.words))
    if not done.losses:
        base.tell(text("export.nothing_lost").within(settings.words))
    base.tell(text("export.written", documents=len(documents), path=written).within(settings.words))


def write(done: Export, out: Path) -> Path:
    """Write an export at ``out``: one file, several beside it, a zip archive, or a new folder; whole or not at all."""
    from techgpt_ui.exporters.base import zipped

    chief = next(iter(done.files))
    if out.suffix == ".zip":
        base.write_file(out, zipped(done.files))
    elif len(done.files) == 1:
        base.write_file(out / chief if out.is_dir() else out, done.files[chief])
    elif out.suffix and out.suffix == Path(chief).suffix and not out.is_dir():
        for name, content in done.files.items():
            base.write_file(out if name == chief else out.with_name(f"{out.stem}.{name}"), content)
    else:
        _write_folder(done, out)
    return out


def _write_folder(done: Export, out: Path) -> None:
    import shutil
    import tempfile

    from techgpt_ui.weights.files import sync_folder

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError("export_path_taken", path=out)
    base.require_writable(out.parent / "any")
    aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        aside.chmod(0o777 & ~base.umask())
        for name, content in done.files.items():
            base.write_file(aside / name, content)
        aside.replace(out)
        sync_folder(out.parent)
    except OSError as error:
        raise WorkbenchError("file_not_written", path=out, why=error.strerror or error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _documents(
    source: str, settings: Settings, library: Library, owner: str | None, source_text: Path | None
) -> Iterator[AnnotatedDocument]:
    path = Path(source)
    if "://" in source or _is_database(path):
        yield from _of_runs(_runs(source, owner), library, settings.words)
    elif path.exists():
        from techgpt_ui.importers import read_annotations

        words = base.read_text(source_text) if source_text else None
        found = read_annotations(path, library=library, source_text=words)
        for notice in found.notices:
            base.tell(notice.text.within(settings.words))
        yield from found.documents
    elif _RUN_ID.fullmatch(source):
        yield from _of_id(source, settings, library)
    else:
        raise UsageError("export_no_such_source", source=source[:200])


def _of_id(ident: str, settings: Settings, library: Library) -> list[AnnotatedDocument]:
    """The run of the settings' database with this id, or the project."""
    from techgpt_ui.exporters.runs import document_of
    from techgpt_ui.review.exporting import annotated
    from techgpt_ui.store import ReviewStore, RunStore, open_workbench

    database = open_workbench(settings)
    try:
        return [document_of(RunStore(database).of_any_owner(ident), library)]
    except WorkbenchError as missing:
        if missing.code != "run_missing":
            raise
        try:
            return annotated(ReviewStore(database).content_of_any_owner(ident))
        except WorkbenchError:
            raise missing from None


def _of_project(source: str, wanted: str) -> list[AnnotatedDocument]:
    """The project of a database with this id or name."""
    from techgpt_ui.review.exporting import annotated
    from techgpt_ui.store import ReviewStore

    if "://" not in source and not _is_database(Path(source)):
        raise UsageError("export_project_of_database", source=source[:200])
    return annotated(ReviewStore(_opened(source)).content_of_any_owner(wanted))


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except (OSError, ValueError):
        return False


def _runs(source: str, owner: str | None) -> Iterator[RunRecord]:
    from techgpt_ui.store import RunStore

    return RunStore(_opened(source)).every(owner)


def _opened(source: str) -> Database:
    from techgpt_ui.store import open_database, sqlite_url

    return open_database(source if "://" in source else sqlite_url(Path(source)))


def _of_runs(records: Iterator[RunRecord], library: Library, lang: Lang) -> Iterator[AnnotatedDocument]:
    """The runs as documents; those that cannot be read are told and left out."""
    from techgpt_ui.exporters.runs import document_of

    for record in records:
        try:
            yield document_of(record, library)
        except WorkbenchError as error:
            base.tell(error.words(lang))
