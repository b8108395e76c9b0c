"""The grounded pieces of a document as spans of its text, for the formats that are made of spans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from techgpt_ui.annotations import AnnotatedDocument, FieldValue, Kind, Piece
from techgpt_ui.exporters.base import Losses
from techgpt_ui.schema import Mention, Relation

ITEM_TYPES = {"terms": "term", "keywords": "keyword"}
"""By the task: what its items are called where they need a type."""
EVIDENCE = "evidence"


class Span(NamedTuple):
    """A piece with a place; the text there is ``text[start:end]``."""

    id: str
    start: int
    end: int
    type: str
    kind: Kind
    piece: Piece[Any]


class Link(NamedTuple):
    """A triple whose ends have places."""

    id: str
    head: Span
    predicate: str
    tail: Span
    piece: Piece[Relation]


def type_of(value: Any, task: str) -> str:
    """What a span of this value is labelled with."""
    if isinstance(value, Mention):
        return value.type
    return value.field if isinstance(value, FieldValue) else ITEM_TYPES.get(task, EVIDENCE)


def span_of(document: AnnotatedDocument, kind: Kind, piece: Piece[Any], *, proposed: bool = False) -> Span | None:
    """The span of a piece as it stands, or as it was ``proposed``; None without a place."""
    value = piece.value if proposed else piece.current
    if getattr(value, "start", None) is None:
        return None
    return Span(piece.id, value.start, value.end, type_of(value, document.task), kind, piece)


def spans_of(document: AnnotatedDocument) -> list[Span]:
    """All spans, the earlier first, of two that begin together the longer."""
    found = (span_of(document, kind, piece) for kind, piece in document.pieces())
    return sorted(filter(None, found), key=lambda span: (span.start, -span.end))


def links_of(document: AnnotatedDocument, spans: Iterable[Span], losses: Losses) -> list[Link]:
    """The triples between these spans; those with another end are counted as lost."""
    known = {span.id: span for span in spans}
    found = [
        Link(piece.id, known[value.head], value.predicate, known[value.tail], piece)
        for piece in document.relations
        if (value := piece.current).head in known and value.tail in known
    ]
    losses.add("ends_lost", len(document.relations) - len(found))
    return found


def flat(spans: Iterable[Span], losses: Losses) -> list[Span]:
    """The spans without those that overlap a longer one, which are counted; in the order of the text."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
        else:
            losses.add("overlap")
    return sorted(kept, key=lambda span: span.start)
