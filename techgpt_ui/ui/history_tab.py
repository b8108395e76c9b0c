"""The runs of the user: search, open again, compare, export, import, delete."""

from __future__ import annotations

from typing import Any

import gradio as gr
from markupsafe import Markup

from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.store import IMPORT_LIMIT
from techgpt_ui.texts import text
from techgpt_ui.ui.history_actions import PAGE, HistoryActions, HistoryParts
from techgpt_ui.ui.i18n import ASSETS
from techgpt_ui.ui.workbench import LATEST, QUICK, Workbench

_WORDS = ("total", "marked", "sure", "sure_all", "busy", "no_tab")
_SHOWN = "watch('value', () => window.techgptHistory?.shown(element));"
# On a narrow screen the button that was pressed may be far from here.
_NOTICED = "watch('value', () => { if (props.value) element.scrollIntoView({ block: 'nearest' }); });"


def build_history_tab(bench: Workbench) -> None:
    """The list left, the chosen run or two compared ones right."""
    notice = gr.HTML("", js_on_load=_NOTICED, elem_id="history-notice")
    with gr.Row(equal_height=False, elem_id="history"):
        with gr.Column(scale=5, min_width=320):
            search, task = _filters(bench)
            listing = gr.HTML(
                "",
                html_template=_frame(),
                js_on_load=(ASSETS / "history.js").read_text(encoding="utf-8"),
                apply_default_css=False,
                elem_id="history-list",
                words={name: text(f"history.{name}")._asdict() for name in _WORDS},
            )
            upload = gr.UploadButton(bench.say("history.import"), type="binary", size="sm", elem_id="history-import")
            gr.HTML(str(tag("p", say("history.import_info", limit=IMPORT_LIMIT // 1_000_000), "limits")))
        with gr.Column(scale=7, min_width=320):
            with gr.Column(visible=False, elem_id="history-actions") as actions:
                with gr.Row():
                    opening = gr.Button(
                        bench.say("history.open"), variant="primary", size="sm", min_width=120, elem_id="history-open"
                    )
                    again = gr.Button(bench.say("history.again"), size="sm", min_width=100, elem_id="history-again")
                    export = gr.Button(bench.say("history.export"), size="sm", min_width=100, elem_id="history-export")
                with gr.Row(equal_height=False):
                    note = gr.Textbox(
                        label=bench.say("history.note"), scale=4, lines=1, max_lines=6, elem_id="history-note"
                    )
                    save = gr.Button(bench.say("history.save_note"), size="sm", min_width=90, elem_id="history-save")
            detail = gr.HTML("", js_on_load=_SHOWN, elem_id="history-detail")
    hidden = [
        gr.Textbox("", visible="hidden", elem_id=f"history-{name}") for name in ("id", "task", "document", "opened")
    ]
    chosen, chosen_task, document, opened = hidden
    parts = HistoryParts(
        notice=notice, search=search, task=task, listing=listing, actions=actions, chosen=chosen,
        chosen_task=chosen_task, note=note, detail=detail, document=document, opened=opened,
    )  # fmt: skip
    does = HistoryActions(bench, parts)
    _wire_list(does)
    save.click(does.annotate, [chosen, note], list(parts), **QUICK)
    note.submit(does.annotate, [chosen, note], list(parts), **QUICK)
    export.click(does.export, chosen, list(parts), **QUICK).then(
        None, document, None, js="(document) => window.techgptHistory.keep(document)"
    )
    upload.upload(does.take_in, [upload, search, task], list(parts), **QUICK)
    opening.click(None, chosen_task, None, js="(task) => window.techgptHistory.open(task, false)")
    again.click(None, chosen_task, None, js="(task) => window.techgptHistory.open(task, true)")
    _wire_tabs(bench, does)


def _filters(bench: Workbench) -> tuple[Any, Any]:
    tasks = [(bench.say(f"task.{ident}"), ident) for ident in bench.library.tasks]
    with gr.Row():
        search = gr.Textbox(
            "", label=bench.say("history.search"), placeholder=bench.say("history.search_info"), scale=3, min_width=240,
            elem_id="history-search",
        )  # fmt: skip
        task = gr.Dropdown(
            [(bench.say("history.all_tasks"), ""), *tasks], value="", label=bench.say("history.task"), scale=2,
            min_width=140, elem_id="history-task-filter",
        )  # fmt: skip
    return search, task


def _wire_list(does: HistoryActions) -> None:
    parts = does.parts
    outputs, wanted = list(parts), [parts.search, parts.task]
    # Gradio reports "input" for key presses alone, not for what is pasted or composed.
    parts.search.change(does.refresh, wanted, outputs, **LATEST)
    parts.task.input(does.refresh, wanted, outputs, **LATEST)
    parts.listing.list_shown(does.refresh, wanted, outputs, **LATEST)
    parts.listing.list_more(does.more, wanted, outputs, **QUICK)
    parts.listing.run_chosen(does.show, None, outputs, **LATEST)
    parts.listing.runs_compared(does.compare, None, outputs, **LATEST)
    parts.listing.runs_erased(does.erase, [parts.chosen, *wanted], outputs, **QUICK)


def _wire_tabs(bench: Workbench, does: HistoryActions) -> None:
    """A hidden button a task: what a run fills differs from task to task, and all tabs at once would be much."""
    parts = does.parts
    for ident, tab in bench.tabs.items():
        button = gr.Button(visible="hidden", elem_id=f"history-open-{ident}")
        outputs = [*parts, *tab.inputs, *tab.controls, *tab.outputs]
        button.click(does.opener(tab), parts.chosen, outputs, **QUICK)
    parts.opened.change(None, parts.opened, None, js="(way) => window.techgptHistory.opened(way)")


def _frame() -> str:
    """The list without its rows; it holds no data, for Gradio evaluates it as a template."""
    tools = Markup().join(
        Markup('<button type="button" data-do="{}" disabled>{}</button>').format(name, say(f"history.{name}"))
        for name in ("compare", "erase", "erase_all")
    )
    states = Markup().join(
        Markup('<p class="run-none" data-state="{0}" hidden>{1}</p>').format(state, say(f"history.{state}"))
        for state in ("no_owner", "empty", "none")
    )
    return str(
        Markup(
            '<section class="runs"><div class="run-tools"><span class="run-total"></span>{tools}</div>'
            '<div class="run-sure" role="group" hidden><button type="button" data-do="sure" class="danger"></button>'
            '<button type="button" data-do="cancel">{cancel}</button></div>'
            '<p class="run-say" role="status"></p>{states}<ul class="run-list" role="list"></ul>'
            '<button type="button" data-do="more" class="run-more" hidden>{more}</button></section>'
        ).format(tools=tools, states=states, cancel=say("history.cancel"), more=say("history.more", count=PAGE))
    )
