"""Label Studio: the tasks to import, and the labelling configuration that fits them.

What the model proposed is a prediction. What a reviewer stands behind is an annotation, one a reviewer; what was
rejected is in the prediction alone. Label Studio keeps a task's ``meta`` untouched, so verdicts travel
there, by region. Offsets are half-open code points.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument, Kind, Piece
from techgpt_ui.exporters.base import PIECES, REVIEW, Aspect, Context, Exporter, Losses
from techgpt_ui.exporters.characters import plain
from techgpt_ui.exporters.spans import span_of, type_of
from techgpt_ui.schema import Relation
from techgpt_ui.store.encoding import json_bytes

CONTROLS: dict[Kind, str] = {"mentions": "label", "items": "item", "fields": "field"}
"""The name of the control that labels the spans of a kind."""
CHOICES = "class"
ANSWER = "answer"
TEXT = "text"


class LabelStudio(Exporter):
    """``tasks.json`` and ``config.xml``."""

    id: ClassVar[str] = "label_studio"
    holds: ClassVar[frozenset[Aspect]] = PIECES | REVIEW | {"confidence", "opinions", "title", "provenance"}

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """Tasks and configuration."""
        tasks = [_task(document, losses) for document in documents]
        return {"tasks.json": json_bytes(tasks, indent=1) + b"\n", "config.xml": labelling_config(documents)}


def labelling_config(documents: Sequence[AnnotatedDocument]) -> bytes:
    """The labelling configuration with every type, predicate and label that occurs."""
    view = ET.Element("View")
    kinds: dict[Kind, dict[str, None]] = {kind: {} for kind in (*CONTROLS, "relations", "labels", "texts")}
    for document in documents:
        for kind, piece in document.pieces():
            for value in filter(None, (piece.value, piece.edited)):
                kinds[kind][_name(kind, value, document.task)] = None
    for kind, control in CONTROLS.items():
        _control(view, "Labels", "Label", control, kinds[kind])
    if kinds["relations"]:
        relations = ET.SubElement(view, "Relations")
        for name in kinds["relations"]:
            ET.SubElement(relations, "Relation", value=plain(name))
    _control(view, "Choices", "Choice", CHOICES, kinds["labels"])
    ET.SubElement(view, "Text", name=TEXT, value=f"${TEXT}")
    if kinds["texts"]:
        ET.SubElement(view, "TextArea", name=ANSWER, toName=TEXT, editable="true")
    ET.indent(view)
    return ET.tostring(view, encoding="utf-8", xml_declaration=False) + b"\n"


def _name(kind: Kind, value: Any, task: str) -> str:
    if isinstance(value, Relation):
        return value.predicate
    return value.text if kind in ("labels", "texts") else type_of(value, task)


def _control(view: ET.Element, outer: str, inner: str, name: str, values: Iterable[str]) -> None:
    found = list(values)
    if found:
        control = ET.SubElement(view, outer, name=name, toName=TEXT)
        for value in found:
            ET.SubElement(control, inner, value=plain(value))


def _task(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
    known = document.provenance
    proposed = [(kind, piece) for kind, piece in document.pieces() if not piece.added]
    result = list(_results(document, proposed, losses, proposed=True))
    losses.add("rejected", sum(piece.added and piece.rejected for _, piece in document.pieces()))
    scores = [piece.confidence for _, piece in proposed if piece.confidence is not None]
    prediction: dict[str, Any] = {"model_version": known.model_version or "unknown", "result": result}
    if scores:
        prediction["score"] = sum(scores) / len(scores)
    data = {"text": plain(document.text, losses)} | ({"title": plain(document.title)} if document.title else {})
    return {
        "data": data,
        "meta": _meta(document),
        "predictions": [prediction] if result else [],
        "annotations": list(_annotations(document)),
    }


def _meta(document: AnnotatedDocument) -> dict[str, Any]:
    pieces = [piece for _, piece in document.pieces()]
    meta: dict[str, Any] = {
        "document": document.id,
        "task": document.task,
        "lang": document.lang,
        "provenance": document.provenance.model_dump(mode="json", exclude_defaults=True),
    }
    if document.decision:
        meta["decision"] = document.decision.model_dump(mode="json", exclude_defaults=True)
    if opinions := {piece.id: _opinions(piece) for piece in pieces if piece.opinions}:
        meta["opinions"] = opinions
    if document.reviewed:
        meta["review"] = {
            piece.id: piece.decision.model_dump(mode="json", exclude_defaults=True)
            for piece in pieces
            if piece.decision
        }
        meta["pending"] = [piece.id for piece in pieces if piece.decision is None and not piece.added]
    return meta


def _opinions(piece: Piece[Any]) -> list[Any]:
    return [opinion.model_dump(mode="json", exclude_defaults=True) for opinion in piece.opinions]


def _annotations(document: AnnotatedDocument) -> Iterator[dict[str, Any]]:
    """One for each reviewer who stands behind something, or one that says the document was skipped."""
    whole = document.decision
    if whole and whole.verdict == "skip":
        yield _annotation(whole.reviewer, [], was_cancelled=True)
        return
    judged = [(kind, piece) for kind, piece in document.pieces() if piece.decision or piece.added]
    settled = [(kind, piece) for kind, piece in judged if piece.settled]
    only_skipped = all(piece.verdict == "skip" for _, piece in judged)
    if judged and not settled and (only_skipped or any(piece.rejected for _, piece in judged)):
        yield _annotation(_reviewer(judged[0][1]), [], was_cancelled=only_skipped)
    for reviewer in dict.fromkeys(_reviewer(piece) for _, piece in settled):
        own = [(kind, piece) for kind, piece in settled if _reviewer(piece) == reviewer]
        yield _annotation(reviewer, list(_results(document, _with_ends(document, own), Losses())))


def _with_ends(document: AnnotatedDocument, pieces: list[tuple[Kind, Piece[Any]]]) -> list[tuple[Kind, Piece[Any]]]:
    """The pieces and the mentions that their relations end at, without which these could not be drawn."""
    here = {piece.id for _, piece in pieces}
    ends = {
        end
        for kind, piece in pieces
        if kind == "relations"
        for end in (piece.current.head, piece.current.tail)
        if end not in here
    }
    others: list[tuple[Kind, Piece[Any]]] = [("mentions", one) for one in document.mentions if one.id in ends]
    return [*others, *pieces]


def _reviewer(piece: Piece[Any]) -> str:
    return piece.decision.reviewer if piece.decision else ""


def _annotation(reviewer: str, result: list[Any], *, was_cancelled: bool = False) -> dict[str, Any]:
    annotation: dict[str, Any] = {"was_cancelled": was_cancelled, "ground_truth": False, "result": result}
    # Label Studio knows its people by e-mail and refuses a task that names somebody else.
    return {"completed_by": {"email": reviewer}} | annotation if "@" in reviewer else annotation


def _results(
    document: AnnotatedDocument, pieces: list[tuple[Kind, Piece[Any]]], losses: Losses, *, proposed: bool = False
) -> Iterator[dict[str, Any]]:
    drawn: set[str] = set()
    for kind, piece in pieces:
        value = piece.value if proposed else piece.current
        if kind in CONTROLS:
            span = span_of(document, kind, piece, proposed=proposed)
            if span:
                drawn.add(piece.id)
                yield _region(document, CONTROLS[kind], piece, span.start, span.end, span.type)
        elif kind == "relations":
            if {value.head, value.tail} <= drawn:
                yield _relation(piece.id, value)
            else:
                losses.add("ends_lost")
        else:
            yield _whole(kind, piece.id, value)


def _region(
    document: AnnotatedDocument, control: str, piece: Piece[Any], start: int, end: int, label: str
) -> dict[str, Any]:
    words = plain(document.text[start:end])
    region: dict[str, Any] = {
        "id": piece.id,
        "from_name": control,
        "to_name": TEXT,
        "type": "labels",
        "value": {"start": start, "end": end, "text": words, "labels": [plain(label)]},
    }
    if piece.confidence is not None:
        region["score"] = piece.confidence
    if piece.decision and piece.decision.comment:
        region["meta"] = {"text": [plain(piece.decision.comment)]}
    return region


def _relation(ident: str, value: Relation) -> dict[str, Any]:
    return {
        "id": ident,
        "from_id": value.head,
        "to_id": value.tail,
        "type": "relation",
        "direction": "right",
        "labels": [plain(value.predicate)],
    }


def _whole(kind: Kind, ident: str, value: Any) -> dict[str, Any]:
    """A label or an answer, which is said of the text as a whole."""
    name, key = (CHOICES, "choices") if kind == "labels" else (ANSWER, "text")
    return {
        "id": ident,
        "from_name": name,
        "to_name": TEXT,
        "type": "choices" if kind == "labels" else "textarea",
        "value": {key: [plain(value.text)]},
    }
