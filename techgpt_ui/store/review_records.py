"""What the store keeps of a review: a project with its members, its documents and items, and each decision on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from techgpt_ui.schema import Record
from techgpt_ui.store.records import JsonObject, Moment, RecordId, new_id, now

Role = Literal["reviewer", "lead", "admin"]
"""A reviewer judges; a lead settles disputes as well and changes the project; an admin gives roles and deletes."""
Round = Literal["first", "second", "adjudicated"]
ReviewKind = Literal["mention", "relation", "item", "field", "label", "text", "code"]
Judgement = Literal["accept", "edit", "reject", "skip", "flag", "merge"]
"""What a reviewer can say of an item; skip and flag leave it open, a merged one shares another's verdict."""
Event = Literal["accept", "edit", "reject", "skip", "flag", "merge", "undo", "missed", "examined"]
Reason = Literal["boundary", "type", "direction", "hallucinated", "duplicate", "other"]

REASONS: tuple[Reason, ...] = get_args(Reason)
SETTLING: tuple[Judgement, ...] = ("accept", "edit", "reject", "merge")
LISTED: tuple[ReviewKind, ...] = ("relation", "mention", "item", "field")
"""Kinds of which a text may hold more than the model found, so that somebody has to have looked.

Of a task that gives several of them the first is what a reader looks for, since a triple names its ends.
"""
BLINDABLE: tuple[ReviewKind, ...] = ("mention", "relation", "label")
"""Kinds of which the model's answer can be hidden: the reviewer names the type, predicate or label himself."""

LEASE_S = 600.0
"""Seconds for which an item that is on a reviewer's screen is nobody else's."""


class ReviewSettings(Record):
    """How a project is worked on."""

    lease_s: Annotated[float, Field(gt=0, le=86_400)] = LEASE_S
    order: Literal["random", "unsure", "document"] = "random"


class Project(Record):
    """A review: what it is called, how it is judged, and the sample that was frozen for it."""

    id: RecordId = Field(default_factory=new_id)
    owner: str
    name: str
    guidelines: str = ""
    settings: ReviewSettings = ReviewSettings()
    sample: JsonObject = Field(default_factory=dict)
    """The frozen sample as JSON, empty where all items are reviewed."""
    origin: JsonObject = Field(default_factory=dict)
    """Where the items came from."""
    invitation: RecordId = Field(default_factory=new_id)
    """Whoever knows it may join."""
    created: Moment = Field(default_factory=now)


class Member(Record):
    """A person in a project. ``id`` may be shown; the owner behind it is the person's key and never is."""

    project: RecordId
    id: str
    owner: str = Field(repr=False)
    name: str
    role: Role
    joined: Moment = Field(default_factory=now)

    @property
    def leads(self) -> bool:
        """Whether the member settles disputes and changes the project."""
        return self.role != "reviewer"


class ReviewDocument(Record):
    """A text that items were found in; ``inputs`` are the other inputs of its task, by name."""

    name: str
    text: str
    inputs: JsonObject = Field(default_factory=dict)
    lang: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 over the text and the inputs, in hex."""
        return digest(self.text, self.inputs)


class ReviewItem(Record):
    """One thing that a model said; ``payload`` says what, in a form of its kind.

    mention ``{text, type, start, end}``; relation ``{head: {text, type, start, end}, predicate, tail: {…}}``;
    item ``{text, start, end}``; field ``{name, text, start, end}``; label and text ``{text}``;
    code ``{language, source}``. Offsets are half-open code points of the document's text, null where it is not there.
    """

    document: int
    """Number of its document in the project, from 0."""
    position: int = 0
    """Its place among the items of its document."""
    task: str
    kind: ReviewKind
    type: str = ""
    payload: JsonObject
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    model: str = ""
    preset: str = ""
    run: str | None = None


class Place(Record):
    """When an item has its turn, and how."""

    item: int
    sampled: bool = False
    blind: bool = False
    double: bool = False


class Reading(Record):
    """A drawn document that is to be read to its end, for what a task missed in it."""

    document: int
    task: str
    kind: ReviewKind
    """Of what may be missing."""


class Readings(Record):
    """How far the reading of the drawn documents is."""

    total: int
    done: int
    waiting: int
    """Those of which some item is not judged yet: they come up when all are."""


class Draft(Record):
    """Everything that a new project consists of; ``places`` and ``readings`` are in the order of their queues."""

    project: Project
    documents: tuple[ReviewDocument, ...]
    items: tuple[ReviewItem, ...]
    places: tuple[Place, ...]
    readings: tuple[Reading, ...] = ()


class Decision(Record):
    """What a reviewer did, as it is appended to the log."""

    id: int
    item: int | None
    document: int | None
    reviewer: str
    round: Round
    time: Moment
    seconds: float | None
    verdict: Event
    reason: Reason | None
    comment: str
    payload: JsonObject
    """What it should be (edit), what was missed, or the item that it is merged into; else empty."""
    blind: bool
    bulk: str | None
    undoes: int | None
    carried: str | None
    """Project and decision that this one was taken over from."""


class Task(Record):
    """An item on a reviewer's screen."""

    item: int
    round: Round
    sampled: bool
    blind: bool
    double: bool


class Progress(Record):
    """How far a project is, in items of the sample, or of the whole where there is none."""

    total: int
    done: int
    open: int
    held: int
    """On somebody's screen."""
    double: int
    double_done: int
    disputed: int
    """Disagreements and flags that wait for a lead."""
    mine: int
    """Decisions of the member who asks that still stand."""


def may_miss(kinds: Collection[ReviewKind]) -> bool:
    """Whether a task that gives these kinds may have missed something; evidence beside an answer is no list."""
    return not set(kinds) & {"text", "code", "label"} and (not kinds or bool(set(kinds) & set(LISTED)))


def digest(*parts: Any) -> str:
    """SHA-256 over JSON with sorted keys, in hex."""
    plain = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode("ascii")).hexdigest()


def content_hash(document: ReviewDocument, item: ReviewItem) -> str:
    """What makes two items the same: the text, the task, the kind and what was said."""
    return digest(document.sha256, item.task, item.kind, item.payload)
