"""Evaluation on gold data: choose a file and settings, run, read, compare."""

from __future__ import annotations

from typing import Any

import gradio as gr
from markupsafe import Markup

from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.texts import text
from techgpt_ui.ui.evaluation_actions import EvaluationActions, EvaluationParts
from techgpt_ui.ui.evaluation_form import Form, build_form
from techgpt_ui.ui.evaluation_run import EvaluationRun
from techgpt_ui.ui.i18n import ASSETS
from techgpt_ui.ui.workbench import LATEST, QUICK, QUIET, Workbench

_WORDS = {"total": "evaluation.total", "marked": "evaluation.marked", "sure": "evaluation.sure",
          "two": "error.evaluation_two.hint", "busy": "history.busy"}  # fmt: skip
# On a narrow screen the button that was pressed may be far from here.
_NOTICED = "watch('value', () => { if (props.value) element.scrollIntoView({ block: 'nearest' }); });"
_DETAIL = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-evaluation]");
  if (!button) return;
  const { evaluation, position } = button.dataset;
  trigger("outcome_wanted", { evaluation, position: Number(position) });
});
"""
_SHOW_DETAIL = '() => document.getElementById("evaluation-detail").scrollIntoView({ block: "start" })'
_LANGUAGE = "(chosen) => [chosen, document.documentElement.lang]"
_SAVE = '() => document.querySelector("#evaluation-file").click()'


def build_evaluation_tab(bench: Workbench) -> Form:
    """What to run left, how it goes right, the leaderboard below, and then what was chosen from it."""
    gr.HTML(str(tag("p", say("evaluation.intro"), "task-help")))
    with gr.Row(equal_height=False, elem_id="evaluation"):
        with gr.Column(scale=6, min_width=320):
            form = build_form(bench)
        with gr.Column(scale=6, min_width=320):
            with gr.Row():
                run = gr.Button(bench.say("ui.run"), variant="primary", elem_id="evaluation-run")
                stop = gr.Button(bench.say("ui.stop"), interactive=False, elem_id="evaluation-stop")
            progress = gr.HTML("", elem_id="evaluation-progress")
            notice = gr.HTML("", js_on_load=_NOTICED, elem_id="evaluation-notice")
            summary = gr.HTML("", elem_id="evaluation-summary")
    listing = gr.HTML(
        "",
        html_template=_frame(),
        js_on_load=(ASSETS / "evaluation.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="evaluation-list",
        words={name: text(key)._asdict() for name, key in _WORDS.items()},
    )
    with gr.Row(visible=False, elem_id="evaluation-actions") as actions:
        report, data = (_small_button(bench, kind) for kind in ("report", "json"))
    detail = gr.HTML("", js_on_load=_DETAIL, elem_id="evaluation-detail")
    parts = EvaluationParts(
        notice=notice, summary=summary, progress=progress, run=run, stop=stop, listing=listing, actions=actions,
        chosen=gr.Textbox("", visible="hidden", elem_id="evaluation-chosen"), detail=detail,
        file=gr.DownloadButton(visible="hidden", elem_id="evaluation-file"),
        opened=gr.Textbox("", visible="hidden", elem_id="evaluation-opened"),
        way=gr.Textbox("", visible="hidden"),
    )  # fmt: skip
    does = EvaluationActions(bench, parts, form)
    outputs = [*parts, *form]
    form.gold.change(does.upload, list(form), outputs, **LATEST)
    form.task.input(does.choose_task, list(form), outputs, **LATEST)
    form.examples.change(lambda choice: gr.update(visible=choice == "nearest"), form.examples, form.pool, **QUICK)
    runner = EvaluationRun(bench, parts)
    run.click(runner.run, list(form), list(parts), concurrency_limit=None, **QUIET)
    stop.click(runner.stop, None, None, **QUICK)
    _wire_list(does)
    language = gr.Textbox("", visible="hidden")
    report.click(does.report, [parts.chosen, language], list(parts), js=_LANGUAGE, **QUICK).then(None, js=_SAVE)
    data.click(does.document, parts.chosen, list(parts), **QUICK).then(None, js=_SAVE)
    _wire_tabs(bench, does)
    return form


def _small_button(bench: Workbench, kind: str) -> Any:
    words = bench.say(f"evaluation.file_{kind}")
    return gr.Button(words, size="sm", scale=0, min_width=150, elem_id=f"evaluation-{kind}")


def _wire_list(does: EvaluationActions) -> None:
    parts = does.parts
    outputs = list(parts)
    parts.listing.list_shown(does.refresh, None, outputs, **LATEST)
    parts.listing.evaluation_chosen(does.show, None, outputs, **LATEST).then(None, js=_SHOW_DETAIL)
    parts.listing.evaluations_compared(does.compare, None, outputs, **LATEST).then(None, js=_SHOW_DETAIL)
    parts.listing.evaluations_erased(does.erase, parts.chosen, outputs, **QUICK)


def _wire_tabs(bench: Workbench, does: EvaluationActions) -> None:
    """A hidden button a task: what a document fills differs from task to task, and all tabs at once would be much."""
    parts = does.parts
    parts.detail.outcome_wanted(does.want, None, list(parts), **QUICK).then(
        None, parts.opened, None, js="(opened) => window.techgptEvaluation.open(opened)"
    )
    for ident, tab in bench.tabs.items():
        if tab.task.turns_input:
            continue
        button = gr.Button(visible="hidden", elem_id=f"evaluation-open-{ident}")
        outputs = [*parts, *tab.inputs, *tab.controls, *tab.outputs]
        button.click(does.opener(tab), parts.opened, outputs, **QUICK)
    parts.way.change(None, parts.way, None, js="(way) => window.techgptGo(way)")


def _frame() -> str:
    """The leaderboard without its rows; it holds no data, for Gradio evaluates it as a template."""
    tools = Markup().join(
        Markup('<button type="button" data-do="{}" disabled>{}</button>').format(name, say(f"evaluation.{name}"))
        for name in ("compare", "erase")
    )
    return str(
        Markup(
            '<section class="runs"><h3 class="leaderboard-title">{title}</h3><div class="run-tools">'
            '<span class="run-total"></span>{tools}</div><div class="run-sure" role="group" hidden>'
            '<button type="button" data-do="sure" class="danger"></button>'
            '<button type="button" data-do="cancel">{cancel}</button></div><p class="run-say" role="status"></p>'
            '<p class="run-none" hidden>{empty}</p><div class="leaderboard"></div></section>'
        ).format(
            title=say("evaluation.leaderboard"), tools=tools, cancel=say("evaluation.cancel"),
            empty=say("evaluation.empty"),
        )
    )  # fmt: skip
