"""The CSV table of our own export, perhaps worked on in a spreadsheet: a row a piece, with its verdict."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import ValidationError

from techgpt_ui.annotations import KINDS, AnnotatedDocument, Answer, Decision, FieldValue, Kind, Piece, Provenance
from techgpt_ui.gold.files import MAX_BYTES
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers import base
from techgpt_ui.renderers.tables import unescaped
from techgpt_ui.schema import Item, Label, Mention, Record, Relation

DOCUMENT = "document"
NEEDED = ("document", "kind", "id", "text", "task")
DECISION = ("verdict", "reviewer", "time", "reason", "comment", "carried")
EDITED = "edited_"

Row = dict[str, str]


class _Shape:
    """How the rows of a kind become pieces."""

    def __init__(self, kind: Kind, value: type[Record], columns: str) -> None:
        self.kind = kind
        self.value = value
        self.columns = [pair.partition("=")[::2] for pair in columns.split()]
        """Attributes and, where that is named otherwise, their columns."""

    def read(self, row: Row, prefix: str = "") -> dict[str, Any]:
        """The attributes of a value; empty cells of what may be absent are None."""
        found: dict[str, Any] = {name: row.get(prefix + (column or name), "") for name, column in self.columns}
        absent = {"start", "end", "confidence", "score", "language"}
        return {name: None if name in absent and cell == "" else cell for name, cell in found.items()}


_SHAPES = {
    "mention": _Shape("mentions", Mention, "type surface text start end status confidence"),
    "relation": _Shape("relations", Relation, "head predicate tail confidence"),
    "item": _Shape("items", Item, "text start end status"),
    "field": _Shape("fields", FieldValue, "field=type text start end status"),
    "label": _Shape("labels", Label, "text score=confidence"),
    "answer": _Shape("texts", Answer, "text language"),
}
_PIECES: Mapping[Kind, type[Piece[Any]]] = {
    "mentions": Piece[Mention],
    "relations": Piece[Relation],
    "items": Piece[Item],
    "fields": Piece[FieldValue],
    "labels": Piece[Label],
    "texts": Piece[Answer],
}


class CsvTable(base.Importer):
    """A table whose columns have the names of our export; further columns are passed over."""

    id: ClassVar[str] = "csv"

    def recognises(self, source: Source) -> bool:
        """Whether the first line names the columns that it cannot do without."""
        if len(source.members) != 1:
            return False
        content = next(iter(source.members.values()))
        first = content.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
        return set(NEEDED) <= {name.strip('"') for name in first.strip().split(",")}

    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """One document for each row of the kind ``document``, with the rows that name it."""
        heads: dict[str, tuple[Row, Place]] = {}
        pieces: dict[str, list[tuple[Row, Place]]] = {}
        for row, place in _rows(source):
            if row["kind"] == DOCUMENT:
                heads[row["document"]] = (row, place)
            elif row["kind"] in _SHAPES:
                pieces.setdefault(row["document"], []).append((row, place))
            else:
                raise place.fault("import_unsound", why=quoted(f"kind: {row['kind']}"))
        for orphan in pieces.keys() - heads.keys():
            _, place = pieces[orphan][0]
            raise place.fault("import_no_document", name=quoted(orphan))
        for ident, (row, place) in heads.items():
            yield _document(row, place, pieces.get(ident, []))


def _rows(source: Source) -> Iterator[tuple[Row, Place]]:
    # Not settled: a line end within a cell is part of the text.
    content = next(iter(source.members.values())).decode("utf-8-sig", "replace")
    reader = csv.DictReader(io.StringIO(content, newline=""), restval="")
    # The limit is the whole process's, so it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_BYTES))
    try:
        for row in reader:
            cells = {name: unescaped(cell or "") for name, cell in row.items() if name}
            yield cells, Place(source.name, reader.line_num)
    except csv.Error as error:
        raise Place(source.name, reader.line_num).fault("import_unsound", why=str(error)) from error


def _document(row: Row, place: Place, pieces: list[tuple[Row, Place]]) -> AnnotatedDocument:
    found: dict[str, tuple[Piece[Any], ...]] = dict.fromkeys(KINDS, ())
    for one, where in pieces:
        shape = _SHAPES[one["kind"]]
        found[shape.kind] = (*found[shape.kind], _piece(shape, one, where))
    return base.document(
        place,
        id=row["document"],
        text=row["text"],
        lang=row.get("lang"),
        title=row.get("title"),
        task=row.get("task") or base.usual_task(found),
        decision=_decision(row, place),
        provenance=Provenance(run=row.get("run", "")),
        **found,
    )


def _piece(shape: _Shape, row: Row, place: Place) -> Piece[Any]:
    decision = _decision(row, place)
    ids = {"id": row["id"]} if shape.kind in ("mentions", "relations") else {}
    edit = decision is not None and decision.verdict == "edit"
    values = {
        "id": row["id"],
        "value": shape.read(row) | ids,
        "edited": shape.read(row, EDITED) | ids if edit else None,
        "decision": decision,
        "added": row.get("added", "") == "yes",
        "model": row.get("model", ""),
    }
    try:
        return _PIECES[shape.kind].model_validate(values)
    except ValidationError as error:
        raise place.fault("import_unsound", why=base.reason(error)) from error


def _decision(row: Row, place: Place) -> Decision | None:
    told = {name: row[name] for name in DECISION if row.get(name)}
    return base.decision(told, place) if "verdict" in told else None
