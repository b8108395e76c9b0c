"""Frozen samples: a plan and a frame give the same sample on any machine, in any order of the frame.

An item's turn is the SHA-256 of the seed, the purpose and its id, and the first ones are taken (permanent random
numbers, Ohlsson 1995). Neither ``random.sample`` nor numpy's ``Generator`` promises equal draws across versions
(numpy's NEP 19 keeps the bit stream alone); a hash does, needs no order of the frame, and a larger sample with the
same seed only adds items.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.review.allocation import Allocation, allocate
from techgpt_ui.review.records import Item
from techgpt_ui.schema import Record

Facet = Literal["task", "kind", "type", "document", "model", "preset", "confidence"]
"""What may part a frame into strata; confidence does so in bands."""
Stratum = tuple[str, ...]
Purpose = Literal["draw", "blind", "double", "document"]

NO_CONFIDENCE = "?"


class SamplePlan(Record):
    """How a sample is to be drawn; ``draw_sample`` says what is wrong with a plan."""

    n: int
    """How many items; all of them where the frame has fewer."""
    seed: int
    by: tuple[Facet, ...] = ()
    """What defines the strata; nothing for a simple random sample."""
    allocation: Allocation = "proportional"
    minimum: int = 2
    """At least so many of each stratum, or the whole stratum; below two it has no variance of its own."""
    bands: tuple[float, ...] = (0.5, 0.7, 0.9)
    """Where one band of confidence ends and the next begins, which holds the border."""
    blind: float = 0.0
    """Share of the sample that is shown without the model's answer."""
    double: float = 0.0
    """Share of the sample that a second reviewer sees as well."""
    documents: int = 0
    """How many documents are read to the end, for recall."""


class DrawnStratum(Record):
    """A stratum of the frame and what was drawn from it, in the order of drawing."""

    name: Stratum
    size: int
    items: tuple[str, ...]


class Sample(Record):
    """A frozen sample. It can be checked against its frame: see ``check_sample``."""

    plan: SamplePlan
    frame_sha256: str
    size: int
    """How many items the frame has."""
    strata: tuple[DrawnStratum, ...]
    blind: tuple[str, ...] = ()
    double: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    document_count: int = 0
    """How many documents could have been drawn."""

    @property
    def items(self) -> tuple[str, ...]:
        """All drawn items in the order of drawing, strata mixed; its every beginning is a random sample as well."""
        return _shuffled((item for stratum in self.strata for item in stratum.items), self.plan.seed, "draw")


def draw_sample(frame: Iterable[Item], plan: SamplePlan, documents: Iterable[str] = ()) -> Sample:
    """The sample of ``plan``; ``documents`` are those that could be read for recall, by default those of the items.

    Raises UsageError for a plan that cannot be followed, an empty frame, or an id that stands in it twice.
    """
    check_plan(plan)
    items = _distinct(frame)
    members: dict[Stratum, list[str]] = {}
    for item in items:
        members.setdefault(stratum_of(item, plan), []).append(item.id)
    sizes = {name: len(members[name]) for name in sorted(members)}
    counts = allocate(sizes, plan.n, plan.allocation, plan.minimum if plan.by else 0)
    strata = tuple(
        DrawnStratum(name=name, size=size, items=_shuffled(members[name], plan.seed, "draw")[: counts[name]])
        for name, size in sizes.items()
    )
    drawn = [item for stratum in strata for item in stratum.items]
    every = _documents(items, documents)
    return Sample(
        plan=plan,
        frame_sha256=frame_hash(items, plan, every),
        size=len(items),
        strata=strata,
        blind=_part(drawn, plan.blind, plan.seed, "blind"),
        double=_part(drawn, plan.double, plan.seed, "double"),
        documents=_shuffled(every, plan.seed, "document")[: plan.documents],
        document_count=len(every),
    )


def check_sample(sample: Sample, frame: Iterable[Item], documents: Iterable[str] = ()) -> None:
    """WorkbenchError unless the sample is the very one that its plan draws from the frame.

    So neither a frame that has changed nor a list that someone chose or sorted can pass for a random sample.
    """
    if draw_sample(frame, sample.plan, documents) != sample:
        raise WorkbenchError("review_sample_foreign")


def check_plan(plan: SamplePlan) -> None:
    """UsageError, in words, for numbers that make no plan."""
    if plan.n < 1:
        raise UsageError("review_sample_none")
    if plan.minimum < 0 or plan.documents < 0:
        raise UsageError("review_plan_negative")
    if not (0 <= plan.blind <= 1 and 0 <= plan.double <= 1):
        raise UsageError("review_plan_share")
    inside = all(0 < border < 1 for border in plan.bands)
    if not inside or list(plan.bands) != sorted(set(plan.bands)):
        raise UsageError("review_plan_bands")
    if len(set(plan.by)) != len(plan.by):
        raise UsageError("review_plan_facets")


def stratum_of(item: Item, plan: SamplePlan) -> Stratum:
    """The item's stratum under the plan."""
    return tuple(_band(item.confidence, plan.bands) if facet == "confidence" else getattr(item, facet)
                 for facet in plan.by)  # fmt: skip


def frame_hash(items: Iterable[Item], plan: SamplePlan, documents: Iterable[str]) -> str:
    """SHA-256, in hex, over the sorted ids with their strata and the sorted documents, a JSON line each."""
    lines = sorted(json.dumps(["item", item.id, *stratum_of(item, plan)]) for item in items)
    lines += sorted(json.dumps(["document", document]) for document in documents)
    return hashlib.sha256("\n".join(lines).encode("ascii")).hexdigest()


def turn(seed: int, purpose: str, name: str) -> bytes:
    """A random number that belongs to ``name``: what comes first is drawn first."""
    return hashlib.sha256(json.dumps([seed, purpose, name]).encode("ascii")).digest()


def _shuffled(names: Iterable[str], seed: int, purpose: Purpose) -> tuple[str, ...]:
    return tuple(sorted(names, key=lambda name: (turn(seed, purpose, name), name)))


def _part(drawn: Sequence[str], share: float, seed: int, purpose: Purpose) -> tuple[str, ...]:
    return _shuffled(drawn, seed, purpose)[: round(share * len(drawn))]


def _distinct(frame: Iterable[Item]) -> tuple[Item, ...]:
    items = tuple(frame)
    if not items:
        raise UsageError("review_frame_empty")
    name, count = Counter(item.id for item in items).most_common(1)[0]
    if count > 1:
        raise UsageError("review_item_twice", name=name)
    return items


def _documents(items: Iterable[Item], documents: Iterable[str]) -> tuple[str, ...]:
    """The documents of the items are always among those that could be drawn."""
    return tuple(sorted({item.document for item in items} | set(documents)))


def _band(confidence: float | None, bands: Sequence[float]) -> str:
    if confidence is None:
        return NO_CONFIDENCE
    at = sum(confidence >= border for border in bands)
    low, high = (0.0, *bands)[at], (*bands, 1.0)[at]
    return f"{low}–{high}"
