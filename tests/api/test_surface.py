"""What the running page offers to programs, and nothing else."""

from typing import Any

import httpx
import pytest

from techgpt_ui.presets import Library

pytestmark = pytest.mark.demo_model


@pytest.fixture(scope="module")
def info(address: str) -> dict[str, Any]:
    return httpx.get(f"{address}/gradio_api/info?all_endpoints=true").json()


@pytest.fixture(scope="module")
def config(address: str) -> dict[str, Any]:
    return httpx.get(f"{address}/config").json()


def test_the_endpoints_are_the_tasks_the_list_and_the_reader(info: dict[str, Any], library: Library) -> None:
    assert set(info["named_endpoints"]) == {f"/{name}" for name in (*library.tasks, "tasks", "parse")}
    assert info["unnamed_endpoints"] == {}


def test_every_other_handler_of_the_page_is_private(config: dict[str, Any], library: Library) -> None:
    shown = {handler["api_name"] for handler in config["dependencies"] if handler["api_visibility"] != "private"}
    assert shown == {*library.tasks, "tasks", "parse"}


def test_no_endpoint_takes_a_file_or_touches_the_page(config: dict[str, Any]) -> None:
    kinds = {component["id"]: component["type"] for component in config["components"]}
    for handler in config["dependencies"]:
        if handler["api_visibility"] == "public":
            assert {kinds[part] for part in (*handler["inputs"], *handler["outputs"])} == {"api"}, handler["api_name"]


def test_no_endpoint_names_a_model_a_folder_or_a_file(info: dict[str, Any], library: Library) -> None:
    inputs = {field.name for task in library.tasks.values() for field in task.inputs}
    options = {"seed", "sampling", "grounded", "variant", "max_new_tokens", "task", "source", "raw"}
    taken = {
        parameter["parameter_name"] for point in info["named_endpoints"].values() for parameter in point["parameters"]
    }
    assert taken == inputs | options


def test_parameters_have_the_types_of_the_inputs(info: dict[str, Any], library: Library) -> None:
    wanted = {
        "passage": {"type": "string"},
        "line": {"type": "string"},
        "system": {"type": "string"},
        "number": {"type": "integer"},
        "labels": {"type": "array", "items": {"type": "string"}},
    }
    for task in library.tasks.values():
        types = {
            parameter["parameter_name"]: parameter["type"]
            for parameter in info["named_endpoints"][f"/{task.id}"]["parameters"]
        }
        for field in task.inputs:
            if field.kind == "choice":
                ids = [option.id for option in field.options]
                assert types[field.name] == ({"type": "string"} if field.custom else {"enum": ids})
            elif field.kind == "turns":
                assert set(types[field.name]["items"]["required"]) == {"role", "content"}
            else:
                assert types[field.name] == wanted[field.kind]


def test_only_the_inputs_that_have_no_default_are_required(info: dict[str, Any], library: Library) -> None:
    for task in library.tasks.values():
        parameters = info["named_endpoints"][f"/{task.id}"]["parameters"]
        required = [entry["parameter_name"] for entry in parameters if not entry["parameter_has_default"]]
        assert set(required) == {field.name for field in task.inputs if field.required and field.default is None}
        assert [entry["parameter_name"] for entry in parameters][: len(required)] == required
