"""Rows of a result, as an HTML table and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from markupsafe import Markup

from techgpt_ui.renderers.answer import Download, View
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.schema import Mention, Relation

Row = tuple[str, ...]
MENTION_COLUMNS = ("text", "type", "start", "end", "status", "confidence")
RELATION_COLUMNS = ("head", "predicate", "tail", "confidence")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def mention_rows(mentions: Sequence[Mention]) -> list[Row]:
    """A row a mention, in the order of the text."""
    return [
        (m.text or m.surface, m.type, offset(m.start), offset(m.end), m.status, _share(m.confidence)) for m in mentions
    ]


def relation_rows(mentions: Sequence[Mention], relations: Sequence[Relation]) -> list[Row]:
    """A row a triple, ends spelled out."""
    words = {mention.id: mention.text or mention.surface for mention in mentions}
    return [(words[r.head], r.predicate, words[r.tail], _share(r.confidence)) for r in relations]


def table_html(columns: Sequence[str], rows: Sequence[Row]) -> Markup:
    """An escaped table; empty when there are no rows."""
    if not rows:
        return tag("p", say("view.no_rows"), "empty")
    head = Markup().join(tag("th", say(f"column.{column}"), "") for column in columns)
    body = Markup().join(
        tag("tr", Markup().join(_cell(*entry) for entry in zip(columns, row, strict=True)), "") for row in rows
    )
    return Markup(
        '<div class="table-frame" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(head, body)


def table_view(main: Markup, columns: Sequence[str], rows: Sequence[Row]) -> View:
    """A view whose table and file hold the same rows."""
    download = Download(suffix="csv", content=rows_to_csv(columns, rows)) if rows else None
    return View(main=str(main), table=str(table_html(columns, rows)), download=download)


def rows_to_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """CSV for a spreadsheet: UTF-8 with BOM, and no cell that would be taken for a formula."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(columns)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return ("\ufeff" + sink.getvalue()).encode("utf-8", "replace")


def _cell(column: str, content: str) -> Markup:
    shown = say(f"alignment.{content}") if column == "status" else content
    return Markup('<td dir="auto">{}</td>').format(shown)


def _harmless(cell: str) -> str:
    # An apostrophe before a formula is doubled, so that a reader can take one away and has the cell as it was.
    return "'" + cell if cell.lstrip("'").startswith(_FORMULA_STARTS) else cell


def unescaped(cell: str) -> str:
    """The cell that ``rows_to_csv`` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA_STARTS) else cell


def offset(value: int | None) -> str:
    """A place in the text as a cell; "" for none."""
    return "" if value is None else str(value)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
