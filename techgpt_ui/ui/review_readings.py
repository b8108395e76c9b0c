"""What the desk does with documents that were drawn to be read to their end, for what the model missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from techgpt_ui.errors import UsageError
from techgpt_ui.store import ReviewStore
from techgpt_ui.store.records import JsonObject
from techgpt_ui.store.review_readings import ReadingSheet
from techgpt_ui.ui.review_actions import Action, Data, number_in
from techgpt_ui.ui.review_screens import inputs_beside

MISSED_FIELDS = ("task", "kind", "type", "text", "start", "end")
END_FIELDS = ("text", "start", "end")


class ReadingActions:
    """The desk's actions for reading; the owner comes from the request, never from the page."""

    def __init__(self, reviews: ReviewStore) -> None:
        self._reviews = reviews

    def by_name(self) -> dict[str, Action]:
        """All actions."""
        return {"reading": self.reading, "read_later": self.later, "missed": self.missed, "examined": self.examined}

    def reading(self, owner: str, data: Data) -> Any:
        """The document that is to be read next, and how many there are."""
        ident = str(data["project"])
        sheet = self._reviews.next_reading(owner, ident)
        return {"task": _screen(sheet) if sheet else None, "counts": self._reviews.readings(owner, ident).model_dump()}

    def later(self, owner: str, data: Data) -> Any:
        """Put a document behind all others; back comes the next one."""
        document, task = number_in(data, "document"), str(data["task"])
        self._reviews.postpone_reading(owner, str(data["project"]), document, task)
        return self.reading(owner, data)

    def missed(self, owner: str, data: Data) -> Any:
        """Note what is not among a document's items."""
        payload = _missed(data["payload"])
        document, comment = number_in(data, "document"), str(data.get("comment", ""))
        self._reviews.note_missed(owner, str(data["project"]), document, payload, comment)
        return {}

    def examined(self, owner: str, data: Data) -> Any:
        """Note that a document was read to its end."""
        self._reviews.note_examined(owner, str(data["project"]), number_in(data, "document"), str(data["task"]))
        return {}


def _missed(given: Any) -> JsonObject:
    """What was missed, as the store keeps it; UsageError where it does not say what, or a relation not of what."""
    if not isinstance(given, Mapping):
        raise UsageError("review_missed_empty")
    payload = {name: given.get(name) for name in MISSED_FIELDS}
    if given.get("kind") != "relation":
        if not _words(given.get("text")):
            raise UsageError("review_missed_empty")
        return payload
    ends = {name: _end(given.get(name)) for name in ("head", "tail")}
    if not (_words(given.get("type")) and all(ends.values())):
        raise UsageError("review_missed_ends")
    return {"task": given.get("task"), "kind": "relation", "predicate": _words(given["type"]), **ends}


def _end(given: Any) -> JsonObject | None:
    if not isinstance(given, Mapping) or not _words(given.get("text")):
        return None
    return {name: given.get(name) for name in END_FIELDS} | {"type": ""}


def _words(value: Any) -> str:
    return str(value or "").strip()


def _screen(sheet: ReadingSheet) -> dict[str, Any]:
    """The document in the form of an item that says nothing yet."""
    reading, document = sheet.reading, sheet.document
    return {
        **reading.model_dump(), "round": "read", "payload": {}, "type": "", "types": list(sheet.types),
        "text": document.text, "name": document.name, "inputs": inputs_beside(document),
        "found": [
            {"kind": one.item.kind, "type": _type(one.payload) or one.item.type, "payload": one.payload,
             "verdict": one.verdict}
            for one in sheet.found
        ],
        "missed": list(sheet.missed),
    }  # fmt: skip


def _type(payload: JsonObject) -> str:
    return _words(payload.get("type") or payload.get("predicate"))
