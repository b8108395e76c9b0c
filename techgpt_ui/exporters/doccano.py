"""doccano's JSONL: spans as objects with relations, spans as lists where there is no relation, or labels of the text.

A file has one of these forms throughout, because a project of doccano's has. Ids are whole numbers: doccano loses the
ends of relations silently where they are strings. Offsets are half-open code points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument, Answer
from techgpt_ui.exporters.base import PIECES, Aspect, Context, Exporter, Losses
from techgpt_ui.exporters.characters import plain
from techgpt_ui.exporters.spans import flat, links_of, spans_of
from techgpt_ui.schema import Label
from techgpt_ui.store.encoding import json_bytes


class Doccano(Exporter):
    """One row a document; ``document`` names it in the row's meta data."""

    id: ClassVar[str] = "doccano"
    holds: ClassVar[frozenset[Aspect]] = PIECES | {"title"}

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """The rows in the form that the documents need."""
        rows: Iterator[dict[str, Any]]
        if any(document.relations for document in documents):
            rows = _related(documents, losses)
        elif any(spans_of(document) for document in documents):
            rows = _spans(documents, losses)
        else:
            rows = (_row(document) | {"label": _whole(document)} for document in documents)
        return {"doccano.jsonl": b"".join(json_bytes(row) + b"\n" for row in rows)}


def _row(document: AnnotatedDocument) -> dict[str, Any]:
    title = {"title": document.title} if document.title else {}
    return {"text": document.text, "document": document.id} | title


def _whole(document: AnnotatedDocument) -> list[str]:
    return [plain(piece.current.text) for _, piece in document.pieces() if isinstance(piece.current, (Label, Answer))]


def _spans(documents: Sequence[AnnotatedDocument], losses: Losses) -> Iterator[dict[str, Any]]:
    for document in documents:
        _lose_wholes(document, losses)
        spans = spans_of(document)
        _warn_of_overlaps(spans, losses)
        yield _row(document) | {"label": [[span.start, span.end, plain(span.type)] for span in spans]}


def _related(documents: Sequence[AnnotatedDocument], losses: Losses) -> Iterator[dict[str, Any]]:
    spans_so_far, links_so_far = count(1), count(1)
    for document in documents:
        _lose_wholes(document, losses)
        spans = spans_of(document)
        _warn_of_overlaps(spans, losses)
        numbers = {span.id: next(spans_so_far) for span in spans}
        entities = [
            {"id": numbers[s.id], "start_offset": s.start, "end_offset": s.end, "label": plain(s.type)} for s in spans
        ]
        relations = [
            {
                "id": next(links_so_far),
                "from_id": numbers[link.head.id],
                "to_id": numbers[link.tail.id],
                "type": plain(link.predicate),
            }
            for link in links_of(document, spans, losses)
        ]
        yield _row(document) | {"entities": entities, "relations": relations}


def _lose_wholes(document: AnnotatedDocument, losses: Losses) -> None:
    losses.add("labels", len(document.labels))
    losses.add("texts", len(document.texts))


def _warn_of_overlaps(spans: Sequence[Any], losses: Losses) -> None:
    """They are in the file; doccano drops them at import unless its project allows them."""
    overlapping = Losses()
    flat(spans, overlapping)
    for loss in overlapping.report:
        losses.add("overlap_doccano", loss.count)
