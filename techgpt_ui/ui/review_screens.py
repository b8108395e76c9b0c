"""An item as the desk shows it. Of a blind one the page is never sent what the model said."""

from __future__ import annotations

from typing import Any

from techgpt_ui.errors import UsageError
from techgpt_ui.store import Judged, ReviewDocument, ReviewItem
from techgpt_ui.store.review_reading import Logged
from techgpt_ui.store.review_records import Task
from techgpt_ui.store.review_siblings import Sibling

KEYS = {"mention": "type", "relation": "predicate", "label": "text"}
"""Where the payload of each kind that can be blind says what the reviewer is to name himself."""


def screen(task: Task, item: ReviewItem, document: ReviewDocument, types: tuple[str, ...]) -> dict[str, Any]:
    """The item with its text; ``types`` are what its like can be, from all of the project."""
    hidden = task.blind
    return {
        **task.model_dump(),
        "document": item.document,
        "task": item.task,
        "kind": item.kind,
        "type": "" if hidden else item.type,
        "payload": _without_answer(item) if hidden else item.payload,
        "confidence": None if hidden else item.confidence,
        "model": "" if hidden else item.model,
        "types": sorted(types) if hidden else list(types),
        "text": document.text,
        "name": document.name,
        "inputs": inputs_beside(document),
    }


def inputs_beside(document: ReviewDocument) -> dict[str, str]:
    """What a task was given beside the text."""
    return {name: str(value) for name, value in document.inputs.items() if value != document.text and value}


def made_judgement(given: Judged, item: ReviewItem) -> Judged:
    """What a blind answer means: accepted where the reviewer named what the model had said, else an edit.

    UsageError for a verdict that nobody can reach who has not seen what the model said.
    """
    if given.verdict in ("accept", "merge"):
        raise UsageError("review_blind_verdict")
    if given.verdict != "edit":
        return given
    key = KEYS[item.kind]
    named = " ".join(str(given.payload.get(key, "")).split())
    if not named:
        raise UsageError("review_edit_empty")
    if named == item.payload.get(key):
        return given.model_copy(update={"verdict": "accept", "payload": {}, "reason": None})
    return given.model_copy(update={"payload": item.payload | {key: named}, "reason": "type"})


def event_row(one: Logged, names: dict[str, str], into: str = "") -> dict[str, Any]:
    """An event of the log as the page lists it; ``into`` says what an item was merged into."""
    event = one.event
    return {
        "verdict": event.verdict, "reason": event.reason, "comment": event.comment, "payload": event.payload,
        "reviewer": names.get(event.reviewer, ""), "time": event.time.isoformat(), "round": event.round,
        "undone": one.undone, "carried": bool(event.carried), "bulk": bool(event.bulk),
        "into": into,
    }  # fmt: skip


def candidate(sibling: Sibling) -> dict[str, Any]:
    """An item that another one can be merged into."""
    item = sibling.item
    blind = sibling.hidden and item.kind in KEYS
    return {
        "item": sibling.number, "kind": item.kind, "blind": blind, "type": "" if blind else item.type,
        "payload": _without_answer(item) if blind else item.payload, "model": "" if blind else item.model,
    }  # fmt: skip


def said(item: ReviewItem) -> str:
    """What an item says, without its type."""
    payload = item.payload
    if item.kind == "relation":
        return f"{payload['head']['text']} → {payload['tail']['text']}"
    return str(payload.get("text", payload.get("source", "")))


def _without_answer(item: ReviewItem) -> dict[str, Any]:
    payload = dict(item.payload)
    payload.pop(KEYS[item.kind])
    for end in ("head", "tail"):
        if end in payload:
            payload[end] = {name: value for name, value in payload[end].items() if name != "type"}
    return payload
