"""Which pieces of a document a format gets, and what of them it will lose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from techgpt_ui.annotations import KINDS, AnnotatedDocument, Kind, Piece
from techgpt_ui.exporters.base import Aspect, Exporter, Losses
from techgpt_ui.schema import Item, Mention


def selected(document: AnnotatedDocument, exporter: Exporter, losses: Losses, *, settled: bool) -> AnnotatedDocument:
    """The document without the pieces that the format has no room for; the losses are counted."""
    kept: dict[str, tuple[Piece[Any], ...]] = {
        kind: tuple(_held(document, kind, exporter, losses, settled=settled)) for kind in KINDS
    }
    mentions = {mention.id: mention for mention in kept["mentions"]}
    if settled and kept["relations"]:
        # Who stands behind a triple stands behind its ends.
        wanted = {end for relation in kept["relations"] for end in (relation.current.head, relation.current.tail)}
        others = (mention for mention in document.mentions if mention.id in wanted and not mention.rejected)
        mentions |= {mention.id: mention for mention in others}
        kept["mentions"] = tuple(mention for mention in document.mentions if mention.id in mentions)
    relations = tuple(relation for relation in kept["relations"] if _ends(relation) <= mentions.keys())
    losses.add("ends_rejected", len(kept["relations"]) - len(relations))
    chosen = document.model_copy(update={**kept, "relations": relations})
    _count(chosen, exporter, losses)
    return chosen


def _ends(relation: Piece[Any]) -> set[str]:
    values = [relation.value, *([relation.edited] if relation.edited else [])]
    return {end for value in values for end in (value.head, value.tail)}


def _held(
    document: AnnotatedDocument, kind: Kind, exporter: Exporter, losses: Losses, *, settled: bool
) -> Iterator[Piece[Any]]:
    pieces: tuple[Piece[Any], ...] = getattr(document, kind)
    if kind not in exporter.holds:
        losses.add(kind, len(pieces))
        return
    for piece in pieces:
        if settled and not piece.settled:
            losses.add("rejected" if piece.rejected else "unsettled")
        elif piece.rejected and "rejected" not in exporter.holds:
            losses.add("rejected")
        else:
            yield piece


def _count(document: AnnotatedDocument, exporter: Exporter, losses: Losses) -> None:
    """Count what the pieces that go into the format lose there."""
    lost: dict[Aspect, int] = dict.fromkeys(_PIECE_ASPECTS, 0)
    for _, piece in document.pieces():
        for aspect in _aspects(piece):
            lost[aspect] += 1
    lost["skipped"] = int(document.decision is not None and document.decision.verdict == "skip")
    lost["title"] = int(bool(document.title))
    known = document.provenance
    lost["provenance"] = int(bool(known.run or known.model or known.prompt))
    for aspect, count in lost.items():
        if aspect not in exporter.holds:
            losses.add(aspect, count)


_PIECE_ASPECTS: tuple[Aspect, ...] = (
    "ungrounded", "alignment", "confidence", "original", "verdict", "reviewer", "time", "reason", "comment", "added",
    "carried", "opinions",
)  # fmt: skip


def _aspects(piece: Piece[Any]) -> Iterator[Aspect]:
    value = piece.current
    if isinstance(value, (Mention, Item)) and value.status != "exact":
        yield "ungrounded" if value.start is None else "alignment"
    if piece.confidence is not None:
        yield "confidence"
    if piece.edited is not None:
        yield "original"
    if piece.added:
        yield "added"
    if piece.opinions:
        yield "opinions"
    if decision := piece.decision:
        yield "verdict"
        for aspect in _DECISION_ASPECTS:
            if getattr(decision, aspect):
                yield aspect


_DECISION_ASPECTS: tuple[Aspect, ...] = ("reviewer", "time", "reason", "comment", "carried")
