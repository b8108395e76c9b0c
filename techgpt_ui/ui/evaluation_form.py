"""The settings of an evaluation: their components, what a gold file fills in, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui.documents import split_names
from techgpt_ui.errors import UsageError
from techgpt_ui.evaluation.planning import Plan, Wishes, make_plan
from techgpt_ui.gold import GoldSet, read_gold
from techgpt_ui.presets import ModelPreset, Task
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.ui.controls import AUTOMATIC, checked_seed
from techgpt_ui.ui.workbench import Workbench

GOLD_LIMIT = 50_000_000
"""Bytes of an uploaded gold file."""
LIMIT = 50
"""Documents of an evaluation unless its user says otherwise."""
MAX_SHOTS = 16
CHOICES = ("fixed", "nearest", "none")


class Form(NamedTuple):
    """The components that say what is to be run."""

    gold: Any
    task: Any
    limit: Any
    sampling: Any
    max_new_tokens: Any
    seed: Any
    grounded: Any
    variant: Any
    labels: Any
    examples: Any
    pool: Any
    shots: Any


class Filled(NamedTuple):
    """The values of the form, in its order, as Gradio hands them over."""

    gold: str | None
    task: str
    limit: float | None
    sampling: str
    max_new_tokens: float | None
    seed: float | None
    grounded: bool
    variant: str
    labels: list[str]
    examples: str
    pool: str | None
    shots: float | None


def build_form(bench: Workbench) -> Form:
    """The gold file and how many of its documents first; the rest is folded and fits as it is."""
    tasks = [(bench.say(f"task.{task.id}"), task.id) for task in bench.library.tasks.values() if not task.turns_input]
    gold = gr.File(label=bench.say("evaluation.upload"), type="filepath", height=130, elem_id="evaluation-gold")
    gr.HTML(str(tag("p", say("evaluation.upload_info", limit=GOLD_LIMIT // 1_000_000), "limits")))
    with gr.Row():
        task = gr.Dropdown(
            [(bench.say("evaluation.task.found"), AUTOMATIC), *tasks], value=AUTOMATIC,
            label=bench.say("evaluation.task"), min_width=160, elem_id="evaluation-task",
        )  # fmt: skip
        limit = gr.Number(
            LIMIT, label=bench.say("evaluation.limit"), info=bench.say("evaluation.limit_info"), precision=0,
            min_width=160, elem_id="evaluation-limit",
        )  # fmt: skip
    with gr.Accordion(bench.say("evaluation.settings_box"), open=False, elem_id="evaluation-settings"):
        return Form(gold, task, limit, *_decoding(bench), *_examples(bench))


def _decoding(bench: Workbench) -> list[Any]:
    samplings = [(bench.say(f"sampling.{ident}"), ident) for ident in bench.library.samplings]
    first = next(iter(bench.library.tasks.values()))
    with gr.Row():
        sampling = gr.Dropdown(
            samplings, value=first.sampling, label=bench.say("ui.sampling_preset"), min_width=160,
            elem_id="evaluation-sampling",
        )  # fmt: skip
        tokens = gr.Number(
            bench.library.sampling(first.sampling).values.max_new_tokens, label=bench.say("ui.max_new_tokens"),
            precision=0, min_width=120, elem_id="evaluation-max_new_tokens",
        )  # fmt: skip
        seed = gr.Number(0, label=bench.say("ui.seed"), precision=0, min_width=100, elem_id="evaluation-seed")
    grounded = gr.Checkbox(
        True, label=bench.say("ui.grounded"), info=bench.say("ui.grounded_info"), visible=False,
        elem_id="evaluation-grounded",
    )  # fmt: skip
    variant = gr.Dropdown(
        [(bench.say("ui.variant_automatic"), AUTOMATIC)], value=AUTOMATIC, label=bench.say("ui.variant"),
        visible=False, elem_id="evaluation-variant",
    )  # fmt: skip
    labels = gr.Dropdown(
        [], value=[], multiselect=True, allow_custom_value=True, label=bench.say("evaluation.asked"),
        info=bench.say("evaluation.asked_info"), visible=False, elem_id="evaluation-labels",
    )  # fmt: skip
    return [sampling, tokens, seed, grounded, variant, labels]


def _examples(bench: Workbench) -> list[Any]:
    """Few-shot examples; a model that was trained on instructions takes none."""
    shown = bench.host.preset.prompting == "few_shot"
    examples = gr.Radio(
        [(bench.say(f"evaluation.examples.{choice}"), choice) for choice in CHOICES], value=CHOICES[0],
        label=bench.say("evaluation.examples"), visible=shown, elem_id="evaluation-examples",
    )  # fmt: skip
    pool = gr.File(
        label=bench.say("evaluation.pool_file"), type="filepath", height=130, visible=False, elem_id="evaluation-pool"
    )
    shots = gr.Number(
        0, label=bench.say("evaluation.shots"), info=bench.say("evaluation.shots_info"), precision=0, visible=shown,
        min_width=120, elem_id="evaluation-shots",
    )  # fmt: skip
    return [examples, pool, shots]


def fitting(bench: Workbench, form: Form, gold: GoldSet) -> dict[Any, Any]:
    """New values for the settings that depend on the task and the gold."""
    task = bench.library.task(gold.task)
    plan = make_plan(bench.library, gold, Wishes(), model=bench.host.preset)
    variants = task.prompts.trained.variants
    known = [
        (bench.say("ui.variant_automatic"), AUTOMATIC),
        *((bench.say(f"task.{task.id}.variant.{variant.id}"), variant.id) for variant in variants),
    ]
    chosen = len(variants) > 1 and bench.host.preset.prompting == "trained"
    labels = list(plan.settings.labels)
    return {
        form.task: task.id,
        form.sampling: task.sampling,
        form.max_new_tokens: plan.sampling.max_new_tokens,
        form.grounded: gr.update(value=task.grounded, visible=task.grounded),
        form.variant: gr.update(choices=known, value=AUTOMATIC, visible=chosen),
        form.labels: gr.update(choices=labels, value=labels, visible=bool(labels)),
    }


def gold_of(filled: Filled) -> GoldSet:
    """The uploaded gold file, read; UsageError where there is none or something is wrong with it."""
    if not filled.gold:
        raise UsageError("evaluation_no_gold")
    return read_gold(Path(filled.gold), task=filled.task or None)


def plan_of(bench: Workbench, filled: Filled, model: ModelPreset) -> Plan:
    """What the form asks of a model, checked; UsageError names what cannot be."""
    gold = gold_of(filled)
    task = bench.library.task(gold.task)
    pool = None
    if filled.examples == "nearest" and model.prompting == "few_shot":
        if not filled.pool:
            raise UsageError("evaluation_no_pool")
        pool = read_gold(Path(filled.pool), task=gold.task)
    return make_plan(bench.library, gold, _wishes(task, filled), model=model, pool=pool)


def _wishes(task: Task, filled: Filled) -> Wishes:
    labels = split_names(filled.labels or [])
    return Wishes(
        sampling_preset=filled.sampling,
        sampling={"max_new_tokens": filled.max_new_tokens},
        seed=checked_seed(filled.seed),
        grounded=filled.grounded if task.grounded else None,
        variant=filled.variant or None,
        labels=labels,
        open=not labels,
        shots=0 if filled.examples == "none" else _whole(filled.shots, MAX_SHOTS, "evaluation_shots"),
        limit=_whole(filled.limit, None, "evaluation_limit"),
    )


def _whole(value: float | None, most: int | None, code: str) -> int | None:
    """A whole number from 1 on, None for 0 and an empty box; UsageError ``code`` for anything else."""
    if not value:
        return None
    if value != int(value) or value < 1 or (most is not None and value > most):
        raise UsageError(code)
    return int(value)
