"""spaCy: a ``DocBin`` of documents that a blank pipeline of their language has cut into tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.exporters.base import Aspect, Context, Exporter, Losses, library_for
from techgpt_ui.exporters.characters import plain
from techgpt_ui.exporters.spans import Span, flat, links_of, spans_of

GROUP = "sc"
"""The span group that holds all spans, those that overlap among them."""


class SpacyDocBin(Exporter):
    """``doc.ents`` without overlap, ``doc.spans["sc"]`` with all, labels in ``doc.cats``, the rest in ``user_data``."""

    id: ClassVar[str] = "spacy"
    holds: ClassVar[frozenset[Aspect]] = frozenset(
        ("mentions", "relations", "items", "fields", "labels", "confidence", "title")
    )
    needs: ClassVar[str | None] = "spacy"

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """All documents in one file."""
        spacy, tokens = library_for("spacy"), library_for("spacy.tokens")
        pipelines = {lang: spacy.blank(lang) for lang in {document.lang for document in documents}}
        found = tokens.DocBin(store_user_data=True)
        for document in documents:
            found.add(_doc(pipelines[document.lang], document, losses))
        return {"documents.spacy": found.to_bytes()}


def _doc(pipeline: Any, document: AnnotatedDocument, losses: Losses) -> Any:
    doc = pipeline.make_doc(plain(document.text, losses))
    made: dict[str, Any] = {}
    spans = spans_of(document)
    for span in spans:
        found = doc.char_span(span.start, span.end, label=plain(span.type), span_id=span.id)
        if found is None:
            losses.add("misaligned")
        else:
            made[span.id] = found
    aligned = [span for span in spans if span.id in made]
    doc.spans[GROUP] = [made[span.id] for span in aligned]
    # They are all in the span group: an entity that overlaps a longer one is no loss of the file.
    doc.set_ents([made[span.id] for span in flat(aligned, Losses())])
    doc.cats = {plain(piece.current.text): _share(piece.confidence) for piece in document.labels}
    doc.user_data |= _user_data(document, aligned, losses)
    return doc


def _share(score: float | None) -> float:
    return 1.0 if score is None else score


def _user_data(document: AnnotatedDocument, spans: Sequence[Span], losses: Losses) -> dict[str, Any]:
    relations = [
        {"id": link.id, "head": link.head.id, "predicate": link.predicate, "tail": link.tail.id}
        for link in links_of(document, spans, losses)
    ]
    shares = {span.id: span.piece.confidence for span in spans if span.piece.confidence is not None}
    return {
        "id": document.id, "lang": document.lang, "title": document.title, "relations": relations,
        "confidence": shares,
    }  # fmt: skip
