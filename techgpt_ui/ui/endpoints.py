"""Every task as a named HTTP endpoint that streams, and as an MCP tool; beside them the list of tasks and the reader.

One function serves both: an HTTP client gets the Result as an object, an MCP client as JSON text.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple
from uuid import uuid4

import gradio as gr

from techgpt_ui.documents import MAX_CHARACTERS, import_text
from techgpt_ui.engines.base import CancelToken
from techgpt_ui.engines.lease import Lease
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.inputs import check_inputs, check_turns, with_defaults
from techgpt_ui.pipeline import make_sampling, parse_answer, run
from techgpt_ui.presets import Inputs, Library, Sampling, Task
from techgpt_ui.texts import Lang, text
from techgpt_ui.ui.gone_clients import CALL_HEADER
from techgpt_ui.ui.tool_docs import Argument, Kind, describe, input_arguments, run_options, task_words
from techgpt_ui.ui.workbench import Workbench

log = logging.getLogger(__name__)

RUNS_AT_ONCE = 16
"""Runs of all endpoints together that hold or wait for the device; more wait in Gradio's queue."""
LOAD_WAIT_S = 600.0

Answer = dict[str, Any]
FITS: dict[Kind, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "names": lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "switch": lambda value: isinstance(value, bool),
    "turns": lambda value: isinstance(value, list),
}
"""What JSON may give for each kind of parameter; nothing is read from a file, whatever a value looks like."""


class Call(NamedTuple):
    """What a caller asks of a task, checked."""

    inputs: Inputs
    sampling: Sampling
    seed: int
    grounded: bool
    variant: str | None


def add_endpoints(bench: Workbench, lang: Lang) -> None:
    """Add all endpoints to the page that is being put together; ``lang`` is that of warnings and errors."""
    for task in bench.library.tasks.values():
        _add_task(bench, task, lang)
    _add_tasks(bench.library, lang)
    _add_parse(bench.library, lang)


def _add_task(bench: Workbench, task: Task, lang: Lang) -> None:
    options = run_options(task, bench.library)
    inputs = input_arguments(task, {option.name for option in options})
    arguments = [*inputs.values(), *options]

    def call(caller: gr.Request, *values: Any) -> Iterator[Any]:
        with _told(lang):
            given = _given(arguments, values)
            asked = _asked(bench.library, task, inputs, given)
            yield from _answers(bench, task, asked, lang, caller)

    describe(call, task.id, task_words(task), arguments, Answer)
    # All runs share one device, so that they share one limit as well.
    gr.api(call, api_name=task.id, concurrency_limit=RUNS_AT_ONCE, concurrency_id="runs")


def _add_tasks(library: Library, lang: Lang) -> None:
    def call(caller: gr.Request) -> Any:
        with _told(lang):
            return _delivered([task.entry() for task in library.tasks.values()], _from_mcp(caller))

    words = "Tasks of this workbench (任务列表): id, family, title, help, names of the inputs and of the instructions."
    describe(call, "tasks", words, [], list[Answer])
    gr.api(call, api_name="tasks")


def _add_parse(library: Library, lang: Lang) -> None:
    arguments = [
        Argument("task", "text", Literal[tuple(library.tasks)], "The task whose answer it is.", required=True),
        Argument("source", "text", str, "The text that the answer is about; empty where there is none.", required=True),
        Argument("raw", "text", str, "The answer to the letter.", required=True),
    ]

    def call(caller: gr.Request, *values: Any) -> Any:
        with _told(lang):
            given = _given(arguments, values)
            task = library.task(given["task"])
            result = parse_answer(task, import_text(given["source"], "source"), given["raw"], library.stops)
            return _delivered(result.to_json(lang), _from_mcp(caller))

    words = "Reads an answer that was generated elsewhere (解析已有回答) and grounds it in the source; no model runs."
    describe(call, "parse", words, arguments, Answer)
    gr.api(call, api_name="parse")


