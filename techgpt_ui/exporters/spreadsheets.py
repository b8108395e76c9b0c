"""CSV and XLSX: a row a piece. No cell is taken for a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.exporters.base import PIECES, REVIEW, Aspect, Context, Exporter, Losses, library_for
from techgpt_ui.exporters.characters import plain
from techgpt_ui.exporters.table import COLUMNS, Row, rows_of
from techgpt_ui.renderers.tables import rows_to_csv

HELD: frozenset[Aspect] = PIECES | REVIEW | {"ungrounded", "alignment", "confidence", "title"}
MAX_CELL = 32_767
"""Characters that a cell of a spreadsheet holds, in UTF-16 units."""


class Csv(Exporter):
    """UTF-8 with a BOM, by which Excel knows Chinese; what looks like a formula is put behind an apostrophe."""

    id: ClassVar[str] = "csv"
    holds: ClassVar[frozenset[Aspect]] = HELD

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """One table of all documents."""
        rows = [_cells(row) for document in documents for row in rows_of(document)]
        return {"annotations.csv": rows_to_csv(COLUMNS, rows)}


class Xlsx(Exporter):
    """A workbook with a sheet for each kind of piece; every cell is text or a number."""

    id: ClassVar[str] = "xlsx"
    holds: ClassVar[frozenset[Aspect]] = HELD
    needs: ClassVar[str | None] = "openpyxl"

    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """The workbook."""
        sheets: dict[str, list[Row]] = {}
        for document in documents:
            for row in rows_of(document):
                sheets.setdefault(f"{row['kind']}s", []).append(row)
        book = library_for("openpyxl").Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            _fill(book.create_sheet(name), rows, losses)
        sink = io.BytesIO()
        book.save(sink)
        return {"annotations.xlsx": sink.getvalue()}


def _cells(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(column, "")) for column in COLUMNS)


def _fill(sheet: Any, rows: Sequence[Row], losses: Losses) -> None:
    columns = [column for column in COLUMNS if any(row.get(column) not in (None, "") for row in rows)]
    for at, column in enumerate(columns, start=1):
        sheet.cell(1, at, column)
    for number, row in enumerate(rows, start=2):
        for at, column in enumerate(columns, start=1):
            content = row.get(column)
            if content not in (None, ""):
                _write(sheet.cell(number, at), content, losses)
    sheet.freeze_panes = "A2"


def _write(cell: Any, content: Any, losses: Losses) -> None:
    if isinstance(content, (int, float)):
        cell.value = content
        return
    words = _shortened(plain(content, losses), losses)
    cell.value = words
    # Text that begins like a formula stays text, also where somebody edits the cell.
    cell.data_type = "s"
    if words.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True


def _shortened(words: str, losses: Losses) -> str:
    units = words.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL:
        return words
    losses.add("cut")
    return units[: 2 * MAX_CELL].decode("utf-16-le", "ignore")
