"""JSONL: the Result of every document with what a reviewer made of it; and gold files for ``evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from techgpt_ui.annotations import KINDS, AnnotatedDocument
from techgpt_ui.exporters.base import EVERYTHING, PIECES, Aspect, Context, Exporter, Losses
from techgpt_ui.store.encoding import json_bytes

OWN_PROVENANCE = {"run", "created", "code_version", "variant"}
"""What a Result does not say of its origin."""


class ResultJsonl(Exporter):
    """A Result a line; beside its keys stand ``document``, ``inputs``, ``provenance``, ``review``. It holds all."""

    id: ClassVar[str] = "jsonl"
    holds: ClassVar[frozenset[Aspect]] = EVERYTHING

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """One line a document."""
        return {"results.jsonl": b"".join(json_bytes(_line(document)) + b"\n" for document in documents)}


class Gold(Exporter):
    """Gold of the one task that all documents have; of reviewed documents only what a reviewer stands behind."""

    id: ClassVar[str] = "gold"
    holds: ClassVar[frozenset[Aspect]] = PIECES | {"ungrounded", "alignment"}

    def wants_settled(self, document: AnnotatedDocument) -> bool:
        """Where anybody has judged; what nobody has is a draft, and is counted."""
        return document.reviewed

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """One line a document, with the keys of its task; the files are named after the tasks."""
        lines: dict[str, list[bytes]] = {}
        for document in documents:
            write = _GOLD.get(document.task)
            losses.add("unreviewed", not document.reviewed)
            row = {"task": document.task, **write(document, losses)} if write else {}
            if not row or any(not row.get(key, "-") for key in ("label", "title", "abstract", "answers", "reference")):
                losses.add("no_gold_form")
                continue
            lines.setdefault(document.task, []).append(json_bytes(row) + b"\n")
        return {f"gold-{task}.jsonl": b"".join(rows) for task, rows in lines.items()}


def _line(document: AnnotatedDocument) -> dict[str, Any]:
    told = document.result().to_stored()
    about = {name: getattr(document, name) for name in ("id", "lang", "title", "text")}
    review: dict[str, Any] = {
        kind: [piece.model_dump(mode="json", exclude_defaults=True) for piece in getattr(document, kind)]
        for kind in KINDS
        if getattr(document, kind)
    }
    if document.decision:
        review["decision"] = document.decision.model_dump(mode="json", exclude_defaults=True)
    provenance = document.provenance.model_dump(mode="json", include=OWN_PROVENANCE, exclude_defaults=True)
    return {**told, "document": about, "inputs": document.inputs, "provenance": provenance, "review": review}


def _ner(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
    placed = [piece.current for piece in document.mentions if piece.current.start is not None]
    losses.add("ungrounded", len(document.mentions) - len(placed))
    mentions = [{"start": one.start, "end": one.end, "type": one.type} for one in placed]
    return {"text": document.text, "mentions": mentions}


def _triples(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
    words = {piece.id: piece.current.text or piece.current.surface for piece in document.mentions}
    relations = [
        {"head": words[one.head], "predicate": one.predicate, "tail": words[one.tail]}
        for one in (piece.current for piece in document.relations)
    ]
    return {"text": document.text, "relations": relations}


def _items(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
    return {"text": document.text, "items": [piece.current.text for piece in document.items]}


def _domain(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
    losses.add("further_labels", max(0, len(document.labels) - 1))
    return {"text": document.text, "label": document.labels[0].current.text if document.labels else ""}


def _fields(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
    found: dict[str, list[str]] = {name: [] for name in document.provenance.field_names}
    for value in (piece.current for piece in document.fields):
        found.setdefault(value.field, []).append(value.text)
    return {"text": document.text, "fields": found}


def _answers(document: AnnotatedDocument) -> Iterator[str]:
    return (piece.current.text for piece in document.texts if piece.current.language is None)


def _one(key: str, *inputs: str) -> Callable[[AnnotatedDocument, Losses], dict[str, Any]]:
    """A gold line with inputs of the run, and its answer under ``key``."""

    def write(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
        return _given(document, inputs) | {key: "\n".join(_answers(document))}

    return write


def _several(key: str, *inputs: str) -> Callable[[AnnotatedDocument, Losses], dict[str, Any]]:
    def write(document: AnnotatedDocument, losses: Losses) -> dict[str, Any]:
        return _given(document, inputs) | {key: [*_answers(document)]}

    return write


def _given(document: AnnotatedDocument, names: Sequence[str]) -> dict[str, Any]:
    return {name: str(document.inputs.get(name, "")) for name in names}


_GOLD: dict[str, Callable[[AnnotatedDocument, Losses], dict[str, Any]]] = {
    "ner": _ner,
    "triples": _triples,
    "terms": _items,
    "keywords": _items,
    "domain": _domain,
    "open_ie": _fields,
    "abstract_to_title": _one("title", "abstract"),
    "title_to_abstract": _one("abstract", "title"),
    "mrc": _several("answers", "passage", "question"),
    "context_qa": _several("answers", "context", "question"),
    "translation": _several("reference", "text", "direction"),
}
"""By the task: a line of its gold file, as ``gold.contract_jsonl`` reads it."""
