"""Fields of an open extraction as cards, their values marked in the text."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from techgpt_ui.renderers.answer import Answer, View, as_mentions
from techgpt_ui.renderers.highlight import highlight
from techgpt_ui.renderers.markup import hue, say, tag
from techgpt_ui.renderers.tables import Row, offset, table_view
from techgpt_ui.schema import Item

FIELD_COLUMNS = ("field", "value", "start", "end", "status")


def fields_view(answer: Answer) -> View:
    """A card a field, the text with all values marked, and a row a value."""
    fields = answer.found.fields or {}
    cards = Markup().join(_card(name, values) for name, values in fields.items())
    head = tag("div", cards, "cards") if fields else Markup("")
    mentions = [
        mention.model_copy(update={"id": f"{name}-{mention.id}"})
        for name, values in fields.items()
        for mention in as_mentions(values, name)
    ]
    rows = [_row(name, value) for name, values in fields.items() for value in values]
    return table_view(head + highlight(answer.source, mentions, answer.cut_at), FIELD_COLUMNS, rows)


def _card(name: str, values: Sequence[Item]) -> Markup:
    if values:
        listed = Markup().join(tag("li", _value(value), "") for value in values)
        body = tag("ul", listed, "")
    else:
        body = tag("p", say("view.no_value"), "none")
    return Markup('<section class="card" style="--hue:{}"><h4>{}</h4>{}</section>').format(hue(name), name, body)


def _value(value: Item) -> Markup:
    mark = say("view.absent") if value.start is None else Markup("")
    return Markup("{} <small>{}</small>").format(value.text, mark)


def _row(name: str, value: Item) -> Row:
    return name, value.text, offset(value.start), offset(value.end), value.status
