"""How an answer is shown: one view a renderer id."""

from __future__ import annotations

from collections.abc import Callable

from techgpt_ui.renderers.answer import Answer, View
from techgpt_ui.renderers.chips import chips_view
from techgpt_ui.renderers.code import code_view
from techgpt_ui.renderers.fields import fields_view
from techgpt_ui.renderers.highlight import highlight, legend, ungrounded_list
from techgpt_ui.renderers.labels import labels_view
from techgpt_ui.renderers.prose import evidence_view, parallel_view, prose_view
from techgpt_ui.renderers.tables import MENTION_COLUMNS, RELATION_COLUMNS, Row, mention_rows, relation_rows, table_view


def entities_view(answer: Answer) -> View:
    """Highlighted entities, legend, and a row an entity."""
    return _marked(answer, MENTION_COLUMNS, mention_rows(answer.found.mentions or ()))


def triples_view(answer: Answer) -> View:
    """The ends of the triples in the text, and a row a triple."""
    rows = relation_rows(answer.found.mentions or (), answer.found.relations or ())
    return _marked(answer, RELATION_COLUMNS, rows)


Renderer = Callable[[Answer], View]
RENDERERS: dict[str, Renderer] = {
    "entities": entities_view,
    "triples": triples_view,
    "chips": chips_view,
    "fields": fields_view,
    "labels": labels_view,
    "prose": prose_view,
    "evidence": evidence_view,
    "parallel": parallel_view,
    "code": code_view,
}


def _marked(answer: Answer, columns: tuple[str, ...], rows: list[Row]) -> View:
    mentions = answer.found.mentions or ()
    text = legend(mentions) + highlight(answer.source, mentions, answer.cut_at) + ungrounded_list(mentions)
    return table_view(text, columns, rows)
