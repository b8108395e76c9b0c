"""What on the page depends on the model: brought up to date on every page when the model has changed."""

from __future__ import annotations

from typing import Any

import gradio as gr

from techgpt_ui.ui.controls import SHOTS, VARIANT
from techgpt_ui.ui.evaluation_form import Form
from techgpt_ui.ui.home import home_html
from techgpt_ui.ui.workbench import QUICK, TabParts, Workbench


def follow_model(bench: Workbench, now: Any, home: Any, evaluation: Form) -> None:
    """Whenever the hidden box ``now`` names another model, show what belongs to it and hide the rest."""
    tabs = list(bench.tabs.values())
    outputs = [home, evaluation.examples, evaluation.shots, *(part for tab in tabs for part in _parts(tab))]

    def fit() -> list[Any]:
        few_shot = gr.update(visible=bench.host.preset.prompting == "few_shot")
        return [home_html(bench), few_shot, few_shot, *(update for tab in tabs for update in _updates(bench, tab))]

    now.change(fit, None, outputs, **QUICK)


def _parts(tab: TabParts) -> list[Any]:
    systems = [part for part, field in zip(tab.inputs, tab.task.inputs, strict=True) if field.kind == "system"]
    return [tab.controls[VARIANT], tab.controls[SHOTS], *systems]


def _updates(bench: Workbench, tab: TabParts) -> list[Any]:
    model, prompts = bench.host.preset, tab.task.prompts
    systems = [field for field in tab.task.inputs if field.kind == "system"]
    return [
        gr.update(visible=len(prompts.trained.variants) > 1 and model.prompting == "trained"),
        gr.update(visible=bool(prompts.few_shot.examples) and model.prompting == "few_shot"),
        *(gr.update(visible=model.has_system) for _ in systems),
    ]
