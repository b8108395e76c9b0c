"""Two evaluations of the same gold: which figures differ, and each document whose answers do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from markupsafe import Markup

from techgpt_ui.comparison import compare_values, diff_texts
from techgpt_ui.evaluation.comparing import Comparison, DocumentDifference
from techgpt_ui.evaluation.records import Evaluation, Outcome
from techgpt_ui.evaluation.statistics import PairedTest
from techgpt_ui.presets import Task
from techgpt_ui.renderers.evaluation.document import document
from techgpt_ui.renderers.evaluation.facts import command_of
from techgpt_ui.renderers.evaluation.numbers import NOTHING, interval, metric_cell, number
from techgpt_ui.renderers.evaluation.outcomes import answer_html, gold_html, inputs_html, letters, snippet
from techgpt_ui.renderers.evaluation.report import outcome_button, section
from techgpt_ui.renderers.evaluation.tables import frame, row
from techgpt_ui.renderers.history import fact_name, words_of
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.texts import Lang, Text, text

SIGNIFICANT = 0.05
SHOWN_IN_FILE = 500
SHOWN_ON_PAGE = 100


def comparison_report_html(comparison: Comparison, lang: Lang, task: Task) -> str:
    """The comparison as one HTML file that opens in ``lang``."""
    words, gold = text("evaluation.comparison"), comparison.one.gold
    title = Text(zh=f"{words.zh}：{task.title.zh} · {gold}", en=f"{words.en}: {task.title.en} · {gold}")
    return document(title, tag("h1", both(title), "") + _body(comparison, task, SHOWN_IN_FILE), lang)


def comparison_html(comparison: Comparison, task: Task) -> str:
    """The comparison as a part of the page; both answers of a document have a button that opens them."""
    title = tag("h3", say("evaluation.comparison") + f" · {comparison.one.gold}", "")
    return str(title + _body(comparison, task, SHOWN_ON_PAGE, buttons=True))


def _body(comparison: Comparison, task: Task, shown: int, *, buttons: bool = False) -> Markup:
    differences = (_folded(one, comparison, task, buttons=buttons) for one in comparison.differences[:shown])
    parts = [
        tag("div", _side("A", comparison.one, task) + _side("B", comparison.other, task), "pair heads"),
        tag("p", _overlap(comparison), "limits"),
        section("evaluation.figures", _tests(comparison) + tag("p", say("evaluation.tests"), "limits")),
        section("evaluation.settings", _settings(comparison)),
        section("evaluation.differences", tag("p", _counts(comparison, shown), "limits") + Markup().join(differences)),
    ]
    return tag("article", Markup().join(parts), "evaluation")


def _side(letter: str, evaluation: Evaluation, task: Task) -> Markup:
    model = evaluation.model
    name = f"{model.name} · {model.dtype}" if model else evaluation.settings.model
    head = tag("b", letter, "letter") + Markup(" ") + tag("b", name, "")
    return tag("div", head + letters(command_of(evaluation, task)), "")


def _overlap(comparison: Comparison) -> Markup:
    key = "evaluation.overlap" if comparison.left_out else "evaluation.overlap.all"
    return say(key, n=comparison.n, left_out=comparison.left_out)


def _tests(comparison: Comparison) -> Markup:
    ordered = sorted(comparison.tests, key=lambda test: test.name != comparison.headline)
    head = (
        say("evaluation.metric"), "A", "B", say("evaluation.difference"), say("evaluation.interval"), "p",
        say("evaluation.verdict"),
    )  # fmt: skip
    return frame(head, map(_test, ordered), say("evaluation.figures"), "numbers")


def _test(test: PairedTest) -> Markup:
    difference = (
        NOTHING if test.difference is None else f"{'+' if test.difference > 0 else ''}{number(test.difference)}"
    )
    p = NOTHING if test.p is None else f"{test.p:.4f}" if test.p >= 0.001 else "< 0.001"
    return row(
        metric_cell(test.name), number(test.one), number(test.other), difference, interval(test.low, test.high), p,
        say(f"evaluation.test.{_finding(test)}"),
    )  # fmt: skip


def _finding(test: PairedTest) -> str:
    """What the test says, to be read without colours: ``better`` or ``worse`` for B, or ``unclear``."""
    if test.p is None or test.p >= SIGNIFICANT or not test.difference:
        return "unclear"
    return "better" if test.difference > 0 else "worse"


def _settings(comparison: Comparison) -> Markup:
    """The settings that differ; words say that there are none."""
    values = [value for value in compare_values(_named(comparison.one), _named(comparison.other)) if value.differs]
    if not values:
        return tag("p", say("evaluation.settings.same"), "limits")
    rows = [row(_setting_name(value.name), words_of(value.one), words_of(value.other)) for value in values]
    return frame((say("evaluation.setting"), "A", "B"), rows, say("evaluation.settings"))


def _named(evaluation: Evaluation) -> dict[str, object]:
    settings = evaluation.settings.model_dump(mode="json")
    model = evaluation.model.model_dump(mode="json") if evaluation.model else {}
    named = {f"model_{name}": value for name, value in model.items()}
    return named | settings.pop("sampling") | settings | {"code_version": evaluation.code_version}


def _setting_name(name: str) -> Markup:
    known = {"labels", "examples", "pool"}
    return say(f"evaluation.{name}") if name in known else fact_name(name)


def _counts(comparison: Comparison, shown: int) -> Markup:
    counts = Counter(one.change for one in comparison.differences)
    told: dict[str, int] = {name: counts[name] for name in ("regression", "improvement", "changed")}
    words = say("evaluation.differences.counts", equal=comparison.equal, **told)
    if len(comparison.differences) > shown:
        words += Markup(" ") + say("evaluation.differences.some", shown=shown)
    return words


def _folded(one: DocumentDifference, comparison: Comparison, task: Task, *, buttons: bool) -> Markup:
    gold = one.one.gold
    line = Markup(" ").join([
        Markup('<b class="place">{}</b>').format(one.position + 1),
        tag("span", say(f"evaluation.change.{one.change}"), f"badge {_CSS[one.change]}"),
        Markup('<span class="score">{} → {}</span>').format(number(one.one_score, 2), number(one.other_score, 2)),
        Markup('<span class="snippet" dir="auto">{}</span>').format(snippet(gold)),
    ])  # fmt: skip
    answers = Markup().join(
        _answer(letter, evaluation, outcome, task, buttons=buttons)
        for letter, evaluation, outcome in (("A", comparison.one, one.one), ("B", comparison.other, one.other))
    )
    return Markup(
        '<details class="outcome"><summary>{}</summary>{}<h5>{}</h5>{}<div class="pair">{}</div>{}</details>'
    ).format(
        line, inputs_html(task, gold), say("evaluation.gold_answer"), gold_html(task, gold), answers,
        Markup().join(_raw(one)),
    )  # fmt: skip


_CSS = {"regression": "unparsed", "improvement": "", "changed": "partial"}


def _answer(letter: str, evaluation: Evaluation, outcome: Outcome, task: Task, *, buttons: bool) -> Markup:
    button = outcome_button(evaluation.id, outcome.position) if buttons else Markup("")
    head = tag("b", letter, "letter") + Markup(" ") + button
    return tag("div", head + answer_html(task, outcome.gold, outcome, raw=False), "")


def _raw(one: DocumentDifference) -> Iterable[Markup]:
    """Both raw answers with what only one of them has struck out or underlined."""
    if one.one.result is None or one.other.result is None:
        return
    left, right = diff_texts(one.one.result.raw, one.other.result.raw)
    columns = Markup()
    for letter, stretches, mark in (("A", left, "del"), ("B", right, "ins")):
        body = Markup().join(
            tag(mark, stretch.text, "") if stretch.differs else Markup("{}").format(stretch.text)
            for stretch in stretches
        )
        columns += Markup(
            '<div><b class="letter">{}</b><div class="letters" dir="auto" tabindex="0">{}</div></div>'
        ).format(letter, body)
    yield tag("h5", say("evaluation.raw_answers"), "") + tag("div", columns, "pair")
