"""Which documents of a project are judged whole, so that what stands in them is the right answer to their task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from techgpt_ui.schema import Record
from techgpt_ui.store import Content
from techgpt_ui.store.review_reading import Logged
from techgpt_ui.store.review_records import SETTLING, Decision, ReviewItem, digest, may_miss

Why = Literal["open", "unexamined"]
Unit = tuple[int, str]
"""A document by its number, and a task."""


class Settled(Record):
    """The part of a project that is judged whole, and how much is not."""

    content: Content
    """With nothing of the other documents and tasks but their texts."""
    documents: int
    """Judged whole; a document of two tasks counts for each."""
    left_out: dict[Why, int]
    """``open``: something is not judged or in dispute; ``unexamined``: nobody looked for what the model missed."""


def settled(content: Content, *, task: str | None = None, unexamined: bool = False) -> Settled:
    """The documents of a task (of all without one) in which every item is accepted, edited, rejected or merged.

    Where a text may hold more than was found, it must have been examined as well, unless ``unexamined`` takes it as
    it is.
    """
    items: dict[Unit, list[int]] = {}
    for number, item in content.items.items():
        items.setdefault((item.document, item.task), []).append(number)
    examined = set(_noted(content, "examined"))
    for unit in (*examined, *_noted(content, "missed")):
        items.setdefault(unit, [])
    disputed = set(_disputed(content))
    ready: set[Unit] = set()
    left_out: Counter[Why] = Counter()
    for unit, numbers in items.items():
        if task not in (None, unit[1]):
            continue
        judged = {number: content.items[number] for number in _that_count(content, numbers)}
        if any(number in disputed or not _is_judged(content, number) for number in judged):
            left_out["open"] += 1
        elif unit not in examined and not unexamined and may_miss({item.kind for item in judged.values()}):
            left_out["unexamined"] += 1
        else:
            ready.add(unit)
    return Settled(content=_only(content, ready), documents=len(ready), left_out=dict(left_out))


def _that_count(content: Content, numbers: list[int]) -> list[int]:
    """Without the ends of triples: whoever judged the triples has judged them."""
    relations = any(content.items[number].kind == "relation" for number in numbers)
    ends = {number for number in numbers if relations and _is_end(content.items[number])}
    return [number for number in numbers if number not in ends]


def _is_end(item: ReviewItem) -> bool:
    return item.kind == "mention" and not item.type


def _is_judged(content: Content, number: int) -> bool:
    one = content.current.get(number)
    return one is not None and one.decision.verdict in SETTLING


def _disputed(content: Content) -> Iterator[int]:
    """Items on which two reviewers differ, or which one of them flagged, while no lead has spoken."""
    standing: dict[int, dict[str, Decision]] = {}
    for one in content.log:
        if not one.undone and one.event.item is not None and one.event.verdict != "undo":
            standing.setdefault(one.event.item, {})[one.event.round] = one.event
    for number, rounds in standing.items():
        first, second = rounds.get("first"), rounds.get("second")
        if first and second and "adjudicated" not in rounds:
            same = (first.verdict, first.payload) == (second.verdict, second.payload)
            if second.verdict == "flag" or (second.verdict in SETTLING and not same):
                yield number


def _noted(content: Content, verdict: str) -> Iterator[Unit]:
    """The documents and tasks with standing notes of a kind."""
    for one in content.log:
        if one.event.verdict == verdict and not one.undone and (unit := _unit(one)):
            yield unit


def _unit(one: Logged) -> Unit | None:
    task = str(one.event.payload.get("task", ""))
    return (one.event.document, task) if one.event.document is not None and task else None


def _only(content: Content, units: set[Unit]) -> Content:
    kept = {number: item for number, item in content.items.items() if (item.document, item.task) in units}
    items = _of_one_voice(_without_repeats(content, kept))
    log = tuple(
        one
        for one in content.log
        if (one.event.item in items if one.event.item is not None else _unit(one) is None or _unit(one) in units)
    )
    current = {number: one for number, one in content.current.items() if number in items}
    return content.model_copy(update={"items": items, "log": log, "current": current})


def _without_repeats(content: Content, items: dict[int, ReviewItem]) -> dict[int, ReviewItem]:
    """What two models said alike, or what an edit made equal to another item, is right once."""
    seen: set[str] = set()
    kept = {}
    for number, item in items.items():
        decision = content.current[number].decision if number in content.current else None
        # A merged item has the verdict of another one, and goes out as its duplicate.
        if decision and decision.item == number and decision.verdict in ("accept", "edit"):
            said = digest(item.document, item.task, item.kind, {**item.payload, **decision.payload})
            if said in seen:
                continue
            seen.add(said)
        kept[number] = item
    return kept


def _of_one_voice(items: dict[int, ReviewItem]) -> dict[int, ReviewItem]:
    """What is right is one answer, whichever of several models said a part of it."""
    voices: dict[Unit, set[tuple[str, str]]] = {}
    for item in items.values():
        voices.setdefault((item.document, item.task), set()).add((item.model, item.preset))
    several = {unit for unit, found in voices.items() if len(found) > 1}
    nobody = {"model": "", "preset": "", "run": None}
    return {
        number: item.model_copy(update=nobody) if (item.document, item.task) in several else item
        for number, item in items.items()
    }
