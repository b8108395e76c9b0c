"""The tables of reviews, as the newest migration leaves them.

What reviewers do is appended to the decisions and never changed; a slot points to the decision that stands for it.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, false

from techgpt_ui.store.tables import METADATA, AnyText, JsonText, UtcTime

PROJECTS = Table(
    "review_projects",
    METADATA,
    Column("id", AnyText, primary_key=True),
    Column("owner", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("guidelines", AnyText, nullable=False),
    Column("settings", JsonText, nullable=False),
    Column("sample", JsonText, nullable=False),
    Column("origin", JsonText, nullable=False),
    Column("invitation", AnyText, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("sampled", Boolean, nullable=False, server_default=false()),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("doubled", Integer, nullable=False, server_default="0"),
    Index(None, "invitation"),
)
"""``total`` items count for the progress, ``doubled`` of them for two: those of the sample, all where there is none."""

MEMBERS = Table(
    "review_members",
    METADATA,
    Column("project", AnyText, ForeignKey(PROJECTS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id", AnyText, primary_key=True),
    Column("owner", AnyText, nullable=False),
    Column("name", AnyText, nullable=False),
    Column("role", AnyText, nullable=False),
    Column("joined", UtcTime, nullable=False),
    Column("decided", Integer, nullable=False, server_default="0"),
    Column("first_done", Integer, nullable=False, server_default="0"),
    Column("second_done", Integer, nullable=False, server_default="0"),
    Index(None, "owner", "project", unique=True),
    Index(None, "project", "name", unique=True),
)
"""``decided`` counts a member's standing events, ``first_done`` and ``second_done`` the slots that have his verdict."""

DOCUMENTS = Table(
    "review_documents",
    METADATA,
    Column("project", AnyText, ForeignKey(PROJECTS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", AnyText, nullable=False),
    Column("text", AnyText, nullable=False),
    Column("inputs", JsonText, nullable=False),
    Column("sha256", AnyText, nullable=False),
    Column("lang", AnyText, nullable=False),
)

ITEMS = Table(
    "review_items",
    METADATA,
    Column("project", AnyText, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("task", AnyText, nullable=False),
    Column("kind", AnyText, nullable=False),
    Column("type", AnyText, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("confidence", Float),
    Column("content_hash", AnyText, nullable=False),
    Column("model", AnyText, nullable=False),
    Column("preset", AnyText, nullable=False),
    Column("run", AnyText),
    ForeignKeyConstraint(
        ["project", "document"],
        [DOCUMENTS.c.project, DOCUMENTS.c.number],
        name="fk_review_items_document",
        ondelete="CASCADE",
    ),
    Index(None, "project", "document"),
    Index(None, "project", "content_hash"),
)

TYPES = Table(
    "review_types",
    METADATA,
    Column("project", AnyText, ForeignKey(PROJECTS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("task", AnyText, primary_key=True),
    Column("kind", AnyText, primary_key=True),
    Column("type", AnyText, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""Which types the items of a project have. Items are written with their project and never change, nor do these."""

SLOTS = Table(
    "review_slots",
    METADATA,
    Column("project", AnyText, primary_key=True),
    Column("item", Integer, primary_key=True, autoincrement=False),
    Column("round", AnyText, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("lane", AnyText),
    Column("sampled", Boolean, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("double", Boolean, nullable=False),
    Column("holder", AnyText),
    Column("until", Float),
    Column("decision", Integer),
    ForeignKeyConstraint(
        ["project", "item"], [ITEMS.c.project, ITEMS.c.number], name="fk_review_slots_item", ondelete="CASCADE"
    ),
    Index(None, "project", "lane", "position"),
    Index(None, "project", "holder"),
)
"""Who may take an item next: ``lane`` is where it waits, if it does; ``until`` is in seconds of the epoch."""

READINGS = Table(
    "review_readings",
    METADATA,
    Column("project", AnyText, primary_key=True),
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("task", AnyText, primary_key=True),
    Column("kind", AnyText, nullable=False),
    Column("position", Integer, nullable=False),
    Column("holder", AnyText),
    Column("until", Float),
    Column("decision", Integer),
    ForeignKeyConstraint(
        ["project", "document"],
        [DOCUMENTS.c.project, DOCUMENTS.c.number],
        name="fk_review_readings_document",
        ondelete="CASCADE",
    ),
    Index(None, "project", "position"),
)
"""Drawn documents that are to be read to the end for a task; ``kind`` is what may be missing, ``decision`` who did."""

DECISIONS = Table(
    "review_decisions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("project", AnyText, ForeignKey(PROJECTS.c.id, ondelete="CASCADE"), nullable=False),
    Column("item", Integer),
    Column("document", Integer),
    Column("reviewer", AnyText, nullable=False),
    Column("round", AnyText, nullable=False),
    Column("time", UtcTime, nullable=False),
    Column("seconds", Float),
    Column("verdict", AnyText, nullable=False),
    Column("reason", AnyText),
    Column("comment", AnyText, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("bulk", AnyText),
    Column("undoes", Integer),
    Column("carried", AnyText),
    Index(None, "project", "reviewer", "id"),
    Index(None, "project", "item"),
    Index(None, "project", "document"),
    Index(None, "undoes"),
)
"""The audit log: rows are only ever added; ``undoes`` names an earlier row that it takes back."""
