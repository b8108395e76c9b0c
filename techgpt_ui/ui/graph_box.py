"""The knowledge graph under a tab's answer: of its last run, or of several runs merged."""

from __future__ import annotations

from typing import Any

import gradio as gr
from pydantic import ValidationError

from techgpt_ui.presets import Task
from techgpt_ui.renderers.graph import GraphInput
from techgpt_ui.ui.graph_view import build_graph_view, graph_value
from techgpt_ui.ui.workbench import QUICK, Workbench

MAX_RUNS = 50
"""Runs that one picture merges; the oldest leave it."""


def build_graph_box(bench: Workbench, task: Task, graph_data: Any) -> None:
    """Draw whatever ``graph_data`` holds, which is one run's GraphInput as JSON, or "" while there is none."""
    merge = gr.Checkbox(
        False, label=bench.say("graph.merge"), info=bench.say("graph.merge_info"), elem_id=f"{task.id}-merge"
    )
    view = build_graph_view(bench.say, f"{task.id}-graph")
    drawn = gr.State([])
    graph_data.change(_draw, [graph_data, merge, drawn], [view.html, drawn], **QUICK)


def _draw(data: str, merge: bool, drawn: list[str]) -> list[Any]:
    """The picture and the runs in it; a run that is drawn again replaces itself."""
    if not data:
        return [gr.skip(), gr.skip()] if merge else ["", []]
    wanted = [*(run for run in drawn if run != data), data][-MAX_RUNS:] if merge else [data]
    try:
        return [graph_value([GraphInput.model_validate_json(run) for run in wanted]), wanted]
    except ValidationError:
        # The page holds what Python wrote; anything else is somebody's experiment.
        return ["", []]
