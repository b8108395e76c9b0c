"""The inputs and sampling controls of a tab, and how their values are read."""

from __future__ import annotations

from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui.errors import UsageError
from techgpt_ui.pipeline import make_sampling
from techgpt_ui.presets import InputField, Sampling, Task
from techgpt_ui.renderers.markup import both
from techgpt_ui.ui.workbench import QUICK, Workbench

NUMBERS = ("temperature", "top_p", "top_k", "repetition_penalty", "min_new_tokens", "max_new_tokens", "num_beams")
WHOLE = {"top_k", "min_new_tokens", "max_new_tokens", "num_beams"}
AUTOMATIC = ""
VARIANT, SHOTS = 1, 2
"""Places among a tab's controls."""
HEIGHTS = {"passage": 7, "line": 2, "system": 2}


class Wish(NamedTuple):
    """How a run is wanted, as the controls say it."""

    grounded: bool
    variant: str | None
    shots: str
    """Examples for the prompt as their JSON; blank for the task's own."""
    preset: str
    sampling: Sampling
    seed: int

    def settings(self) -> dict[str, Any]:
        """The form in which a run is kept."""
        return {
            "grounded": self.grounded,
            "variant": self.variant,
            "examples": self.shots,
            "sampling_preset": self.preset,
            "sampling": self.sampling.model_dump(),
            "seed": self.seed,
        }


def input_box(bench: Workbench, task: Task, field: InputField) -> Any:
    """The component for one input, filled from the first sample."""
    key = f"task.{task.id}.{field.name}"
    value = sample_values(task, 0)[field.name]
    common: dict[str, Any] = {
        "label": bench.say(key),
        "info": bench.say(f"{key}.help") if field.help else None,
        "elem_id": f"{task.id}-{field.name}",
    }
    if field.kind == "labels":
        return gr.Dropdown(_known_labels(task, field), value=value, multiselect=True, allow_custom_value=True, **common)
    if field.kind == "choice":
        options = [(bench.say(f"{key}.{option.id}"), option.id) for option in field.options]
        return gr.Dropdown(options, value=value, allow_custom_value=field.custom, **common)
    if field.kind == "number":
        return gr.Number(value, precision=0, **common)
    lines = field.lines or HEIGHTS[field.kind]
    shown = field.kind != "system" or bench.host.preset.has_system
    return gr.Textbox(value, lines=lines, max_lines=max(18, lines), visible=shown, **common)


def sample_values(task: Task, at: int) -> dict[str, Any]:
    """The inputs of a sample, with what the task has as default where the sample says nothing."""
    sample = task.samples[at]
    blank = {field.name: field.blank for field in task.inputs}
    return blank | task.default_inputs(sample.lang) | sample.inputs


def examples(bench: Workbench, task: Task, inputs: list[Any]) -> Any:
    """A list of the task's samples; choosing one fills the inputs."""
    choices = [(bench.say(f"task.{task.id}.sample{at}"), at) for at in range(len(task.samples))]
    chosen = gr.Dropdown(choices, value=0, label=bench.say("ui.examples"), elem_id=f"{task.id}-examples")

    def fill(at: int) -> Any:
        values = list(sample_values(task, at).values())
        return values if len(values) > 1 else values[0]

    chosen.input(fill, chosen, inputs, **QUICK)
    return chosen


def run_controls(bench: Workbench, task: Task) -> list[Any]:
    """Grounding, instruction, examples, sampling and seed, in the order that ``read_wish`` takes them."""
    grounded = gr.Checkbox(
        task.grounded,
        label=bench.say("ui.grounded"),
        info=bench.say("ui.grounded_info"),
        visible=task.grounded,
        elem_id=f"{task.id}-grounded",
    )
    variants = task.prompts.trained.variants
    choices = [
        (bench.say("ui.variant_automatic"), AUTOMATIC),
        *((bench.say(f"task.{task.id}.variant.{variant.id}"), variant.id) for variant in variants),
    ]
    variant = gr.Dropdown(
        choices,
        value=AUTOMATIC,
        label=bench.say("ui.variant"),
        info=bench.say("ui.variant_info"),
        visible=len(variants) > 1 and bench.host.preset.prompting == "trained",
        elem_id=f"{task.id}-variant",
    )
    shots = gr.Textbox(
        "",
        label=bench.say("ui.shots"),
        info=bench.say("ui.shots_info"),
        lines=1,
        max_lines=10,
        visible=bool(task.prompts.few_shot.examples) and bench.host.preset.prompting == "few_shot",
        elem_id=f"{task.id}-shots",
    )
    return [grounded, variant, shots, *_sampling_controls(bench, task)]


