"""Endpoints without a server: a model that does not come, and inputs with awkward names."""

from collections.abc import Iterator
from functools import cache
from inspect import signature
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.inputs import with_defaults
from techgpt_ui.pipeline import Update
from techgpt_ui.presets import InputField, Library, Words, load_library
from techgpt_ui.settings import Settings
from techgpt_ui.texts import Lang
from techgpt_ui.ui import endpoints
from techgpt_ui.ui.sessions import Sessions
from techgpt_ui.ui.tool_docs import describe, input_arguments
from tests.hosts import holding

CALLER = SimpleNamespace(headers={})


@pytest.fixture
def unloaded(library: Library, settings: Settings) -> ModelHost:
    return ModelHost(resolve_model("smollm2-demo", library), settings)


@cache
def endpoints_of(lang: Lang) -> tuple[Any, dict[str, Any]]:
    """A workbench without a model, and its endpoints by name."""
    bench = SimpleNamespace(library=load_library(), host=None, sessions=Sessions())
    with gr.Blocks() as page:
        endpoints.add_endpoints(bench, lang)
    return bench, {entry.api_name: entry.fn for entry in page.fns.values()}


def asked(host: Any, lang: Lang, task_id: str, **given: Any) -> list[Any]:
    """All that an endpoint yields; what is not given takes the defaults of its signature."""
    bench, functions = endpoints_of(lang)
    bench.host = host
    call = signature(functions[task_id]).bind(CALLER, **given)
    call.apply_defaults()
    return list(functions[task_id](*call.args))


@pytest.mark.parametrize(("lang", "words"), [("en", "The model is not ready"), ("zh", "模型尚未就绪")])
def test_a_model_that_never_comes_is_told_after_a_while(
    unloaded: ModelHost, monkeypatch: pytest.MonkeyPatch, lang: Lang, words: str
) -> None:
    monkeypatch.setattr(endpoints, "LOAD_WAIT_S", 0.5)
    with pytest.raises(gr.Error, match=words):
        asked(unloaded, lang, "qa", question="What is steel?")


def test_a_wrong_call_is_told_before_the_model_is_there(unloaded: ModelHost) -> None:
    with pytest.raises(gr.Error, match="is empty"):
        asked(unloaded, "en", "qa", question=" ")


def test_the_reason_why_a_model_did_not_load_is_told(unloaded: ModelHost, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise WorkbenchError("model_load_failed", name="demo", why="no space left")

    monkeypatch.setattr("techgpt_ui.engines.replacing.fetch_demo", fail)
    unloaded.load()
    with pytest.raises(gr.Error, match="no space left"):
        asked(unloaded, "en", "qa", question="What is steel?")


def test_an_error_of_our_own_shows_no_inner_words(unloaded: ModelHost, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("/home/somebody/secret")

    monkeypatch.setattr(endpoints, "check_inputs", fail)
    with pytest.raises(gr.Error, match="RuntimeError") as told:
        asked(unloaded, "en", "qa", question="What is steel?")
    assert "secret" not in str(told.value)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the pipeline is asked for; nothing runs."""
    asked_for: list[dict[str, Any]] = []
    monkeypatch.setattr(endpoints, "run", lambda task, **options: asked_for.append(options) or iter(()))
    return asked_for


@pytest.fixture
def ready(library: Library) -> Any:
    return holding(library.models["smollm2-demo"], None)


@pytest.mark.parametrize("task_id", load_library().tasks)
def test_what_is_left_out_is_what_the_command_line_takes(
    library: Library, ready: Any, runs: list[dict[str, Any]], task_id: str
) -> None:
    task = library.task(task_id)
    required = {field.name for field in task.inputs if field.required and field.default is None}
    given = {name: value for name, value in task.samples[0].inputs.items() if name in required}
    asked(ready, "en", task_id, **given)
    [options] = runs
    assert options["inputs"] == with_defaults(task, given)
    assert options["sampling"] == library.sampling(task.sampling).values
    assert (options["seed"], options["grounded"], options["variant"]) == (0, task.grounded, None)


def test_names_that_are_left_out_follow_the_language_and_an_empty_list_stays_empty(
    ready: Any, runs: list[dict[str, Any]]
) -> None:
    asked(ready, "en", "ner", text="张三在沈阳。")
    asked(ready, "en", "ner", text="张三在沈阳。", types=[])
    assert "人物" in runs[0]["inputs"]["types"]
    assert runs[1]["inputs"]["types"] == []


def test_a_client_that_stops_listening_cancels_its_run(ready: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens: list[CancelToken] = []

    def endless(task: object, cancel: CancelToken, **_: object) -> Iterator[Update]:
        tokens.append(cancel)
        while True:
            yield Update(phase="generating")

    monkeypatch.setattr(endpoints, "run", endless)
    bench, functions = endpoints_of("en")
    bench.host = ready
    listening = functions["qa"](CALLER, "What is steel?", *[None] * 5)
    assert next(listening)["phase"] == "generating"
    assert not tokens[0].cancelled
    listening.close()
    assert tokens[0].cancelled


def test_an_input_may_have_the_name_of_an_option_or_of_a_keyword(library: Library) -> None:
    label = Words(zh="类", en="Class")
    inputs = tuple(InputField(name=name, kind="line", label=label, required=True) for name in ("class", "seed", "x"))
    samples = (library.task("qa").samples[0].model_copy(update={"inputs": {}}),)
    task = library.task("qa").model_copy(update={"inputs": inputs, "samples": samples})
    arguments = input_arguments(task, {"seed", "sampling"})
    assert {name: argument.name for name, argument in arguments.items()} == {
        "class": "class_input",
        "seed": "seed_input",
        "x": "x",
    }

    def function(*_: object) -> None: ...

    describe(function, "odd", "Odd.", list(arguments.values()), str)
    assert list(signature(function).parameters)[1:] == ["class_input", "seed_input", "x"]
