"""Put a kept run back into its tab: inputs, controls and answer, as far as the tab of today still has them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import gradio as gr
from pydantic import ValidationError

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import InputField, Library, Sampling, Task
from techgpt_ui.schema import Result
from techgpt_ui.store import RunRecord
from techgpt_ui.ui.controls import control_values
from techgpt_ui.ui.screen import Screen
from techgpt_ui.ui.workbench import TabParts

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class _UnfitError(Exception):
    """A value that the input does not take any more."""


class Filled(NamedTuple):
    """The inputs of a tab, and the names of what did not fit there."""

    inputs: dict[str, Any]
    unfit: list[str]


def restored(record: RunRecord, parts: TabParts, library: Library) -> list[Any]:
    """New values for the tab's inputs, controls and outputs, in this order."""
    task = parts.task
    filled = fill_inputs(task, record.inputs)
    trouble = WorkbenchError("history_unfit", names=", ".join(filled.unfit)) if filled.unfit else None
    settings = fit_settings(record.settings, task, library)
    controls = control_values(settings, task) if record.settings else [gr.skip()] * len(parts.controls)
    result = Result.from_stored(sendable(record.result))
    cut_at = settings["cut_at"]
    return [*filled.inputs.values(), *controls, *Screen(task, filled.inputs).finished(result, cut_at, trouble)]


def sendable(value: Any) -> Any:
    """The value with U+FFFD for what no answer of a server can hold: half of a surrogate pair."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {sendable(key): sendable(item) for key, item in value.items()}
    return [sendable(item) for item in value] if isinstance(value, list) else value


def fill_inputs(task: Task, kept: dict[str, Any]) -> Filled:
    """The kept inputs as the task's components take them; an input without a fitting value gets its default."""
    unfit = [name for name in kept if name not in {field.name for field in task.inputs}]
    inputs: dict[str, Any] = {}
    for field in task.inputs:
        try:
            inputs[field.name] = _fitting(field, kept.get(field.name))
        except _UnfitError:
            inputs[field.name] = field.blank
            unfit.append(field.name)
    return Filled(sendable(inputs), [sendable(name) for name in unfit])


def fit_settings(kept: dict[str, Any], task: Task, library: Library) -> dict[str, Any]:
    """Kept settings without what today's controls cannot show: a preset that is gone, a value out of bounds."""
    variants = {variant.id for variant in task.prompts.trained.variants}
    seed, preset, variant, cut_at = (kept.get(name) for name in ("seed", "sampling_preset", "variant", "cut_at"))
    examples = kept.get("examples")
    try:
        sampling = Sampling.model_validate(kept.get("sampling", {}))
    except ValidationError:
        sampling = library.sampling(task.sampling).values
    return {
        "grounded": kept.get("grounded") is not False and task.grounded,
        "variant": variant if isinstance(variant, str) and variant in variants else None,
        "examples": sendable(examples) if isinstance(examples, str) else "",
        "sampling_preset": preset if isinstance(preset, str) and preset in library.samplings else None,
        "sampling": sampling.model_dump(),
        "seed": seed if isinstance(seed, int) and 0 <= seed < 2**63 else 0,
        "cut_at": cut_at if isinstance(cut_at, int) and cut_at >= 0 else None,
    }


def _fitting(field: InputField, value: Any) -> Any:
    if value is None:
        return field.blank
    if field.kind in ("labels", "turns"):
        if not isinstance(value, list) or (field.kind == "labels" and not all(isinstance(v, str) for v in value)):
            raise _UnfitError
        return value
    if field.kind == "number":
        if not isinstance(value, (int, float)) or not field.minimum <= value <= field.maximum:
            raise _UnfitError
        return value
    if not isinstance(value, str):
        raise _UnfitError
    if field.kind != "choice":
        return value
    option = field.option(value)
    if option is None and not field.custom:
        raise _UnfitError
    return option.id if option else value
