"""RDF in Turtle: what stands is asserted, and every triple, rejected ones too, is a statement with its verdict.

Names become percent-encoded IRIs and are kept as labels. Entities whose names are equal are one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import quote

from techgpt_ui.annotations import AnnotatedDocument, Piece
from techgpt_ui.exporters.base import Aspect, Context, Exporter, Losses, library_for
from techgpt_ui.exporters.characters import plain
from techgpt_ui.schema import Mention

BASE = "urn:techgpt:"
VOCABULARY = f"{BASE}vocabulary:"
"""Namespace of the classes and properties that are the workbench's own."""


class Rdf(Exporter):
    """One Turtle file."""

    id: ClassVar[str] = "rdf"
    holds: ClassVar[frozenset[Aspect]] = frozenset(
        (
            "mentions", "relations", "labels", "ungrounded", "alignment", "confidence", "title",
            "verdict", "rejected", "reviewer", "time", "reason", "comment", "added",
        )
    )  # fmt: skip
    needs: ClassVar[str | None] = "rdflib"

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """All documents in one graph."""
        writer = _Writer(losses)
        for document in documents:
            writer.add(document)
        return {"graph.ttl": writer.turtle()}


def iri(kind: str, *names: str) -> str:
    """The IRI of something by its names."""
    return f"{BASE}{kind}:" + ":".join(quote(plain(name), safe="") for name in names)


class _Writer:
    """Fills a graph."""

    def __init__(self, losses: Losses) -> None:
        self._rdflib = library_for("rdflib")
        self._losses = losses
        self._own = self._rdflib.Namespace(VOCABULARY)
        self.graph = self._rdflib.Graph()
        self.graph.bind("tg", self._own)
        self.graph.bind("dcterms", self._rdflib.DCTERMS)

    def add(self, document: AnnotatedDocument) -> None:
        """Everything of one document."""
        rdf, own = self._rdflib.RDF, self._own
        node = self._node("document", document.id)
        self._put(node, rdf.type, own.Document)
        self._put(node, self._rdflib.DCTERMS.language, self._words(document.lang))
        if document.title:
            self._put(node, self._rdflib.DCTERMS.title, self._words(document.title))
        for label in document.labels:
            subject = self._node("annotation", document.id, label.id)
            self._put(subject, rdf.type, own.Classification)
            self._put(subject, own.document, node)
            self._put(subject, own.label, self._words(label.current.text))
            self._judged(subject, label)
            if not label.rejected:
                self._put(node, self._rdflib.DCTERMS.subject, self._words(label.current.text))
        for mention in document.mentions:
            self._mention(document.id, node, mention)
        for relation in document.relations:
            self._relation(document, node, relation)

    def turtle(self) -> bytes:
        """The graph as Turtle, with prefixes for the vocabularies alone."""
        serialisers = library_for("rdflib.plugins.serializers.turtle")

        class WholeIris(serialisers.TurtleSerializer):  # type: ignore[name-defined]
            """Makes up no prefixes: cut out of a percent-encoded name, they would be no IRIs."""

            def getQName(self, uri: Any, gen_prefix: bool = True) -> Any:  # noqa: N802
                return super().getQName(uri, gen_prefix=False)

        sink = io.BytesIO()
        WholeIris(self.graph).serialize(sink, encoding="utf-8")
        return sink.getvalue()

    def _mention(self, document: str, node: Any, piece: Piece[Mention]) -> None:
        rdf, own, value = self._rdflib.RDF, self._own, piece.current
        subject, entity = self._node("annotation", document, piece.id), self._entity(value)
        self._put(subject, rdf.type, own.Mention)
        self._put(subject, own.document, node)
        self._put(subject, own.entity, entity)
        self._put(subject, own.surface, self._words(value.surface))
        self._put(subject, own.status, self._words(value.status))
        for name in ("start", "end"):
            if (place := getattr(value, name)) is not None:
                self._put(subject, own[name], self._rdflib.Literal(place))
        if value.type:
            kind = self._node("type", value.type)
            self._put(kind, self._rdflib.RDFS.label, self._words(value.type))
            self._put(subject, own.type, kind)
            if not piece.rejected:
                self._put(entity, rdf.type, kind)
        self._judged(subject, piece)

    def _relation(self, document: AnnotatedDocument, node: Any, piece: Piece[Any]) -> None:
        rdf, value = self._rdflib.RDF, piece.current
        mentions = {mention.id: mention.current for mention in document.mentions}
        head, tail = self._entity(mentions[value.head]), self._entity(mentions[value.tail])
        predicate = self._node("predicate", value.predicate)
        statement = self._node("annotation", document.id, piece.id)
        self._put(predicate, self._rdflib.RDFS.label, self._words(value.predicate))
        self._put(statement, rdf.type, rdf.Statement)
        self._put(statement, rdf.subject, head)
        self._put(statement, rdf.predicate, predicate)
        self._put(statement, rdf.object, tail)
        self._put(statement, self._own.document, node)
        self._put(statement, self._own.head, self._node("annotation", document.id, value.head))
        self._put(statement, self._own.tail, self._node("annotation", document.id, value.tail))
        self._judged(statement, piece)
        if not piece.rejected:
            self._put(head, predicate, tail)

    def _entity(self, value: Mention) -> Any:
        name = value.text or value.surface
        entity = self._node("entity", name)
        self._put(entity, self._rdflib.RDF.type, self._own.Entity)
        self._put(entity, self._rdflib.RDFS.label, self._words(name))
        return entity

    def _judged(self, subject: Any, piece: Piece[Any]) -> None:
        own, decision = self._own, piece.decision
        if piece.confidence is not None:
            self._put(subject, own.confidence, self._rdflib.Literal(piece.confidence))
        if piece.added:
            self._put(subject, own.added, self._rdflib.Literal(piece.added))
        if decision is None:
            return
        for name in ("verdict", "reviewer", "reason", "comment"):
            if words := getattr(decision, name):
                self._put(subject, own[name], self._words(words))
        if decision.time:
            self._put(subject, own.time, self._rdflib.Literal(decision.time))

    def _node(self, kind: str, *names: str) -> Any:
        return self._rdflib.URIRef(iri(kind, *names))

    def _words(self, words: str) -> Any:
        return self._rdflib.Literal(plain(words, self._losses))

    def _put(self, subject: Any, predicate: Any, value: Any) -> None:
        self.graph.add((subject, predicate, value))
