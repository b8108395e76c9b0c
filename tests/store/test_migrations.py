"""The migrations, run one after another, make the tables that the code uses."""

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from techgpt_ui.store import Database
from techgpt_ui.store.migrate import MIGRATIONS
from techgpt_ui.store.tables import METADATA


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_primary_keys_are_those_of_the_code(database: Database) -> None:
    """Alembic does not compare them."""
    with database.reading() as connection:
        made = {name: inspect(connection).get_pk_constraint(name)["constrained_columns"] for name in METADATA.tables}
    assert made == {name: [column.name for column in table.primary_key] for name, table in METADATA.tables.items()}


def test_migrations_follow_one_another_without_a_fork() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert sorted(revisions, reverse=True) == revisions
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
