"""Labels with their probabilities as bars."""

from __future__ import annotations

from markupsafe import Markup

from techgpt_ui.renderers.answer import Answer, View
from techgpt_ui.renderers.highlight import highlight
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.renderers.tables import table_view
from techgpt_ui.schema import Label

LABEL_COLUMNS = ("label", "score")


def labels_view(answer: Answer) -> View:
    """The label on top, a bar for every label that was scored, and a row a label."""
    labels = answer.found.labels or ()
    head = tag("p", tag("b", labels[0].text, ""), "top-label") if labels else Markup("")
    scored = [label for label in labels if label.score is not None]
    bars = tag("div", Markup().join(map(_bar, scored)), "bars") if scored else Markup("")
    note = tag("p", say("view.scored"), "limits") if scored else Markup("")
    rows = [(label.text, "" if label.score is None else f"{label.score:.4f}") for label in labels]
    return table_view(head + bars + note + highlight(answer.source, (), answer.cut_at), LABEL_COLUMNS, rows)


def _bar(label: Label) -> Markup:
    share = label.score or 0.0
    return Markup(
        '<div class="bar-row"><span class="bar-name">{0}</span>'
        '<span class="bar-track" role="meter" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{1:.1f}" '
        'aria-label="{0}"><span class="bar-fill" style="width:{1:.2f}%"></span></span>'
        '<span class="bar-share">{1:.1f} %</span></div>'
    ).format(label.text, 100 * share)
