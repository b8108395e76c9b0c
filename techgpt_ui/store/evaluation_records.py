"""What the store keeps of an evaluation; its contents are JSON that only the evaluation's own room can read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from techgpt_ui.schema import Record
from techgpt_ui.store.encoding import plain_json
from techgpt_ui.store.records import JsonObject, Moment, RecordId, now

OptionalJson = Annotated[JsonObject | None, BeforeValidator(plain_json)]
EvaluationState = Literal["running", "finished", "stopped"]
"""``running`` may also be one that was cut off before it could say that it stopped."""

HOST = ""
"""The owner of what the command line makes: everybody may read it, nobody on the page may change it.

A visitor without a cookie has this very name, so nothing of his may be kept.
"""


class EvaluationRecord(Record):
    """One gold set answered with one set of settings; ``id`` is made of all that decides the answers."""

    id: RecordId
    owner: str
    created: Moment = Field(default_factory=now)
    updated: Moment = Field(default_factory=now)
    task: str
    gold: str
    """Name of the gold file."""
    gold_sha256: str
    documents: int
    """How many documents are to be answered."""
    settings: JsonObject
    model: OptionalJson = None
    code_version: str
    scores: OptionalJson = None
    """What the metrics said at the end; None before it."""
    conduct: OptionalJson = None
    baselines: JsonObject = Field(default_factory=dict)
    state: EvaluationState = "running"


class OutcomeRecord(Record):
    """What became of the document at one position of the gold set, from 0."""

    position: int
    content: JsonObject
