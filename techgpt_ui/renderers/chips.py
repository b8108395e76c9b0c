"""Keywords and terms as chips: how often each stands in the text, or that it does not."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from techgpt_ui.renderers.answer import Answer, View, as_mentions
from techgpt_ui.renderers.highlight import highlight
from techgpt_ui.renderers.markup import copy_button, say, tag
from techgpt_ui.renderers.tables import Row, offset, table_view
from techgpt_ui.schema import Item

ITEM_COLUMNS = ("item", "count", "start", "end", "status")


def chips_view(answer: Answer) -> View:
    """Chips with counts, the text with the items marked, and a row an item."""
    items = answer.found.items or ()
    counts = [_count(item, answer.source) for item in items]
    chips = Markup().join(_chip(item, count) for item, count in zip(items, counts, strict=True))
    listed = "，".join(item.text for item in items)
    head = tag("div", chips + copy_button(listed), "chips") if items else Markup("")
    marked = highlight(answer.source, as_mentions(items), answer.cut_at)
    return table_view(head + marked, ITEM_COLUMNS, _rows(items, counts))


def _count(item: Item, source: str) -> int:
    """Occurrences in the source, whatever their case; at least one where the item was found in another spelling."""
    return max(source.casefold().count(item.text.casefold()), int(item.start is not None))


def _chip(item: Item, count: int) -> Markup:
    if item.start is None:
        return Markup('<span class="chip absent">{} <small>{}</small></span>').format(item.text, say("view.absent"))
    return Markup('<span class="chip">{} <small>×{}</small></span>').format(item.text, count)


def _rows(items: Sequence[Item], counts: Sequence[int]) -> list[Row]:
    return [
        (item.text, str(count), offset(item.start), offset(item.end), item.status)
        for item, count in zip(items, counts, strict=True)
    ]
