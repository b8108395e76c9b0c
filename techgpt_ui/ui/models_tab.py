"""The model's tab: what is loaded and how it goes, another model, a check of a folder, weights, and the presets."""

from __future__ import annotations

from typing import Any, get_args

import gradio as gr

from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.renderers.models import log_html, model_status_html
from techgpt_ui.settings import Dtype
from techgpt_ui.ui.models_actions import ModelActions, ModelParts, cards_of, facts_of
from techgpt_ui.ui.weights_box import build_weights_box
from techgpt_ui.ui.workbench import LATEST, QUICK, Workbench

_CHOOSE = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-model]");
  if (button) trigger("model_chosen", { model: button.dataset.model });
});
"""
_SHOW_FORM = '() => document.getElementById("model-form")?.scrollIntoView({ block: "start" })'


def build_models_tab(bench: Workbench, news: gr.Button) -> None:
    """State first, then the form for those who may change the model, then all presets."""
    gr.HTML(str(tag("p", say("models.intro"), "task-help")))
    may_switch = bench.host.settings.may_switch
    status = gr.HTML(model_status_html(facts_of(bench.host)), elem_id="model-status")
    form: dict[str, Any] = {}
    if may_switch:
        with gr.Row(equal_height=False, elem_id="model-form"):
            with gr.Column(scale=6, min_width=320):
                form |= _form(bench)
            with gr.Column(scale=6, min_width=320):
                form |= _side(bench)
    else:
        gr.HTML(str(tag("p", say("models.fixed"), "limits")), elem_id="model-fixed")
    cards = gr.HTML(cards_of(bench), js_on_load=_CHOOSE, apply_default_css=False, elem_id="model-list")
    shown = form | {"seen": gr.State(""), "status": status, "cards": cards}
    parts = ModelParts(*(shown.get(name) for name in ModelParts._fields))
    does = ModelActions(bench, parts)
    news.click(does.look, parts.seen, parts.present, **QUICK)
    if may_switch:
        _wire(does, form)


def _form(bench: Workbench) -> dict[str, Any]:
    presets = [(bench.say(f"model.{ident}"), ident) for ident in bench.library.models]
    settings = bench.host.settings
    model = gr.Dropdown(
        presets, value=settings.model, allow_custom_value=True, label=bench.say("models.model"),
        info=bench.say("models.model_info"), elem_id="model-name",
    )  # fmt: skip
    with gr.Row():
        dtype = gr.Dropdown(
            list(get_args(Dtype)), value=settings.dtype, label=bench.say("models.dtype"), min_width=120,
            elem_id="model-dtype",
        )  # fmt: skip
        device = gr.Dropdown(
            ["auto", "cpu", "cuda:0"], value=settings.device, allow_custom_value=True, label=bench.say("models.device"),
            min_width=120, elem_id="model-device",
        )  # fmt: skip
    room = gr.HTML("", elem_id="model-room")
    with gr.Row():
        load = gr.Button(bench.say("models.load"), variant="primary", min_width=60, elem_id="model-load")
        reload = gr.Button(bench.say("models.reload"), min_width=60, elem_id="model-reload")
        unload = gr.Button(bench.say("models.unload"), min_width=60, elem_id="model-unload")
        stop = gr.Button(bench.say("ui.stop"), interactive=False, min_width=60, elem_id="model-stop")
    notice = gr.HTML("", elem_id="model-notice")
    return {
        "model": model, "dtype": dtype, "device": device, "room": room, "load": load, "reload": reload,
        "unload": unload, "stop": stop, "notice": notice,
    }  # fmt: skip


def _side(bench: Workbench) -> dict[str, Any]:
    with gr.Accordion(bench.say("models.log"), open=False, elem_id="model-log"):
        log = gr.HTML(log_html(bench.host.log.entries))
    with gr.Accordion(bench.say("models.check"), open=False, elem_id="model-check"):
        folder = gr.Textbox(
            "", label=bench.say("models.folder"), info=bench.say("models.folder_info"), max_lines=1,
            elem_id="model-folder",
        )  # fmt: skip
        check = gr.Button(bench.say("models.check_button"), size="sm", elem_id="model-check-button")
        checked = gr.HTML("", elem_id="model-checked")
    with gr.Accordion(bench.say("models.weights"), open=False, elem_id="weights"):
        build_weights_box(bench)
    return {"log": log, "folder": folder, "check": check, "checked": checked}


def _wire(does: ModelActions, form: dict[str, Any]) -> None:
    parts = does.parts
    wish, outputs = [parts.model, parts.dtype, parts.device], parts.present
    parts.load.click(does.load, wish, outputs, **QUICK)
    parts.reload.click(does.reload, None, outputs, **QUICK)
    parts.unload.click(does.unload, None, outputs, **QUICK)
    parts.stop.click(does.stop, None, outputs, **QUICK)
    parts.cards.model_chosen(does.choose, None, outputs, **QUICK).then(None, js=_SHOW_FORM)
    for field in wish:
        field.input(does.estimate, wish, outputs, **LATEST)
    form["check"].click(does.check, form["folder"], outputs, **QUICK)
    form["folder"].submit(does.check, form["folder"], outputs, **QUICK)
