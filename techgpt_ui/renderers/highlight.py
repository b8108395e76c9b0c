"""A source text with its mentions marked; nested and overlapping ones are cut at every border."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from techgpt_ui.renderers.markup import hue, say, tag
from techgpt_ui.schema import Mention

MAX_LEVELS = 4
"""Underlines drawn below each other; deeper nesting shares the last."""


def highlight(source: str, mentions: Sequence[Mention], cut_at: int | None = None) -> Markup:
    """The source as HTML; ``cut_at`` marks where the model's view of it ended."""
    placed = [mention for mention in mentions if mention.start is not None and mention.end is not None]
    borders = {0, len(source)} | {cut_at or 0}
    for mention in placed:
        borders |= {mention.start or 0, mention.end or 0}
    marks = sorted(borders)
    body = Markup()
    for start, end in pairwise(marks):
        if cut_at is not None and start == cut_at:
            body += tag("span", Markup("✂ ") + say("view.cut_here"), "cut")
        covering = [m for m in placed if (m.start or 0) <= start and end <= (m.end or 0)]
        body += _segment(source[start:end], covering, ends_here=[m for m in covering if m.end == end])
    return tag("div", body, "source") if source else Markup("")


def legend(mentions: Sequence[Mention]) -> Markup:
    """The types with their counts."""
    counts = Counter(mention.type for mention in mentions if mention.start is not None and mention.type)
    items = [
        Markup('<span class="key" style="--hue:{}">{} <b>{}</b></span>').format(hue(kind), kind, count)
        for kind, count in counts.items()
    ]
    return tag("div", Markup().join(items), "legend") if items else Markup("")


def ungrounded_list(mentions: Sequence[Mention]) -> Markup:
    """The mentions that do not stand in the source."""
    missing = [mention for mention in mentions if mention.status == "ungrounded"]
    if not missing:
        return Markup("")
    items = Markup().join(
        tag("li", f"{mention.surface} · {mention.type}" if mention.type else mention.surface, "") for mention in missing
    )
    return tag("div", say("view.ungrounded") + tag("ul", items, ""), "ungrounded")


def _segment(text: str, covering: Sequence[Mention], ends_here: Sequence[Mention]) -> Markup:
    if not covering:
        return Markup("{}").format(text)
    outer_first = sorted(covering, key=lambda mention: ((mention.start or 0) - (mention.end or 0), mention.id))
    inner = outer_first[-1]
    lines = ", ".join(
        f"0 {3 * level + 2}px 0 hsl({hue(mention.type)} 55% 50%)"
        for level, mention in enumerate(reversed(outer_first[:MAX_LEVELS]))
    )
    labels = Markup().join(
        Markup('<sub style="--hue:{}">{}</sub>').format(hue(m.type), m.type) for m in reversed(ends_here) if m.type
    )
    title = " / ".join(m.type or m.surface for m in outer_first)
    return Markup('<mark style="--hue:{};box-shadow:{}" data-ids="{}" title="{}" dir="auto">{}</mark>{}').format(
        hue(inner.type), lines, " ".join(m.id for m in outer_first), title, text, labels
    )
