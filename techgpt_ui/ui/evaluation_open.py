"""Put a document of an evaluation into its task's tab: inputs, settings, examples and the answer that it got."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation.records import Evaluation, Outcome
from techgpt_ui.presets import Library
from techgpt_ui.schema import Result
from techgpt_ui.store import RunRecord
from techgpt_ui.ui.controls import control_values
from techgpt_ui.ui.history_open import fill_inputs, fit_settings, restored
from techgpt_ui.ui.screen import Screen
from techgpt_ui.ui.workbench import TabParts


def opened_outcome(evaluation: Evaluation, outcome: Outcome, parts: TabParts, library: Library) -> list[Any]:
    """New values for the tab's inputs, controls and outputs, in this order."""
    settings = run_settings(evaluation, outcome)
    if outcome.result is None:
        return _failed(outcome, settings, parts, library)
    record = RunRecord(
        owner="",
        task=evaluation.task,
        created=datetime.fromisoformat(evaluation.created),
        inputs=outcome.inputs,
        settings=settings,
        result=outcome.result.to_stored(),
        code_version=evaluation.code_version,
    )
    return restored(record, parts, library)


def run_settings(evaluation: Evaluation, outcome: Outcome) -> dict[str, Any]:
    """The settings of one document's run, in the form in which a run is kept."""
    settings = evaluation.settings
    kept = {
        "grounded": settings.grounded,
        "variant": settings.variant,
        "sampling_preset": settings.sampling_preset,
        "sampling": settings.sampling,
        "seed": settings.seed,
    }
    if outcome.examples is None:
        return kept
    examples = [example.model_dump(mode="json") for example in outcome.examples]
    return kept | {"examples": json.dumps(examples, ensure_ascii=False)}


def _failed(outcome: Outcome, settings: dict[str, Any], parts: TabParts, library: Library) -> list[Any]:
    """The inputs and settings with an empty answer and the reason for it."""
    task = parts.task
    filled = fill_inputs(task, outcome.inputs)
    controls = control_values(fit_settings(settings, task, library), task)
    why = outcome.error
    trouble = WorkbenchError("evaluation_document", why=why.en if why else "", why_zh=why.zh if why else "")
    empty = Result(task=task.id, status="unparsed", prompt="", raw="", seed=None, sampling={}, model=None)
    return [*filled.inputs.values(), *controls, *Screen(task, filled.inputs).finished(empty, None, trouble)]
