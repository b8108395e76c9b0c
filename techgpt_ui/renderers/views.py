"""How a reading is shown: one view a renderer id."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

from techgpt_ui.renderers.highlight import highlight, legend, ungrounded_list
from techgpt_ui.renderers.tables import (
    MENTION_COLUMNS,
    RELATION_COLUMNS,
    Row,
    mention_rows,
    relation_rows,
    table_html,
)
from techgpt_ui.schema import Mention, Record, Relation


class View(Record):
    """What the output side of a tab shows."""

    text: str
    """HTML of the highlighted source."""
    table: str
    """HTML of the table."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def entities_view(source: str, mentions: Sequence[Mention], relations: Sequence[Relation], cut_at: int | None) -> View:
    """Highlighted entities, legend, and a row an entity."""
    return _view(source, mentions, cut_at, MENTION_COLUMNS, mention_rows(mentions))


def triples_view(source: str, mentions: Sequence[Mention], relations: Sequence[Relation], cut_at: int | None) -> View:
    """The ends of the triples in the text, and a row a triple."""
    return _view(source, mentions, cut_at, RELATION_COLUMNS, relation_rows(mentions, relations))


Renderer = Callable[[str, Sequence[Mention], Sequence[Relation], int | None], View]
RENDERERS: dict[str, Renderer] = {"entities": entities_view, "triples": triples_view}


def _view(
    source: str, mentions: Sequence[Mention], cut_at: int | None, columns: tuple[str, ...], rows: list[Row]
) -> View:
    text: Markup = legend(mentions) + highlight(source, mentions, cut_at) + ungrounded_list(mentions)
    return View(text=str(text), table=str(table_html(columns, rows)), columns=columns, rows=tuple(rows))
