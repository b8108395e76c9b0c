"""A Result as tab-separated rows for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from techgpt_ui.renderers.tables import Row, mention_rows, offset, relation_rows
from techgpt_ui.schema import Item, Result


def result_rows(result: Result) -> Iterator[Row]:
    """What was read from an answer, a row a piece; running text and code as they are."""
    if result.relations is not None:
        yield from (row[:3] for row in relation_rows(result.mentions or (), result.relations))
    elif result.mentions is not None:
        yield from ((_place(row[2], row[3]), row[1], row[0], row[4]) for row in mention_rows(result.mentions))
    for code in result.code or ():
        yield (code.source,)
    if result.text:
        yield (result.text,)
    for name, values in (result.fields or {}).items():
        yield (name, *(value.text for value in values))
    for label in result.labels or ():
        yield (label.text, "" if label.score is None else f"{label.score:.4f}")
    yield from _items(result.items or ())


def _items(items: Iterable[Item]) -> Iterator[Row]:
    for item in items:
        yield _place(offset(item.start), offset(item.end)), item.text, item.status


def _place(start: str, end: str) -> str:
    return f"{start}-{end}" if start else "-"
