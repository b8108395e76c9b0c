"""The tables as the newest migration leaves them; a test holds the two together."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, Index, Integer, MetaData, Table, Text, TypeDecorator

from techgpt_ui.store.encoding import escape, unescape


class AnyText(TypeDecorator[str]):
    """Text of any content, NUL and lone surrogates included."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text in its storable form."""
        return None if value is None else escape(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """The text as it was given."""
        return None if value is None else unescape(value)


class JsonText(TypeDecorator[dict[str, Any]]):
    """A JSON object, or null, in pure ASCII: native JSON types refuse NUL and lone surrogates even when escaped."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str:
        """The object as ASCII JSON."""
        return json.dumps(value, ensure_ascii=True, allow_nan=False)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> dict[str, Any]:
        """The object again."""
        return json.loads(value or "{}")


class UtcTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite would otherwise lose the time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC, whether or not the database kept the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

RUNS = Table(
    "runs",
    METADATA,
    Column("id", AnyText, primary_key=True),
    Column("owner", AnyText, nullable=False),
    Column("kind", AnyText, nullable=False),
    Column("task", AnyText, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("inputs", JsonText, nullable=False),
    Column("settings", JsonText, nullable=False),
    Column("result", JsonText, nullable=False),
    Column("code_version", AnyText, nullable=False),
    Column("note", AnyText, nullable=False),
    Column("origin", AnyText),
    Column("search_text", Text, nullable=False),
    Index(None, "owner", "created", "id"),
)

CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column("id", AnyText, primary_key=True),
    Column("owner", AnyText, nullable=False),
    Column("task", AnyText, nullable=False),
    Column("title", AnyText, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("updated", UtcTime, nullable=False),
    Column("inputs", JsonText, nullable=False),
    Index(None, "owner", "updated", "id"),
)

TURNS = Table(
    "turns",
    METADATA,
    Column("conversation", AnyText, ForeignKey(CONVERSATIONS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("role", AnyText, nullable=False),
    Column("content", AnyText, nullable=False),
    Column("finish_reason", AnyText),
    Column("run_id", AnyText),
)

EVALUATIONS = Table(
    "evaluations",
    METADATA,
    Column("id", AnyText, primary_key=True),
    Column("owner", AnyText, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("updated", UtcTime, nullable=False),
    Column("task", AnyText, nullable=False),
    Column("gold", AnyText, nullable=False),
    Column("gold_sha256", AnyText, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("settings", JsonText, nullable=False),
    Column("model", JsonText, nullable=False),
    Column("code_version", AnyText, nullable=False),
    Column("scores", JsonText, nullable=False),
    Column("conduct", JsonText, nullable=False),
    Column("baselines", JsonText, nullable=False),
    Column("state", AnyText, nullable=False),
    Index(None, "owner", "created", "id"),
)

EVALUATION_OUTCOMES = Table(
    "evaluation_outcomes",
    METADATA,
    Column("evaluation", AnyText, ForeignKey(EVALUATIONS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("content", JsonText, nullable=False),
)
