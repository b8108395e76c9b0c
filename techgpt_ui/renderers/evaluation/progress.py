"""What the page says of a gold file that was read, and of an evaluation under way."""

from __future__ import annotations

from markupsafe import Markup

from techgpt_ui.evaluation.records import Figure
from techgpt_ui.gold import GoldSet
from techgpt_ui.presets import Task
from techgpt_ui.renderers.evaluation.numbers import figure_words, whole_seconds
from techgpt_ui.renderers.markup import both, say, tag

KINDS_SHOWN = 40


def gold_summary_html(gold: GoldSet, task: Task) -> str:
    """Format, task, number of documents and types of a gold file, and what its reader left out."""
    facts = say("evaluation.gold.read", format=gold.format, count=len(gold.documents))
    head = tag("b", both(task.title.text), "") + Markup(" · ") + facts
    kinds = gold.kinds[:KINDS_SHOWN]
    named = Markup().join(Markup('<span class="chip" dir="auto">{}</span>').format(kind) for kind in kinds)
    more = Markup(" … {}").format(len(gold.kinds)) if len(gold.kinds) > len(kinds) else Markup("")
    notices = Markup().join(tag("div", both(notice.text), "notice") for notice in gold.notices)
    return str(tag("div", tag("div", head, "") + tag("div", named + more, "chips") + notices, "status"))


def progress_html(done: int, total: int, left_s: float | None, headline: Figure | None) -> str:
    """How many documents are done, how long the rest will take, and the headline so far."""
    words = [say("evaluation.progress", done=done, total=total)]
    if left_s is not None and done < total:
        words.append(say("evaluation.left", time=whole_seconds(left_s)))
    if headline is not None:
        words.append(Markup("<code>{}</code> {}").format(headline.name, figure_words(headline)))
    bar = Markup(
        '<span class="bar-track" role="progressbar" aria-valuemin="0" aria-valuemax="{0}" aria-valuenow="{1}" '
        'aria-label="{1} / {0}"><span class="bar-fill" style="width:{2:.1f}%"></span></span>'
    ).format(total, done, 100 * done / total if total else 0)
    return str(tag("div", bar + tag("div", Markup(" · ").join(words), "facts"), "evaluation-progress"))
