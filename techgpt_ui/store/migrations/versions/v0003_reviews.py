"""Reviews: projects with their members, documents, items and slots, and the decisions that were made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the six tables and their indexes."""
    _projects()
    _documents()
    _slots()
    _decisions()
    for table, *columns in (
        ("review_projects", "invitation"),
        ("review_items", "project", "document"),
        ("review_items", "project", "content_hash"),
        ("review_slots", "project", "lane", "position"),
        ("review_slots", "project", "holder"),
        ("review_decisions", "project", "reviewer", "id"),
        ("review_decisions", "project", "item"),
        ("review_decisions", "project", "document"),
        ("review_decisions", "undoes"),
    ):
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    for columns in (["owner", "project"], ["project", "name"]):
        op.create_index(f"ix_review_members_{'_'.join(columns)}", "review_members", columns, unique=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=nullable)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _to_project(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["project"], ["review_projects.id"], name=name, ondelete="CASCADE")


def _projects() -> None:
    names = ("id", "owner", "name", "guidelines", "settings", "sample", "origin", "invitation")
    op.create_table(
        "review_projects",
        *map(_text, names),
        _moment("created"),
        sa.PrimaryKeyConstraint("id", name="pk_review_projects"),
    )
    op.create_table(
        "review_members",
        *map(_text, ("project", "id", "owner", "name", "role")),
        _moment("joined"),
        _to_project("fk_review_members_project"),
        sa.PrimaryKeyConstraint("project", "id", name="pk_review_members"),
    )


def _documents() -> None:
    op.create_table(
        "review_documents",
        _text("project"),
        _number("number"),
        *map(_text, ("name", "text", "inputs", "sha256", "lang")),
        _to_project("fk_review_documents_project"),
        sa.PrimaryKeyConstraint("project", "number", name="pk_review_documents"),
    )
    op.create_table(
        "review_items",
        _text("project"),
        *map(_number, ("number", "document", "position")),
        *map(_text, ("task", "kind", "type", "payload")),
        sa.Column("confidence", sa.Float()),
        *map(_text, ("content_hash", "model", "preset")),
        _text("run", nullable=True),
        sa.ForeignKeyConstraint(
            ["project", "document"],
            ["review_documents.project", "review_documents.number"],
            name="fk_review_items_document",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project", "number", name="pk_review_items"),
    )


def _slots() -> None:
    op.create_table(
        "review_slots",
        _text("project"),
        _number("item"),
        _text("round"),
        _number("position"),
        _text("lane", nullable=True),
        *map(_flag, ("sampled", "blind", "double")),
        _text("holder", nullable=True),
        sa.Column("until", sa.Float()),
        _number("decision", nullable=True),
        sa.ForeignKeyConstraint(
            ["project", "item"],
            ["review_items.project", "review_items.number"],
            name="fk_review_slots_item",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project", "item", "round", name="pk_review_slots"),
    )


def _decisions() -> None:
    op.create_table(
        "review_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("project"),
        *(_number(name, nullable=True) for name in ("item", "document")),
        *map(_text, ("reviewer", "round")),
        _moment("time"),
        sa.Column("seconds", sa.Float()),
        _text("verdict"),
        _text("reason", nullable=True),
        *map(_text, ("comment", "payload")),
        _flag("blind"),
        _text("bulk", nullable=True),
        _number("undoes", nullable=True),
        _text("carried", nullable=True),
        _to_project("fk_review_decisions_project"),
        sa.PrimaryKeyConstraint("id", name="pk_review_decisions"),
    )