def read_wish(grounded: bool, variant: str | None, shots: str | None, preset: str, draw: bool, *rest: Any) -> Wish:
    """What the controls say; UsageError names a value that is missing or out of bounds."""
    *numbers, seed = rest
    changes = dict(zip(NUMBERS, numbers, strict=True))
    for name, value in changes.items():
        if value is None:
            raise UsageError("bad_sampling", name=name, value="", why="a number is needed")
    sampling = make_sampling(Sampling(), {"do_sample": draw, **changes})
    return Wish(bool(grounded), variant or None, (shots or "").strip(), preset, sampling, checked_seed(seed))


def checked_seed(value: float | None) -> int:
    """The seed as a box has it; UsageError for one that is missing or out of bounds."""
    if value is None or not 0 <= value < 2**63:
        raise UsageError("bad_sampling", name="seed", value=value, why="a whole number from 0 on is needed")
    return int(value)


def control_values(settings: dict[str, Any], task: Task) -> list[Any]:
    """The values that put the controls back to what a kept run used."""
    sampling = Sampling().model_dump() | settings.get("sampling", {})
    return [
        settings.get("grounded", task.grounded),
        settings.get("variant") or AUTOMATIC,
        settings.get("examples") or "",
        settings.get("sampling_preset") or task.sampling,
        sampling["do_sample"],
        *(sampling[name] for name in NUMBERS),
        settings.get("seed") or 0,
    ]


def _known_labels(task: Task, field: InputField) -> list[str]:
    """Names to pick from: the defaults and those of the samples."""
    defaults = [*field.default_within("zh"), *field.default_within("en")] if field.default is not None else []
    return list(
        dict.fromkeys([*defaults, *(name for sample in task.samples for name in sample.inputs.get(field.name, ()))])
    )


def _sampling_controls(bench: Workbench, task: Task) -> list[Any]:
    base = bench.library.sampling(task.sampling)
    choices = [(bench.say(f"sampling.{ident}"), ident) for ident in bench.library.samplings]
    with gr.Accordion(bench.say("ui.sampling"), open=False, elem_id=f"{task.id}-sampling"):
        chosen = gr.Dropdown(
            choices, value=base.id, label=bench.say("ui.sampling_preset"), elem_id=f"{task.id}-sampling-preset"
        )
        reason = gr.HTML(_reason(bench, base.id))
        draw = gr.Checkbox(base.values.do_sample, label=bench.say("ui.do_sample"))
        with gr.Row():
            numbers = [
                gr.Number(
                    getattr(base.values, name),
                    label=bench.say(f"ui.{name}"),
                    precision=0 if name in WHOLE else None,
                    min_width=130,
                    elem_id=f"{task.id}-{name}",
                )
                for name in NUMBERS
            ]
            seed = gr.Number(0, label=bench.say("ui.seed"), precision=0, min_width=130, elem_id=f"{task.id}-seed")

    def choose(ident: str) -> list[Any]:
        values = bench.library.sampling(ident).values
        return [_reason(bench, ident), values.do_sample, *(getattr(values, name) for name in NUMBERS)]

    # Only a choice of the user's own fills the numbers: a run put back from the history brings its own.
    chosen.input(choose, chosen, [reason, draw, *numbers], **QUICK)
    return [chosen, draw, *numbers, seed]


def _reason(bench: Workbench, ident: str) -> str:
    return f'<p class="limits">{both(bench.library.sampling(ident).reason.text)}</p>'
