"""What a review is made of: items, verdicts, and what reviewers found missing."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, Field

from techgpt_ui.schema import Record

ItemKind = Literal["mention", "relation", "item", "field", "label", "text", "code"]
"""What was extracted or written: one entry of the Result's key of that name."""
Value = Literal["accept", "edit", "reject", "skip", "flag"]
Reason = Literal["boundary", "type", "direction", "hallucinated", "duplicate", "other"]
Round = Literal["first", "second", "adjudicated"]
"""The sample's own verdict, that of a second reviewer for agreement, or the one that settles a dispute."""

VALUES: tuple[Value, ...] = get_args(Value)
REASONS: tuple[Reason, ...] = get_args(Reason)
ROUNDS: tuple[Round, ...] = get_args(Round)
DECISIONS: tuple[Value, ...] = ("accept", "edit", "reject")
"""The values that judge an item; skip and flag leave it open."""

Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Item(Record):
    """One thing that a model said and a reviewer can judge; the fields beside ``id`` may define strata."""

    id: Name
    task: str
    kind: ItemKind
    type: str = ""
    """Its type, predicate, field or label; "" where the kind has none."""
    document: Name
    position: int = 0
    """Its place among the items of its document."""
    model: str = ""
    preset: str = ""
    """The prompt and settings that it came from."""
    confidence: Share | None = None


class Verdict(Record):
    """One decision of one reviewer; a later one of the same reviewer, item and round replaces it."""

    item: Name
    reviewer: Name
    value: Value
    reason: Reason | None = None
    """Why it was rejected or edited."""
    time: AwareDatetime
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """How long the item was on the screen."""
    blind: bool = False
    """The reviewer answered without seeing what the model said."""
    round: Round = "first"
    undone: bool = False
    """Taken back by the reviewer: it counts for nothing but the share of undone ones."""
    carried: bool = False
    """Taken over from another project's verdict on the same content: it took nobody's time."""


class Missed(Record):
    """Something that stands in a document and that the model did not find."""

    document: Name
    task: str
    reviewer: Name
    time: AwareDatetime
    type: str = ""
    undone: bool = False


class Examined(Record):
    """A reviewer has read a document to its end and noted all that the model missed for this task."""

    document: Name
    task: str
    reviewer: Name
    time: AwareDatetime


class MarkedSpan(Record):
    """A span that a reviewer holds to be right: accepted, edited or added. Offsets are half-open code points."""

    document: Name
    reviewer: Name
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(gt=0)]
    type: str


class Review(Record):
    """All that the figures of a review are computed from."""

    frame: tuple[Item, ...]
    """Every item that could have been drawn, as it was when the sample was frozen."""
    documents: tuple[str, ...] = ()
    """Every document that could have been drawn, those without items included; none means those of the items."""
    verdicts: tuple[Verdict, ...] = ()
    missed: tuple[Missed, ...] = ()
    examined: tuple[Examined, ...] = ()
    spans: tuple[MarkedSpan, ...] = ()
