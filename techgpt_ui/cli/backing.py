"""The commands that write all of the database into one file, and read it back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from techgpt_ui.cli import base
from techgpt_ui.errors import UsageError
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.texts import text

if TYPE_CHECKING:  # the database stays out of the start
    from techgpt_ui.store import Manifest

DatabaseUrl = Annotated[str | None, typer.Option(help="Database; SQLite in the data folder if unset.")]
PRIVATE = 0o600
"""What people wrote is for the account that runs the app."""


def backup(
    file: Annotated[Path, typer.Argument(help="File to write, a .zip.")], database_url: DatabaseUrl = None
) -> None:
    """Write all runs, conversations, evaluations and reviews into one file, also while the app runs."""
    from techgpt_ui.store import database_file, open_workbench, write_backup

    settings = load_settings(database_url=database_url)
    base.require_writable(file)
    here = database_file(settings)
    if here and not here.exists():
        raise UsageError("backup_no_database", path=here)
    with base.writing(file, permissions=PRIVATE) as sink, closing(open_workbench(settings)) as database:
        manifest = write_backup(database, sink, file)
    base.tell(text("backup.written", rows=manifest.rows, path=file).within(settings.words))
    _tell_tables(manifest, settings)


def restore(
    file: Annotated[Path, typer.Argument(help="File that backup has written.")],
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the database has, in its favour.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Read a backup into the database, all of it or nothing."""
    from techgpt_ui.store import open_workbench, read_backup, restore_backup

    settings = load_settings(database_url=database_url)
    with read_backup(file) as found, closing(open_workbench(settings)) as database:
        restore_backup(database, found, replace=replace)
        base.tell(text("backup.restored", rows=found.manifest.rows, path=file).within(settings.words))
        _tell_tables(found.manifest, settings)


def _tell_tables(manifest: Manifest, settings: Settings) -> None:
    for table in manifest.tables:
        base.tell(text("backup.table", name=table.name, rows=table.rows).within(settings.words))