def _asked(library: Library, task: Task, inputs: Mapping[str, Argument], given: Mapping[str, Any]) -> Call:
    """The call as the pipeline takes it; UsageError before anything waits for the model."""
    # The default of a signature counts as nothing given: some defaults of a task depend on what was given.
    values = {
        name: given[argument.name]
        for name, argument in inputs.items()
        if argument.name in given and (argument.required or given[argument.name] != argument.default)
    }
    asked = with_defaults(task, values)
    check_inputs(task, asked)
    seed, limit = given.get("seed", 0), given.get("max_new_tokens", 0)
    if not 0 <= seed < 2**63:
        raise UsageError("bad_sampling", name="seed", value=seed, why="a whole number from 0 on is needed")
    base = library.sampling(given.get("sampling") or task.sampling).values
    return Call(
        inputs=asked,
        sampling=make_sampling(base, {"max_new_tokens": limit} if limit else {}),
        seed=seed,
        grounded=given.get("grounded", task.grounded),
        variant=given.get("variant") or None,
    )


def _answers(bench: Workbench, task: Task, asked: Call, lang: Lang, caller: gr.Request) -> Iterator[Any]:
    """What is known so far, again and again, so that a client that has gone is noticed; the Result last."""
    session = caller.headers.get(CALL_HEADER) or uuid4().hex
    cancel = bench.sessions.begin(session, task.id)
    try:
        with bench.host.claim() as lease:
            yield from _waiting(lease, task, cancel, lang)
            for update in run(task, model=lease.preset, engine=lease.engine, cancel=cancel, **asked._asdict()):
                if update.result is not None:
                    yield _delivered(update.result.to_json(lang), _from_mcp(caller))
                else:
                    yield {"task": task.id, "phase": update.phase, "place": update.place, "raw": update.raw}
    finally:
        bench.sessions.end(session, task.id, cancel)


def _waiting(lease: Lease, task: Task, cancel: CancelToken, lang: Lang) -> Iterator[Answer]:
    """Wait for the model while it is loaded or switched, telling why; raises what is wrong if it does not come."""
    deadline = time.monotonic() + LOAD_WAIT_S
    for why in lease.waits(cancel):
        if time.monotonic() > deadline:
            raise WorkbenchError("model_not_ready")
        yield {"task": task.id, "phase": "loading", "place": 0, "raw": "", "note": why.within(lang)}


def _from_mcp(caller: gr.Request) -> bool:
    return caller.headers.get("x-gradio-user") == "mcp"


def _delivered(value: Any, for_mcp: bool) -> Any:
    """MCP gets text; Gradio would write an object as Python does."""
    return json.dumps(value, ensure_ascii=False) if for_mcp else value


@contextmanager
def _told(lang: Lang) -> Iterator[None]:
    """Errors as clients see them: words without a traceback."""
    try:
        yield
    except WorkbenchError as error:
        raise gr.Error(error.words(lang), print_exception=False) from error
    except Exception as error:
        log.exception("an endpoint failed")
        failure = WorkbenchError("unexpected", why=type(error).__name__)
        raise gr.Error(failure.words(lang), print_exception=False) from error


def _given(arguments: list[Argument], values: tuple[Any, ...]) -> dict[str, Any]:
    """The values by name, without optional ones that are null; UsageError names the first of a wrong type."""
    given = {}
    for argument, value in zip(arguments, values, strict=True):
        if value is None and not argument.required:
            continue
        if not FITS[argument.kind](value):
            wanted = text(f"endpoint.kind.{argument.kind}")
            raise UsageError("bad_type", name=argument.name, wanted=wanted.en, wanted_zh=wanted.zh)
        for piece in _texts(argument, value):
            _require_text(argument.name, piece)
        given[argument.name] = value
    return given


def _texts(argument: Argument, value: Any) -> list[str]:
    if argument.kind == "turns":
        return [turn["content"] for turn in check_turns(value, argument.name)]
    return [value] if argument.kind == "text" else []


def _require_text(name: str, value: str) -> None:
    """UsageError for a text that is too long to work on or cannot be sent back."""
    if len(value) > MAX_CHARACTERS:
        raise UsageError("text_too_long", name=name, length=len(value), limit=MAX_CHARACTERS)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UsageError("text_surrogate", name=name, position=error.start + 1) from error
