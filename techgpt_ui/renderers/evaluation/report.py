"""One evaluation, whole: its figures, what was run, and every document that went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from techgpt_ui.evaluation.comparing import failures
from techgpt_ui.evaluation.records import Conduct, Evaluation, Outcome, Scores
from techgpt_ui.presets import Task
from techgpt_ui.renderers.evaluation.document import document
from techgpt_ui.renderers.evaluation.facts import conduct_facts, facts
from techgpt_ui.renderers.evaluation.numbers import interval, number
from techgpt_ui.renderers.evaluation.outcomes import answer_html, gold_html, inputs_html, outcome_line
from techgpt_ui.renderers.evaluation.plots import BARS_SHOWN, bars, whiskers
from techgpt_ui.renderers.evaluation.tables import baselines_table, breakdown_table, confusion_table, figures_table
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.texts import Lang, Text, text

FAILURES_IN_FILE = 500
FAILURES_ON_PAGE = 100


def report_html(evaluation: Evaluation, scores: Scores, conduct: Conduct, lang: Lang, task: Task) -> str:
    """The evaluation as one HTML file that opens in ``lang``."""
    words, gold = text("evaluation.title"), evaluation.gold
    title = Text(zh=f"{words.zh}：{task.title.zh} · {gold}", en=f"{words.en}: {task.title.en} · {gold}")
    body = _body(evaluation, scores, conduct, task, FAILURES_IN_FILE)
    return document(title, tag("h1", both(title), "") + body, lang)


def evaluation_html(
    evaluation: Evaluation, scores: Scores, conduct: Conduct, task: Task, *, buttons: bool = True
) -> str:
    """The evaluation as a part of the page; ``buttons`` open each of its documents in its tab."""
    title = tag("h3", both(task.title.text) + f" · {evaluation.gold}", "")
    return str(title + _body(evaluation, scores, conduct, task, FAILURES_ON_PAGE, buttons=buttons))


def _body(
    evaluation: Evaluation, scores: Scores, conduct: Conduct, task: Task, shown: int, *, buttons: bool = False
) -> Markup:
    parts = [
        headline(scores, conduct),
        section("evaluation.figures", whiskers(scores.figures) + figures_table(scores)),
        section("evaluation.baselines", baselines_table(scores, evaluation.baselines)),
        section("evaluation.run", facts(evaluation, task)),
        section("evaluation.conduct", conduct_facts(conduct)),
        section("evaluation.breakdown", _breakdown(scores)),
        section("evaluation.confusion", confusion_table(scores.confusion) if scores.confusion else Markup("")),
        section("evaluation.failures", _failures(evaluation, scores, task, shown, buttons=buttons)),
    ]
    return tag("article", Markup().join(parts), "evaluation")


def _breakdown(scores: Scores) -> Markup:
    """Bars of the headline, or of the first figure where it is not broken down, and all figures as a table."""
    kinds = tuple(entry for entry in scores.breakdown if entry.figures)
    names = [figure.name for entry in kinds for figure in entry.figures]
    if not names:
        return Markup("")
    table = breakdown_table(kinds)
    if len(kinds) > BARS_SHOWN:
        title = say("evaluation.breakdown.all", count=len(kinds))
        table = Markup("<details><summary>{}</summary>{}</details>").format(title, table)
    return bars(kinds, scores.headline if scores.headline in names else names[0]) + table


def headline(scores: Scores, conduct: Conduct) -> Markup:
    """The figure that stands for the whole, large, with its interval and on how many documents it rests."""
    figure = scores.main
    value, low, high = (figure.value, figure.low, figure.high) if figure else (None, None, None)
    rest = say("evaluation.headline", interval=interval(low, high), n=conduct.n)
    return Markup('<p class="headline"><code>{}</code> <b>{}</b> <span>{}</span></p>').format(
        scores.headline, number(value), rest
    )


def section(key: str, body: Markup) -> Markup:
    """A part with its heading; nothing where it is empty."""
    return tag("section", tag("h4", say(key), "") + body, "") if body else Markup("")


def outcome_button(evaluation_id: str, position: int) -> Markup:
    """A button of the page that opens a document's run in its task's tab."""
    return Markup(
        '<button type="button" class="open-outcome" data-evaluation="{}" data-position="{}">{}</button>'
    ).format(evaluation_id, position, say("evaluation.open_outcome"))


def _failures(evaluation: Evaluation, scores: Scores, task: Task, shown: int, *, buttons: bool) -> Markup:
    """The documents that went wrong, worst first, each folded; the words say how many there are."""
    ranked = failures(task, evaluation.outcomes, scores.headline)
    key = "evaluation.failures.all" if len(ranked) <= shown else "evaluation.failures.some"
    words = say(key, count=len(ranked), n=len(evaluation.outcomes), shown=min(shown, len(ranked)))
    return tag("p", words, "limits") + Markup().join(_folded(evaluation, task, ranked[:shown], buttons=buttons))


def _folded(
    evaluation: Evaluation, task: Task, ranked: Sequence[tuple[Outcome, float | None]], *, buttons: bool
) -> Iterable[Markup]:
    for outcome, score in ranked:
        button = outcome_button(evaluation.id, outcome.position) if buttons else Markup("")
        yield Markup('<details class="outcome"><summary>{}</summary>{}{}<div class="pair">{}{}</div></details>').format(
            outcome_line(outcome, score),
            button,
            inputs_html(task, outcome.gold),
            tag("div", tag("h5", say("evaluation.gold_answer"), "") + gold_html(task, outcome.gold), ""),
            tag("div", tag("h5", say("evaluation.answer"), "") + answer_html(task, outcome.gold, outcome), ""),
        )
