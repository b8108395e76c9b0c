"""The history of the tables, which Alembic brings up to date whenever a database is opened."""
