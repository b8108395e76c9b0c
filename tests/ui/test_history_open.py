"""A kept run goes back into its tab as far as the tab of today still has a place for it."""

from typing import Any

import pytest

from techgpt_ui.presets import Library, Sampling
from techgpt_ui.store import RunRecord
from techgpt_ui.ui.controls import NUMBERS
from techgpt_ui.ui.history_open import fill_inputs, fit_settings, restored, sendable
from techgpt_ui.ui.screen import Outputs
from techgpt_ui.ui.workbench import TabParts
from tests.store.examples import TEXT, a_result, a_run

SETTINGS: dict[str, Any] = {
    "grounded": False,
    "variant": None,
    "examples": "[]",
    "sampling_preset": "extraction",
    "sampling": Sampling(max_new_tokens=33).model_dump(),
    "seed": 5,
}


@pytest.fixture(autouse=True)
def _temporary_files(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


def opened(library: Library, record: RunRecord) -> dict[str, Any]:
    """The new values by the names of what they go to."""
    task = library.tasks[record.task]
    names = [field.name for field in task.inputs]
    controls = ["grounded", "variant", "examples", "preset", "do_sample", *NUMBERS, "seed"]
    parts = TabParts(task, names, controls, list(Outputs._fields), None)
    return dict(zip([*names, *controls, *Outputs._fields], restored(record, parts, library), strict=True))


def is_left_alone(value: Any) -> bool:
    return isinstance(value, dict) and value.get("__type__") == "update" and len(value) == 1


def test_inputs_controls_and_answer_come_back(library: Library) -> None:
    values = opened(library, a_run(settings=SETTINGS, result=a_result().to_stored()))
    assert (values["text"], values["types"]) == (TEXT, ["组织", "地点"])
    assert (values["grounded"], values["preset"], values["max_new_tokens"]) == (False, "extraction", 33)
    assert (values["seed"], values["examples"]) == (5, "[]")
    assert values["raw"] == "阿里巴巴：组织"
    assert "阿里巴巴" in values["main"] and "不在原文中" in values["status"]


def test_a_run_without_settings_leaves_the_controls_alone(library: Library) -> None:
    values = opened(library, a_run(kind="import", settings={}))
    assert all(is_left_alone(values[name]) for name in ("grounded", "variant", "examples", "preset", "seed", *NUMBERS))


def test_inputs_that_the_task_no_longer_has_are_named_in_the_tab(library: Library) -> None:
    values = opened(library, a_run(inputs={"text": TEXT, "colour": "red", "types": "not a list"}))
    assert (values["text"], values["types"]) == (TEXT, [])
    assert "colour, types" in values["status"]


def test_values_that_an_input_cannot_take_become_its_default(library: Library) -> None:
    task = library.tasks["copywriting"]
    (number,) = [field for field in task.inputs if field.kind == "number"]
    good, bad = ({number.name: value} for value in (number.minimum, number.maximum + 1))
    assert fill_inputs(task, good).inputs[number.name] == number.minimum
    assert fill_inputs(task, bad).inputs[number.name] == number.default
    assert fill_inputs(task, bad).unfit == [number.name]
    assert fill_inputs(task, {}).unfit == []


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("sampling", {"temperature": 99}),
        ("sampling", [1]),
        ("sampling_preset", "gone"),
        ("sampling_preset", ["x"]),
        ("variant", "gone"),
        ("variant", {}),
        ("seed", -1),
        ("seed", "7"),
        ("cut_at", -4),
        ("cut_at", "x"),
    ],
)
def test_settings_that_the_controls_cannot_show_become_the_usual_ones(library: Library, name: str, junk: Any) -> None:
    task = library.tasks["ner"]
    assert fit_settings({name: junk}, task, library)[name] in (
        None,
        0,
        library.sampling(task.sampling).values.model_dump(),
    )


def test_half_of_a_surrogate_pair_does_not_keep_a_run_from_being_opened(library: Library) -> None:
    record = a_run(inputs={"text": "a\ud800b", "types": ["\udfff"]}, raw="\ud800：组织", settings=SETTINGS)
    values = opened(library, record)
    assert (values["text"], values["types"], values["raw"]) == ("a\ufffdb", ["\ufffd"], "\ufffd：组织")
    assert sendable({"\ud800": ["\udc00"]}) == {"\ufffd": ["\ufffd"]}
