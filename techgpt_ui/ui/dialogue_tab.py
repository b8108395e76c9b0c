"""A tab for a task with earlier turns: a dialogue, and a document beside it where the task has one."""

from __future__ import annotations

from typing import Any

import gradio as gr

from techgpt_ui.presets import InputField, Task
from techgpt_ui.renderers.dialogue import dialogue_html
from techgpt_ui.ui.controls import examples, input_box, run_controls, sample_values
from techgpt_ui.ui.dialogue_desk import Desk, message_field
from techgpt_ui.ui.dialogue_handlers import changer, exporter, filler, inspecting, lister, reader, renamer
from techgpt_ui.ui.dialogue_run import rewriter, sender
from techgpt_ui.ui.dialogue_sheet import read_sheet
from techgpt_ui.ui.i18n import ASSETS
from techgpt_ui.ui.inspector import inspector_box
from techgpt_ui.ui.screen import Outputs
from techgpt_ui.ui.workbench import QUICK, QUIET, TabParts, Workbench, stopper


def build_dialogue_tab(bench: Workbench, task: Task) -> None:
    """The dialogue with the message box under it; beside it the document and the conversations that are kept."""
    parts: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    with gr.Row(equal_height=False, elem_classes="talk"):
        with gr.Column(scale=7, min_width=320):
            _dialogue(bench, task, parts)
            inputs[message_field(task).name] = parts["message"]
        with gr.Column(scale=4, min_width=300):
            for field in task.inputs:
                if field.name not in inputs:
                    inputs[field.name] = _input(bench, task, field, parts)
            if task.source_input:
                parts["main"] = gr.HTML("", elem_id=f"{task.id}-marked")
            _conversations(bench, task, parts)
    ordered = [inputs[field.name] for field in task.inputs]
    chosen = examples(bench, task, ordered)
    controls = run_controls(bench, task)
    inspect, tokens = inspector_box(bench, task)
    with gr.Row(elem_classes="send-to") as footer:
        pass
    parts["seed"] = controls[-1]
    bench.tabs[task.id] = TabParts(task, ordered, controls, [parts[name] for name in Outputs._fields], footer)
    desk = Desk(bench, task, {name: part for name, part in parts.items() if name != "download"})
    given = [parts["held"], parts["title"], *ordered, *controls]
    _wire(desk, given, parts["download"])
    inspect.click(inspecting(desk), given, tokens, concurrency_limit=None, **QUIET)
    answer = [parts[name] for name in ("status", "main", "raw", "prompt", "payload")]
    chosen.input(lambda: [""] * len(answer), None, answer, **QUICK)


def _dialogue(bench: Workbench, task: Task, parts: dict[str, Any]) -> None:
    """The turns, the message box, and what is known of the last answer."""
    ident, field = task.id, message_field(task)
    begun = read_sheet(sample_values(task, 0)[task.turns_input or ""], None, task.turns_input or "")
    with gr.Column(elem_classes="talk-box"):
        parts["dialogue"] = gr.HTML(
            dialogue_html(begun.utterances()), elem_id=f"{ident}-dialogue", keys=True, **_scripted(task)
        )
        parts["live"] = gr.HTML("", elem_id=f"{ident}-live", **_scripted(task))
        if not task.source_input:
            parts["main"] = gr.HTML("", elem_id=f"{ident}-marked")
    parts["spoken"] = gr.HTML("", elem_id=f"{ident}-spoken", elem_classes="unseen")
    parts["message"] = gr.Textbox(
        sample_values(task, 0)[field.name], label=bench.say(f"task.{ident}.{field.name}"), lines=2, max_lines=10,
        placeholder=bench.say("dialogue.placeholder"), elem_id=f"{ident}-{field.name}",
    )  # fmt: skip
    with gr.Row():
        parts["run"] = gr.Button(bench.say("dialogue.send"), variant="primary", elem_id=f"{ident}-run")
        parts["stop"] = gr.Button(bench.say("ui.stop"), interactive=False, elem_id=f"{ident}-stop")
    parts["status"] = gr.HTML("", elem_id=f"{ident}-status")
    parts["raw"] = gr.Textbox(
        "", label=bench.say("ui.raw"), lines=2, max_lines=10, interactive=False, elem_classes="raw",
        elem_id=f"{ident}-raw",
    )  # fmt: skip
    # What a run of the history or the link to another tab fills, beside the parts that are seen.
    parts["table"] = gr.HTML("", elem_id=f"{ident}-table")
    parts["file"] = gr.DownloadButton(bench.say("ui.download"), size="sm", visible=False, elem_id=f"{ident}-file")
    parts["prompt"] = gr.Textbox("", visible=False, elem_id=f"{ident}-prompt")
    parts["payload"] = gr.Textbox("", visible="hidden", elem_id=f"{ident}-payload")
    parts["graph_data"] = gr.Textbox("", visible="hidden", elem_id=f"{ident}-graph-data")
    parts["held"] = gr.JSON(begun.held, visible="hidden", elem_id=f"{ident}-held")


def _input(bench: Workbench, task: Task, field: InputField, parts: dict[str, Any]) -> Any:
    """An input beside the dialogue; the turns are held where they are not seen."""
    if field.kind == "turns":
        begun = read_sheet(sample_values(task, 0)[field.name], None, field.name)
        parts["turns"] = gr.JSON(begun.turns, visible="hidden", elem_id=f"{task.id}-{field.name}")
        return parts["turns"]
    parts[f"input_{field.name}"] = input_box(bench, task, field)
    return parts[f"input_{field.name}"]


def _conversations(bench: Workbench, task: Task, parts: dict[str, Any]) -> None:
    parts["entries"] = gr.HTML("", elem_id=f"{task.id}-conversations", lists=True, **_scripted(task))
    parts["title"] = gr.Textbox(
        "", label=bench.say("dialogue.title"), info=bench.say("dialogue.title_info"), max_length=200, max_lines=1,
        elem_id=f"{task.id}-title",
    )  # fmt: skip
    parts["download"] = gr.DownloadButton("", visible="hidden", elem_id=f"{task.id}-download")


def _wire(desk: Desk, given: list[Any], download: Any) -> None:
    """Connect all parts with their handlers; each gets all that the page holds and may change all of it."""
    parts, every = desk.parts, list(desk.parts.values())
    parts["run"].click(sender(desk), given, every, concurrency_limit=None, **QUIET)
    parts["dialogue"].submit(rewriter(desk), given, every, concurrency_limit=None, **QUIET)
    parts["stop"].click(stopper(desk.bench, desk.task), None, None, **QUICK)
    for place in ("dialogue", "live"):
        parts[place].click(changer(desk), given, every, **QUICK)
    parts["turns"].change(filler(desk), given, every, **QUICK)
    parts["entries"].click(lister(desk), given, every, **QUICK)
    parts["entries"].load(reader(desk), parts["held"], parts["entries"], **QUICK)
    for leaving in (parts["title"].submit, parts["title"].blur):
        leaving(renamer(desk), given, every, **QUICK)
    saved = parts["entries"].download(exporter(desk), parts["held"], [download, parts["status"]], **QUICK)
    saved.then(None, js=f"() => document.querySelector('#{desk.task.id}-download')?.click()")


def _scripted(task: Task) -> dict[str, Any]:
    """What a place with buttons of its own needs; its script finds the tab's other parts by the task."""
    script = (ASSETS / "dialogue.js").read_text(encoding="utf-8")
    return {"js_on_load": script, "task": task.id, "box": message_field(task).name, "apply_default_css": False}
