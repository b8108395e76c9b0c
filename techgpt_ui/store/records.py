"""What the store keeps: runs, and conversations with their turns."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from techgpt_ui.schema import Record
from techgpt_ui.store.encoding import plain_json


def new_id() -> str:
    """A fresh id for a run or a conversation."""
    return uuid.uuid4().hex


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


RecordId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
JsonObject = Annotated[dict[str, Any], BeforeValidator(plain_json)]


class Cursor(NamedTuple):
    """A place in the history; a page goes on before it."""

    created: datetime
    id: str


class RunRecord(Record):
    """A finished run: all that is needed to show it again, compare it and repeat it."""

    id: RecordId = Field(default_factory=new_id)
    owner: str
    kind: Literal["run", "import"] = "run"
    task: str
    created: Moment = Field(default_factory=now)
    inputs: JsonObject
    settings: JsonObject
    """Sampling preset and values, seed, grounded, variant."""
    result: JsonObject
    """The public form of the Result, as ``Result.to_json`` gives it."""
    code_version: str
    note: str = ""
    origin: RecordId | None = None
    """The id that an imported run had where it was exported."""

    @property
    def cursor(self) -> Cursor:
        """Where the page after the one that ends with this record begins."""
        return Cursor(self.created, self.id)


class Turn(Record):
    """One message of a conversation; ``run_id`` is the run that wrote it, which may have been deleted since."""

    role: Literal["system", "user", "assistant"]
    content: str
    finish_reason: str | None = None
    run_id: str | None = None


class Conversation(Record):
    """A dialogue and what stands beside it: its ``inputs`` are, say, a document or a system line."""

    id: RecordId = Field(default_factory=new_id)
    owner: str
    task: str
    title: str = ""
    created: Moment = Field(default_factory=now)
    updated: Moment = Field(default_factory=now)
    inputs: JsonObject = Field(default_factory=dict)
    turns: tuple[Turn, ...] = ()
