"""What the payload of an item says, as the value of a piece.

A payload that a person sent may have anything in it: what does not fit the text becomes a value without a place, and
nothing here raises for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from techgpt_ui.annotations import Answer, FieldValue, Kind
from techgpt_ui.grounding.normalise import fold
from techgpt_ui.schema import AlignmentStatus, Item, Label, Mention, Relation
from techgpt_ui.store.review_records import ReviewKind

Payload = Mapping[str, Any]
EndOf = Callable[[Payload], str]
"""The id of the mention that an end of a relation is."""

KIND_OF: Mapping[ReviewKind, Kind] = {
    "mention": "mentions", "relation": "relations", "item": "items", "field": "fields", "label": "labels",
    "text": "texts", "code": "texts",
}  # fmt: skip


def value_of(
    kind: ReviewKind, ident: str, payload: Payload, text: str, *, end: EndOf, confidence: float | None = None
) -> Any:
    """The value with this id in a document with this text; ``end`` knows the mentions that a relation ends at."""
    if kind == "mention":
        return mention_of(ident, payload, text, confidence)
    if kind == "relation":
        ends = {name: end(part(payload, name)) for name in ("head", "tail")}
        return Relation(id=ident, predicate=words(payload, "predicate"), confidence=confidence, **ends)
    if kind in ("item", "field"):
        start, stop = place_in(text, payload)
        said = words(payload, "text")
        status = _status(said, text, start, stop)
        if kind == "item":
            return Item(text=said, start=start, end=stop, status=status)
        return FieldValue(field=words(payload, "name"), text=said, start=start, end=stop, status=status)
    if kind == "label":
        return Label(text=words(payload, "text"), score=confidence)
    if kind == "code":
        return Answer(text=words(payload, "source"), language=words(payload, "language"))
    return Answer(text=words(payload, "text"))


def mention_of(ident: str, payload: Payload, text: str, confidence: float | None = None) -> Mention:
    """A mention, grounded where the payload names a place that the text has."""
    start, end = place_in(text, payload)
    found = "" if start is None else text[start:end]
    said = words(payload, "text") or found
    return Mention(
        id=ident, type=words(payload, "type"), surface=said, text=found, start=start, end=end,
        status=_status(said, text, start, end), confidence=confidence,
    )  # fmt: skip


def place_in(text: str, payload: Payload) -> tuple[int, int] | tuple[None, None]:
    """Half-open code points of the text; None twice where the payload names no place in it."""
    start, end = payload.get("start"), payload.get("end")
    if type(start) is int and type(end) is int and 0 <= start < end <= len(text):
        return start, end
    return None, None


def words(payload: Payload, name: str) -> str:
    """What a payload has under a name, as text; "" where it has nothing."""
    value = payload.get(name)
    return "" if value is None else str(value)


def part(payload: Payload, name: str) -> Payload:
    """The payload within a payload; an empty one where there is none."""
    found = payload.get(name)
    return found if isinstance(found, Mapping) else {}


def _status(said: str, text: str, start: int | None, end: int | None) -> AlignmentStatus:
    if start is None:
        return "ungrounded"
    found = text[start:end]
    if said == found:
        return "exact"
    return "normalized" if fold(said).text == fold(found).text else "fuzzy"
