"""A review project from documents: every piece becomes an item, a sample is frozen, the queue is put in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.review.queues import Order, make_queue
from techgpt_ui.review.records import Item
from techgpt_ui.review.sampling import Sample, SamplePlan, draw_sample
from techgpt_ui.schema import Mention
from techgpt_ui.store import Draft, Place, Project, ReviewDocument, ReviewItem, ReviewSettings
from techgpt_ui.store.review_records import BLINDABLE, LISTED, Reading, ReviewKind, content_hash, may_miss


def make_draft(
    documents: Sequence[AnnotatedDocument],
    *,
    owner: str,
    name: str,
    guidelines: str = "",
    plan: SamplePlan | None = None,
    order: Order = "random",
    origin: dict[str, Any] | None = None,
) -> Draft:
    """A project of all that was found in the documents; without a plan all of it is reviewed, and nothing estimated.

    What the same model said twice of the same text is one item. Raises UsageError for a plan that cannot be followed.
    """
    texts: dict[str, ReviewDocument] = {}
    items: dict[tuple[str, str, str], ReviewItem] = {}
    numbers: dict[str, int] = {}
    asked: dict[int, set[str]] = {}
    for document in documents:
        text = ReviewDocument(
            name=document.title or document.id, text=document.text, inputs=document.inputs, lang=document.lang
        )
        number = numbers.setdefault(text.sha256, len(numbers))
        texts.setdefault(text.sha256, text)
        asked.setdefault(number, set()).add(document.task)
        for item in items_of(document, number):
            items.setdefault((content_hash(text, item), item.model, item.preset), item)
    settings = ReviewSettings(order=order)
    kept = tuple(items.values())
    frame = tuple(frame_item(number, item) for number, item in enumerate(kept))
    sample = draw_sample(frame, plan, map(str, numbers.values())) if plan and frame else None
    project = Project(
        owner=owner, name=name, guidelines=guidelines, settings=settings, origin=origin or {},
        sample=sample.model_dump(mode="json") if sample else {},
    )  # fmt: skip
    readings = tuple(_readings(kept, asked, sample))
    return Draft(
        project=project, documents=tuple(texts.values()), items=kept, readings=readings,
        places=tuple(_places(frame, sample, order, {(str(one.document), one.task) for one in readings})),
    )  # fmt: skip


def frame_item(number: int, item: ReviewItem) -> Item:
    """An item as samples and figures know it."""
    return Item(
        id=str(number), task=item.task, kind=item.kind, type=item.type, document=str(item.document),
        position=item.position, model=item.model, preset=item.preset, confidence=item.confidence,
    )  # fmt: skip


def items_of(document: AnnotatedDocument, number: int) -> Iterator[ReviewItem]:
    """The pieces of a document in its order, those that a reviewer had added among them."""
    mentions = {piece.id: piece.value for piece in document.mentions}
    known = document.provenance
    for position, (kind, piece) in enumerate(document.pieces()):
        name, type_, payload = _payload(kind, piece.value, mentions)
        yield ReviewItem.model_validate(
            {
                "document": number, "position": position, "task": document.task, "kind": name, "type": type_,
                "payload": payload, "confidence": piece.confidence, "model": piece.model or known.model_version,
                "preset": known.variant or "", "run": known.run or None,
            }
        )  # fmt: skip


def _readings(
    items: Sequence[ReviewItem], asked: Mapping[int, Collection[str]], sample: Sample | None
) -> Iterator[Reading]:
    """The drawn documents with each task that they were given to and that may have missed something there."""
    kinds: dict[str, Counter[ReviewKind]] = {}
    for item in items:
        kinds.setdefault(item.task, Counter())[item.kind] += 1
    for document in map(int, sample.documents if sample else ()):
        for task in sorted(asked[document]):
            known = kinds.get(task, Counter())
            if may_miss(known):
                yield Reading(document=document, task=task, kind=next((k for k in LISTED if known[k]), "mention"))


def _places(
    frame: tuple[Item, ...], sample: Sample | None, order: Order, read: Collection[tuple[str, str]]
) -> Iterator[Place]:
    """The sample's items first, in the order that was asked for; those of documents to read; then the others."""
    if sample is None:
        yield from (Place(item=int(name)) for name in make_queue(frame, order, 0).items)
        return
    drawn, blind, double = set(sample.items), set(sample.blind), set(sample.double)
    seed = sample.plan.seed
    of_sample = [item for item in frame if item.id in drawn]
    kinds = {item.id: item.kind for item in of_sample}
    for name in make_queue(of_sample, order, seed).items:
        hidden = name in blind and kinds[name] in BLINDABLE
        yield Place(item=int(name), sampled=True, blind=hidden, double=name in double)
    others = [item for item in frame if item.id not in drawn]
    to_read = [item for item in others if (item.document, item.task) in read]
    rest = [item for item in others if (item.document, item.task) not in read]
    for part in (to_read, rest):
        yield from (Place(item=int(name)) for name in make_queue(part, order, seed).items)


def _payload(kind: str, value: Any, mentions: dict[str, Mention]) -> tuple[str, str, dict[str, Any]]:
    """Kind, type and payload of an item, as ``ReviewItem`` says."""
    if kind == "mentions":
        return "mention", value.type, _mention(value)
    if kind == "relations":
        ends = {name: _mention(mentions[getattr(value, name)]) for name in ("head", "tail")}
        return "relation", value.predicate, {**ends, "predicate": value.predicate}
    if kind == "items":
        return "item", "", {"text": value.text, "start": value.start, "end": value.end}
    if kind == "fields":
        return "field", value.field, {"name": value.field, "text": value.text, "start": value.start, "end": value.end}
    if kind == "labels":
        return "label", value.text, {"text": value.text}
    if value.language is not None:
        return "code", value.language, {"language": value.language, "source": value.text}
    return "text", "", {"text": value.text}


def _mention(mention: Mention) -> dict[str, Any]:
    return {"text": mention.surface, "type": mention.type, "start": mention.start, "end": mention.end}
