"""The example sets that a tab offers: those that fit the text at hand go into the box of examples, to be seen there."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.examples import fitting
from techgpt_ui.inputs import check_inputs
from techgpt_ui.presets import ExampleSet, Task
from techgpt_ui.ui.own_examples import OwnExamples
from techgpt_ui.ui.owners import owner_of
from techgpt_ui.ui.workbench import QUICK, Workbench

NONE = ""


def example_sets_box(bench: Workbench, task: Task) -> Any:
    """The list of sets; hidden until somebody who has some opens the tab."""
    return gr.Dropdown(
        [(bench.say("ui.example_set_none"), NONE)], value=NONE, label=bench.say("ui.example_set"),
        info=bench.say("ui.example_set_info"), visible=False, elem_id=f"{task.id}-example-set",
    )  # fmt: skip


def link_example_sets(bench: Workbench, task: Task, box: Any, inputs: list[Any], shots: Any) -> None:
    """A choice fills the box of examples."""
    box.input(_chooser(bench, task), [box, *inputs], shots, **QUICK)


def follow_example_sets(bench: Workbench, page: gr.Blocks, now: Any) -> None:
    """Bring every tab's list up to date: when a page is opened, the model has changed, or the desk presses."""
    boxes = {task: parts.example_sets for task, parts in bench.tabs.items() if parts.example_sets is not None}
    fresh = _refresher(bench, list(boxes))
    filled = gr.State(())  # the tasks whose lists hold something; the others stay as they are
    press = gr.Button(visible="hidden", elem_id="example-sets")
    for event in (page.load, now.change, press.click):
        event(fresh, filled, [filled, *boxes.values()], **QUICK)


def own_of(bench: Workbench) -> OwnExamples:
    """Where people's sets are."""
    return OwnExamples(bench.host.settings.data, bench.library)


def _refresher(bench: Workbench, tasks: list[str]) -> Any:
    def fresh(request: gr.Request, filled: tuple[str, ...]) -> Any:
        offered = own_of(bench).offered(owner_of(request))
        shots = bench.host.preset.prompting == "few_shot"
        changed = {*filled, *offered}
        news = {ident: _update(bench, offered.get(ident, {}), shots=shots) for ident in changed}
        return [tuple(offered), *(news.get(ident, gr.skip()) for ident in tasks)]

    return fresh


def _update(bench: Workbench, sets: dict[str, ExampleSet], *, shots: bool) -> Any:
    choices = [(f"{one.title.en} · {ident} ({len(one.examples)})", ident) for ident, one in sets.items()]
    return gr.update(choices=[(bench.say("ui.example_set_none"), NONE), *choices], visible=shots and bool(sets))


def _chooser(bench: Workbench, task: Task) -> Any:
    def choose(request: gr.Request, ident: str, *values: Any) -> str:
        chosen = own_of(bench).offered(owner_of(request)).get(task.id, {}).get(ident or NONE)
        if chosen is None:
            return ""
        given = dict(zip((field.name for field in task.inputs), values, strict=True))
        try:
            given = check_inputs(task, given)
        except WorkbenchError:
            given = {}
        return json.dumps(
            [one.model_dump(mode="json") for one in fitting(task, chosen.examples, given)], ensure_ascii=False, indent=1
        )

    return choose
