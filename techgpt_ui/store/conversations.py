"""Dialogues, kept turn by turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store.conversation_documents import jsonl_line, markdown
from techgpt_ui.store.database import Database, in_portions
from techgpt_ui.store.encoding import plain_json
from techgpt_ui.store.records import Conversation, Turn, now
from techgpt_ui.store.tables import CONVERSATIONS, TURNS


class ConversationStore:
    """Conversations by owner. Another owner's conversation is as missing as one that never was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self,
        owner: str,
        task: str,
        *,
        title: str = "",
        inputs: Mapping[str, Any] | None = None,
        turns: Sequence[Turn] = (),
    ) -> Conversation:
        """Begin a conversation."""
        moment = now()
        conversation = Conversation(
            owner=owner,
            task=task,
            title=title,
            created=moment,
            updated=moment,
            inputs=dict(inputs or {}),
            turns=tuple(turns),
        )
        with self._database.writing() as connection:
            connection.execute(insert(CONVERSATIONS).values(**conversation.model_dump(exclude={"turns"})))
            _write_turns(connection, conversation.id, conversation.turns)
        return conversation

    def get(self, owner: str, conversation_id: str) -> Conversation:
        """One conversation; WorkbenchError ``conversation_missing`` where the owner has none of that id."""
        with self._database.reading() as connection:
            return _found(connection, owner, conversation_id)

    def list(self, owner: str, task: str | None = None, *, limit: int = 100) -> tuple[Conversation, ...]:
        """The conversations that were changed last, newest first."""
        statement = select(CONVERSATIONS).where(CONVERSATIONS.c.owner == owner)
        if task is not None:
            statement = statement.where(CONVERSATIONS.c.task == task)
        statement = statement.order_by(CONVERSATIONS.c.updated.desc(), CONVERSATIONS.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return _with_turns(connection, connection.execute(statement).all())

    def save(
        self,
        owner: str,
        conversation_id: str,
        *,
        turns: Sequence[Turn] | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> Conversation:
        """Replace the turns, the inputs or both; what is not given stays."""
        changes = {} if inputs is None else {"inputs": plain_json(dict(inputs))}
        with self._database.writing() as connection:
            _change(connection, owner, conversation_id, **changes)
            if turns is not None:
                connection.execute(delete(TURNS).where(TURNS.c.conversation == conversation_id))
                _write_turns(connection, conversation_id, turns)
            return _found(connection, owner, conversation_id)

    def rename(self, owner: str, conversation_id: str, title: str) -> Conversation:
        """Give a conversation another title."""
        with self._database.writing() as connection:
            _change(connection, owner, conversation_id, title=title)
            return _found(connection, owner, conversation_id)

    def delete(self, owner: str, conversation_ids: Iterable[str]) -> int:
        """Delete conversations and say how many there were; ids of other owners are passed over."""
        mine = CONVERSATIONS.c.owner == owner
        with self._database.writing() as connection:
            return sum(
                connection.execute(delete(CONVERSATIONS).where(mine, CONVERSATIONS.c.id.in_(portion))).rowcount
                for portion in in_portions(conversation_ids)
            )

    def export_jsonl(self, owner: str, conversation_ids: Iterable[str]) -> bytes:
        """One conversation a line, in the order of the ids; WorkbenchError where one is missing."""
        with self._database.reading() as connection:
            return b"".join(jsonl_line(_found(connection, owner, each)) for each in conversation_ids)

    def export_markdown(self, owner: str, conversation_id: str) -> bytes:
        """A conversation to read."""
        return markdown(self.get(owner, conversation_id))


def _change(connection: Connection, owner: str, conversation_id: str, **changes: object) -> None:
    """Change a conversation's row first: the lock on it keeps two writers from mixing their turns."""
    mine = (CONVERSATIONS.c.owner == owner, CONVERSATIONS.c.id == conversation_id)
    if not connection.execute(update(CONVERSATIONS).where(*mine).values(updated=now(), **changes)).rowcount:
        raise WorkbenchError("conversation_missing")


def _write_turns(connection: Connection, conversation_id: str, turns: Sequence[Turn]) -> None:
    rows = [
        {"conversation": conversation_id, "position": position, **turn.model_dump()}
        for position, turn in enumerate(turns)
    ]
    if rows:
        connection.execute(insert(TURNS), rows)


def _found(connection: Connection, owner: str, conversation_id: str) -> Conversation:
    mine = (CONVERSATIONS.c.owner == owner, CONVERSATIONS.c.id == conversation_id)
    row = connection.execute(select(CONVERSATIONS).where(*mine)).one_or_none()
    if row is None:
        raise WorkbenchError("conversation_missing")
    return _with_turns(connection, [row])[0]


def _with_turns(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Conversation, ...]:
    """The conversations of these rows, their turns read in few statements however many there are."""
    turns: dict[str, list[Turn]] = {row.id: [] for row in rows}
    for portion in in_portions(turns):
        statement = select(TURNS).where(TURNS.c.conversation.in_(portion)).order_by(TURNS.c.position)
        for turn in connection.execute(statement):
            values = {name: turn._mapping[name] for name in Turn.model_fields}
            turns[turn.conversation].append(Turn.model_validate(values))
    return tuple(Conversation.model_validate({**row._mapping, "turns": turns[row.id]}) for row in rows)
