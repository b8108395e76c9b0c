"""Which items of a document may be one and the same, so that a reviewer can merge them."""

from __future__ import annotations

from typing import Any

from techgpt_ui.store import ReviewItem


def alike(item: ReviewItem, other: ReviewItem) -> bool:
    """Whether two items of one document say the same of it, or overlap in its text."""
    if item.kind != other.kind:
        return False
    if item.kind == "relation":
        ends, others = [[payload["head"], payload["tail"]] for payload in (item.payload, other.payload)]
        return any(_meet(ends[0], others[at]) and _meet(ends[1], others[1 - at]) for at in (0, 1))
    return _meet(item.payload, other.payload)


def _meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two pieces overlap where both have a place, or else have the same words."""
    if _placed(one) and _placed(other):
        return bool(one["start"] < other["end"] and other["start"] < one["end"])
    return _words(one) == _words(other)


def _placed(piece: dict[str, Any]) -> bool:
    return isinstance(piece.get("start"), int) and isinstance(piece.get("end"), int)


def _words(piece: dict[str, Any]) -> str:
    """The words without case and spacing."""
    return "".join(str(piece.get("text", piece.get("source", ""))).split()).casefold()
