"""What Alembic runs around the migrations; the connection is already in the transaction that holds them all."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
