"""What a review's queue and its progress ask for with every key press is counted when it is written.

Who made a project becomes its admin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table of types and the counts of projects and members, and fill them for what is there."""
    _types()
    _project_totals()
    _member_counts()
    op.execute(
        "UPDATE review_members SET role = 'admin' WHERE EXISTS (SELECT 1 FROM review_projects AS p "
        "WHERE p.id = review_members.project AND p.owner = review_members.owner)"
    )


def _types() -> None:
    names = ("project", "task", "kind", "type")
    op.create_table(
        "review_types",
        *(sa.Column(name, sa.Text(), nullable=False) for name in names),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project"], ["review_projects.id"], name="fk_review_types_project", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*names, name="pk_review_types"),
    )
    op.execute(
        "INSERT INTO review_types (project, task, kind, type, count) "
        "SELECT project, task, kind, type, count(*) FROM review_items WHERE type <> '' GROUP BY 1, 2, 3, 4"
    )


def _project_totals() -> None:
    op.add_column("review_projects", sa.Column("sampled", sa.Boolean(), nullable=False, server_default=sa.false()))
    _add_count("review_projects", "total")
    _add_count("review_projects", "doubled")
    slots = "FROM review_slots AS s WHERE s.project = review_projects.id"
    op.execute(f"UPDATE review_projects SET sampled = EXISTS (SELECT 1 {slots} AND s.sampled)")
    for column, name in (("total", "first"), ("doubled", "second")):
        counted = f"{slots} AND s.round = '{name}' AND (s.sampled OR NOT review_projects.sampled)"
        op.execute(f"UPDATE review_projects SET {column} = (SELECT count(*) {counted})")


def _member_counts() -> None:
    for name in ("decided", "first_done", "second_done"):
        _add_count("review_members", name)
    op.execute(
        "UPDATE review_members SET decided = (SELECT count(*) FROM review_decisions AS d "
        "WHERE d.project = review_members.project AND d.reviewer = review_members.id AND d.verdict <> 'undo' "
        "AND NOT EXISTS (SELECT 1 FROM review_decisions AS later WHERE later.undoes = d.id))"
    )
    for name in ("first", "second"):
        op.execute(
            f"UPDATE review_members SET {name}_done = (SELECT count(*) FROM review_decisions AS d "
            "JOIN review_slots AS s ON s.project = d.project AND s.item = d.item AND s.decision = d.id "
            "JOIN review_projects AS p ON p.id = d.project "
            "WHERE d.project = review_members.project AND d.reviewer = review_members.id "
            f"AND s.round = '{name}' AND (s.sampled OR NOT p.sampled))"
        )


def _add_count(table: str, name: str) -> None:
    op.add_column(table, sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
