"""The exact prompt, token by token, before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from techgpt_ui.examples import read_examples
from techgpt_ui.pipeline import prepare
from techgpt_ui.presets import Task
from techgpt_ui.renderers.prompt import prompt_html
from techgpt_ui.ui.controls import Wish
from techgpt_ui.ui.workbench import Workbench


def inspector_box(bench: Workbench, task: Task) -> tuple[Any, Any]:
    """The button and the place that it fills."""
    with gr.Accordion(bench.say("ui.prompt"), open=False, elem_id=f"{task.id}-inspector"):
        button = gr.Button(bench.say("ui.inspect"), size="sm", elem_id=f"{task.id}-inspect")
        shown = gr.HTML("", elem_id=f"{task.id}-tokens")
    return button, shown


def inspected(bench: Workbench, task: Task, inputs: Mapping[str, Any], wish: Wish) -> str:
    """The prompt of these inputs; WorkbenchError where there is none."""
    with bench.host.lease() as (preset, engine):
        prompt = prepare(
            task,
            inputs,
            model=preset,
            engine=engine,
            sampling=wish.sampling,
            variant=wish.variant,
            examples=read_examples(wish.shots, task),
        )
        return prompt_html(
            prompt,
            engine.pieces(prompt.ids),
            context=min(engine.context, preset.context),
            reserved=wish.sampling.max_new_tokens,
            rest="" if prompt.cut_at is None else prompt.inputs[task.source_input or ""][prompt.cut_at :],
        )
