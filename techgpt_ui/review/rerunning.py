"""What a further run over a document says, beside the items that a project has of that document and task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from techgpt_ui.schema import Record
from techgpt_ui.store import ReviewItem
from techgpt_ui.store.records import JsonObject
from techgpt_ui.store.review_records import ReviewKind

Change = Literal["type", "text", "new", "gone", "same"]
CHANGES: tuple[Change, ...] = ("type", "text", "new", "gone", "same")
"""In the order in which they are shown: what needs a look first."""
RUNNING: tuple[ReviewKind, ...] = ("text", "code")
"""Kinds of which an answer has one, so that another text is a change of it."""
LAST = 1 << 60


class Row(Record):
    """One thing that the project, the further run or both say."""

    change: Change
    kind: ReviewKind
    before: JsonObject | None = None
    """As the project has it; None where it is new."""
    after: JsonObject | None = None
    """As the further run says it; None where it is gone."""
    items: tuple[int, ...] = ()
    """The project's items that say it, the same thing of several models among them."""
    confidence: float | None = None
    """Of the further run."""
    wanted: bool = False
    """A reviewer had asked for just this: as a correction, or as missed."""


class Wanted(NamedTuple):
    """What a reviewer held to be right where the model had said something else, or nothing."""

    kind: str
    payload: Mapping[str, Any]


class _Said(NamedTuple):
    """What one side says: the parts by which two of them are told the same."""

    kind: ReviewKind
    place: tuple[Any, ...]
    """Where it stands, or its words where it stands nowhere."""
    type: str


def difference(
    before: Mapping[int, ReviewItem],
    after: Sequence[ReviewItem],
    wanted: Iterable[Wanted] = (),
    *,
    same_source: bool = True,
) -> tuple[Row, ...]:
    """All that either side says, by content; offsets count for nothing where the texts differ (``same_source``).

    A mention at the same place, a relation between the same ends or a value of the same words that has another type,
    predicate or field is one row of the change ``type``, not one that is gone and one that is new.
    """
    ends_of_relations = any(item.kind == "relation" for item in (*before.values(), *after))
    old: dict[_Said, list[int]] = {}
    for number, item in before.items():
        if not (ends_of_relations and _is_end(item)):
            old.setdefault(_said(item.kind, item.payload, same_source), []).append(number)
    new: dict[_Said, ReviewItem] = {}
    for item in after:
        if not (ends_of_relations and _is_end(item)):
            new.setdefault(_said(item.kind, item.payload, same_source), item)
    asked = {_said(one.kind, one.payload, same_source) for one in wanted}
    rows = [_row("same", before, old[said], new[said], said in asked) for said in old if said in new]
    lost = [said for said in old if said not in new]
    found = [said for said in new if said not in old]
    for was, now in _pairs(lost, found):
        change: Change = "text" if was.kind in RUNNING and was.place != now.place else "type"
        rows.append(_row(change, before, old[was], new[now], now in asked))
        lost.remove(was)
        found.remove(now)
    rows += [_row("new", before, [], new[said], said in asked) for said in found]
    rows += [_row("gone", before, old[said], None, False) for said in lost]
    return tuple(sorted(rows, key=_order))


def _row(
    change: Change, before: Mapping[int, ReviewItem], numbers: Sequence[int], item: ReviewItem | None, wanted: bool
) -> Row:
    kept = before[numbers[0]] if numbers else None
    one = item or kept
    assert one is not None
    return Row(
        change=change, kind=one.kind, before=kept.payload if kept else None, after=item.payload if item else None,
        items=tuple(numbers), confidence=item.confidence if item else None, wanted=wanted,
    )  # fmt: skip


def _pairs(lost: Sequence[_Said], found: Sequence[_Said]) -> list[tuple[_Said, _Said]]:
    """What became of what: the same place under another type, or the one text of an answer; each is used once."""
    free = list(found)
    pairs = []
    for was in lost:
        same = (now for now in free if now.kind == was.kind and (now.place == was.place or was.kind in RUNNING))
        now = next(same, None)
        if now is not None:
            free.remove(now)
            pairs.append((was, now))
    return pairs


def _is_end(item: ReviewItem) -> bool:
    """Whether it is the head or tail of a triple, which its relation tells already."""
    return item.kind == "mention" and not item.type


def _said(kind: Any, payload: Mapping[str, Any], places: bool) -> _Said:
    if kind == "relation":
        ends = tuple(_place(payload.get(end) or {}, places) for end in ("head", "tail"))
        return _Said(kind, ends, str(payload.get("predicate", payload.get("type", ""))))
    if kind == "mention":
        return _Said(kind, _place(payload, places), str(payload.get("type", "")))
    if kind == "field":
        return _Said(kind, (_folded(payload),), str(payload.get("name", payload.get("type", ""))))
    if kind == "code":
        return _Said(kind, (str(payload.get("source", "")),), str(payload.get("language", "")))
    if kind == "text":
        return _Said(kind, (" ".join(str(payload.get("text", "")).split()),), "")
    return _Said(kind, (_folded(payload),), "")


def _place(payload: Mapping[str, Any], places: bool) -> tuple[Any, ...]:
    start, end = payload.get("start"), payload.get("end")
    return (start, end) if places and start is not None else (_folded(payload),)


def _folded(payload: Mapping[str, Any]) -> str:
    return " ".join(str(payload.get("text", "")).casefold().split())


def _order(row: Row) -> tuple[int, int]:
    shown = row.after or row.before or {}
    start = (shown.get("head") or shown).get("start")
    return CHANGES.index(row.change), LAST if start is None else start
