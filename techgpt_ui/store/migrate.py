"""Bring the tables of a database up to date."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store.tables import METADATA

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 0x7EC4_6917  # any number, as long as no other program on the server uses it
_one_at_a_time = threading.Lock()  # Alembic keeps the connection of its migrations in a global


def known_revisions() -> tuple[str, ...]:
    """Every state that the tables ever had, the newest first."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return tuple(script.revision for script in scripts)


def revision_of(connection: Connection) -> str:
    """The state of the tables of an open database."""
    return str(MigrationContext.configure(connection).get_current_revision())


def migrate(connection: Connection, place: str, to: str = "head") -> None:
    """Run the missing migrations in the connection's transaction; refuse a database that is not ours or newer."""
    if connection.dialect.name == "postgresql":  # SQLite's transactions wait for each other as they are
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    found = set(MigrationContext.configure(connection).get_current_heads())
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found - known:
        raise WorkbenchError("database_newer", path=place, revision=", ".join(sorted(found - known)))
    if not found and set(inspect(connection).get_table_names()) & METADATA.tables.keys():
        raise WorkbenchError("database_foreign", path=place)
    with _one_at_a_time:
        command.upgrade(config, to)
