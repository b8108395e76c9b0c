"""Prodigy's JSONL.

A document is one example with all that stands, and one example more for each piece that was rejected or passed over:
Prodigy has one answer an example. ``meta`` tells which document an example is of. ``token_end`` is inclusive;
a relation's ``head`` and ``child`` are the last tokens of its spans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument, Decision, Piece
from techgpt_ui.exporters.base import Aspect, Context, Exporter, Losses
from techgpt_ui.exporters.spans import Link, Span, links_of, spans_of
from techgpt_ui.exporters.tokens import Token, inside, tokens_of
from techgpt_ui.store.encoding import json_bytes

ANSWERS = {"reject": "reject", "skip": "ignore", "flag": "ignore"}
"""By the verdict on a piece: the answer of the example that holds it alone."""


class Prodigy(Exporter):
    """Examples for ``ner``, ``spans``, ``rel`` and ``textcat``."""

    id: ClassVar[str] = "prodigy"
    holds: ClassVar[frozenset[Aspect]] = frozenset(
        (
            "mentions", "relations", "items", "fields", "labels",
            "verdict", "rejected", "reviewer", "time", "reason", "comment", "carried", "skipped", "added",
            "confidence", "title",
        )
    )  # fmt: skip

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """All examples in one file."""
        rows = (row for document in documents for row in _examples(document, losses))
        return {"prodigy.jsonl": b"".join(json_bytes(row) + b"\n" for row in rows)}


def _examples(document: AnnotatedDocument, losses: Losses) -> Iterator[dict[str, Any]]:
    every = spans_of(document)
    tokens = tokens_of(document.text, every)
    spans = [span for span in every if inside(tokens, span.start, span.end)]
    losses.add("blank_spans", len(every) - len(spans))
    links = links_of(document, spans, losses)
    kept = [piece for piece in document.labels if piece.verdict not in ANSWERS]
    _count_labels(kept, losses)
    base = _Base(document, tokens)
    yield base.example(
        [span for span in spans if span.piece.verdict not in ANSWERS],
        [link for link in links if _stands(link)],
        kept,
        _answer(document),
        document.decision,
        whole=True,
    )
    for span in spans:
        if span.piece.verdict in ANSWERS:
            yield base.example([span], [], [], ANSWERS[span.piece.verdict], span.piece.decision)
    for link in links:
        if not _stands(link):
            ends = list({link.head.id: link.head, link.tail.id: link.tail}.values())
            answer = ANSWERS.get(link.piece.verdict or "", "ignore")
            yield base.example(ends, [link], [], answer, link.piece.decision)
    for piece in document.labels:
        if piece.verdict in ANSWERS:
            yield base.example([], [], [piece], ANSWERS[piece.verdict], piece.decision)


def _count_labels(labels: Sequence[Piece[Any]], losses: Losses) -> None:
    """The labels of a text are one list of words: who accepted each, when and why has no room."""
    decisions = [piece.decision for piece in labels if piece.decision]
    losses.add("reviewer", sum(bool(one.reviewer) for one in decisions))
    losses.add("time", sum(one.time is not None for one in decisions))
    losses.add("reason", sum(one.reason is not None for one in decisions))
    losses.add("comment", sum(bool(one.comment) for one in decisions))


def _stands(link: Link) -> bool:
    return not any(piece.verdict in ANSWERS for piece in (link.piece, link.head.piece, link.tail.piece))


def _answer(document: AnnotatedDocument) -> str | None:
    """The answer of the example with all that stands; None where nobody has judged."""
    if document.decision and document.decision.verdict in ANSWERS:
        return ANSWERS[document.decision.verdict]
    return "accept" if document.reviewed else None


class _Base:
    """What the examples of one document share."""

    def __init__(self, document: AnnotatedDocument, tokens: list[Token]) -> None:
        self._document = document
        self._tokens = tokens

    def example(
        self,
        spans: Sequence[Span],
        links: Sequence[Link],
        labels: Iterable[Piece[Any]],
        answer: str | None,
        decision: Decision | None,
        *,
        whole: bool = False,
    ) -> dict[str, Any]:
        """One line of the file."""
        document = self._document
        meta: dict[str, Any] = {"document": document.id, "task": document.task, "lang": document.lang}
        if whole and decision:
            meta["decision"] = decision.model_dump(mode="json", exclude_defaults=True)
        row: dict[str, Any] = {
            "text": document.text,
            "tokens": [self._token(number, token) for number, token in enumerate(self._tokens)],
            "spans": [self._span(span) for span in spans],
            "meta": meta | ({"title": document.title} if document.title else {}),
        }
        if links:
            row["relations"] = [self._relation(link) for link in links]
        chosen = [piece.current.text for piece in labels]
        if chosen:
            row |= {"options": [{"id": label, "text": label} for label in chosen], "accept": chosen}
        if answer:
            row["answer"] = answer
        return row | _told(decision)

    def _token(self, number: int, token: Token) -> dict[str, Any]:
        words = self._document.text[token.start : token.end]
        return {"text": words, "start": token.start, "end": token.end, "id": number, "ws": token.spaced}

    def _span(self, span: Span) -> dict[str, Any]:
        first, last = inside(self._tokens, span.start, span.end) or (0, 0)
        found: dict[str, Any] = {
            "start": span.start, "end": span.end, "token_start": first, "token_end": last, "label": span.type,
            "id": span.id,
        }  # fmt: skip
        if span.piece.confidence is not None:
            found["score"] = span.piece.confidence
        return found | _decided(span.piece, reviewed=self._document.reviewed)

    def _relation(self, link: Link) -> dict[str, Any]:
        head, child = self._span(link.head), self._span(link.tail)
        return {
            "head": head["token_end"], "child": child["token_end"], "head_span": head, "child_span": child,
            "label": link.predicate, "id": link.id,
        } | _decided(link.piece, reviewed=self._document.reviewed)  # fmt: skip


def _decided(piece: Piece[Any], *, reviewed: bool) -> dict[str, Any]:
    """A verdict beside the span: the answer alone does not tell who gave it, nor why, nor what is still open."""
    told: dict[str, Any] = {}
    if piece.decision:
        told = {"decision": piece.decision.model_dump(mode="json", exclude_defaults=True)}
    elif reviewed and not piece.added:
        told = {"pending": True}
    return told | ({"added": True} if piece.added else {})


def _told(decision: Decision | None) -> dict[str, Any]:
    """Who answered and when, under Prodigy's own keys."""
    if decision is None:
        return {}
    found: dict[str, Any] = {"_annotator_id": decision.reviewer} if decision.reviewer else {}
    return found | ({"_timestamp": int(decision.time.timestamp())} if decision.time else {})
