"""Drawn documents come up to be read to the end, also those in which nothing was found.

What a document without items was given to is not kept in older projects: it is read for the task of the other
documents where they have but one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

LISTED = ("relation", "mention", "item", "field")
"""Kinds of which there may be more than was found; the first that a task has is what may be missing."""


def upgrade() -> None:
    """Add the table, and fill it for the samples that there are."""
    readings = op.create_table(
        "review_readings",
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("document", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("until", sa.Float()),
        sa.Column("decision", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["project", "document"],
            ["review_documents.project", "review_documents.number"],
            name="fk_review_readings_document",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project", "document", "task", name="pk_review_readings"),
    )
    op.create_index("ix_review_readings_project_position", "review_readings", ["project", "position"])
    connection = op.get_bind()
    for project, sample in connection.execute(sa.text("SELECT id, sample FROM review_projects")).all():
        drawn = [int(number) for number in json.loads(sample).get("documents", ())]
        rows = list(_rows(connection, project, drawn)) if drawn else []
        if rows:
            op.bulk_insert(readings, rows)


def _rows(connection: sa.Connection, project: str, drawn: list[int]) -> Iterator[dict[str, Any]]:
    kinds: dict[str, Counter[str]] = {}
    tasks: dict[int, list[str]] = {}
    counted = sa.text("SELECT document, task, kind, count(*) FROM review_items WHERE project = :p GROUP BY 1, 2, 3")
    for document, task, kind, count in connection.execute(counted, {"p": project}):
        kinds.setdefault(task, Counter())[kind] += count
        tasks.setdefault(document, []).append(task)
    listed = sorted(task for task, found in kinds.items() if not set(found) - set(LISTED))
    done = _examined(connection, project)
    position = 0
    for document in drawn:
        for task in sorted(set(tasks.get(document, listed if len(listed) == 1 else ())) & set(listed)):
            kind = next(name for name in LISTED if name in kinds[task])
            yield {
                "project": project, "document": document, "task": task, "kind": kind, "position": position,
                "decision": done.get((document, task)),
            }  # fmt: skip
            position += 1


def _examined(connection: sa.Connection, project: str) -> dict[tuple[int, str], int]:
    standing = sa.text(
        "SELECT id, document, payload FROM review_decisions AS d WHERE project = :p AND verdict = 'examined' "
        "AND NOT EXISTS (SELECT 1 FROM review_decisions AS later WHERE later.undoes = d.id) ORDER BY id"
    )
    found: dict[tuple[int, str], int] = {}
    for ident, document, payload in connection.execute(standing, {"p": project}):
        found.setdefault((document, str(json.loads(payload).get("task", ""))), ident)
    return found
