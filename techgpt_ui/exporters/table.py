"""Documents as one table, a row a piece, for CSV and for spreadsheets; it holds what a reviewer did as well.

A row of the kind ``document`` comes first and has the text; the rows of its pieces follow. ``head`` and ``tail`` are
ids of mentions, their words stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from techgpt_ui.annotations import AnnotatedDocument, Decision, Kind, Piece
from techgpt_ui.schema import Relation

DOCUMENT = "document"
SINGULAR: dict[Kind, str] = {
    "mentions": "mention",
    "relations": "relation",
    "items": "item",
    "fields": "field",
    "labels": "label",
    "texts": "answer",
}
VALUE_COLUMNS = (
    "type", "text", "surface", "start", "end", "status", "head", "predicate", "tail", "language", "confidence",
)  # fmt: skip
"""What values have; ``type`` is a field's name for its values."""
DECISION_COLUMNS = ("verdict", "reviewer", "time", "reason", "comment", "carried")
EDITED = "edited_"
"""How the columns of a corrected value begin."""
COLUMNS = (
    "document", "kind", "id", *VALUE_COLUMNS, "head_text", "tail_text", *DECISION_COLUMNS, "added",
    *(EDITED + name for name in VALUE_COLUMNS), "model", "lang", "title", "task", "run",
)  # fmt: skip
COLUMN_OF = {"field": "type", "score": "confidence"}
"""The columns of attributes that are named otherwise."""

Row = dict[str, Any]


def rows_of(document: AnnotatedDocument) -> Iterator[Row]:
    """The rows of one document, each with the columns that it fills."""
    known = document.provenance
    yield {
        "document": document.id,
        "kind": DOCUMENT,
        "text": document.text,
        "model": known.model_version,
        "lang": document.lang,
        "title": document.title,
        "task": document.task,
        "run": known.run,
    } | _decided(document.decision)
    words = {piece.id: piece.current.text or piece.current.surface for piece in document.mentions}
    for kind, piece in document.pieces():
        yield _row(document.id, kind, piece, words)


def _row(document: str, kind: Kind, piece: Piece[Any], words: dict[str, str]) -> Row:
    row: Row = {"document": document, "kind": SINGULAR[kind], "id": piece.id, "model": piece.model}
    row |= _value(piece.value) | _decided(piece.decision)
    if isinstance(piece.current, Relation):
        row |= {"head_text": words[piece.current.head], "tail_text": words[piece.current.tail]}
    if piece.edited is not None:
        row |= {EDITED + name: value for name, value in _value(piece.edited).items()}
    return row | ({"added": "yes"} if piece.added else {})


def _value(value: Any) -> Row:
    found = {COLUMN_OF.get(name, name): content for name, content in value.model_dump(exclude={"id"}).items()}
    return {name: content for name, content in found.items() if content is not None}


def _decided(decision: Decision | None) -> Row:
    if decision is None:
        return {}
    found = decision.model_dump(exclude_defaults=True)
    found |= {"time": decision.time.isoformat()} if decision.time else {}
    return found | ({"carried": "yes"} if decision.carried else {})
