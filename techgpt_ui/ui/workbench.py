"""What all tabs share, and how one tab reaches another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui import __version__
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Inputs, Library, Task
from techgpt_ui.schema import Result
from techgpt_ui.store import ConversationStore, EvaluationStore, RunRecord, RunStore
from techgpt_ui.store.records import new_id
from techgpt_ui.ui.i18n import Strings
from techgpt_ui.ui.owners import owner_of
from techgpt_ui.ui.sessions import Sessions

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""What every event of the page has: no overlay, and no place among the named endpoints."""
QUICK: dict[str, Any] = QUIET | {"queue": False}
"""For events that no run may keep waiting."""
LATEST: dict[str, Any] = QUICK | {"trigger_mode": "always_last"}
"""Of several wishes while one is being granted, only the last counts."""


class TabParts(NamedTuple):
    """The components of one task's tab that others may fill."""

    task: Task
    inputs: list[Any]
    controls: list[Any]
    outputs: list[Any]
    footer: Any
    """The row for what leads elsewhere; it is filled once all tabs exist."""
    example_sets: Any = None
    """The list of example sets, in a tab that has one."""

    def input(self, name: str) -> Any:
        """The component of one input."""
        names = [field.name for field in self.task.inputs]
        return self.inputs[names.index(name)]


class Workbench(NamedTuple):
    """What every tab works with; ``tabs`` fills up while the page is put together."""

    library: Library
    host: ModelHost
    sessions: Sessions
    say: Strings
    runs: RunStore
    conversations: ConversationStore
    evaluations: EvaluationStore
    tabs: dict[str, TabParts]


class Kept(NamedTuple):
    """What became of a run that was to be kept."""

    run_id: str | None
    trouble: WorkbenchError | None


def record_run(
    bench: Workbench, request: gr.Request, *, kind: Any, inputs: Inputs, settings: dict[str, Any], result: Result
) -> Kept:
    """Keep a finished run in its user's history; an error there is handed back, the answer is not lost over it."""
    return keep_run(bench, owner_of(request), kind=kind, inputs=inputs, settings=settings, result=result)


def keep_run(
    bench: Workbench, owner: str, *, kind: Any, inputs: Inputs, settings: dict[str, Any], result: Result
) -> Kept:
    """The same for an owner who is known already; for nobody nothing is kept."""
    if not owner:
        return Kept(None, None)
    record = RunRecord(
        owner=owner,
        kind=kind,
        task=result.task,
        inputs=inputs,
        settings=settings,
        result=result.to_stored(),
        code_version=__version__,
    )
    try:
        bench.runs.add(record)
    except WorkbenchError as error:
        return Kept(None, error)
    return Kept(record.id, None)


def way_to(task_id: str) -> str:
    """What a hidden box is set to, for the page to open a tab: the task, and what makes it another value each time."""
    return f"{task_id} {new_id()}"


def stopper(bench: Workbench, task: Task) -> Callable[[gr.Request], None]:
    """The handler of a Stop button: it ends the session's own run of the task."""

    def stop_tab(request: gr.Request) -> None:
        bench.sessions.stop(request.session_hash or "", task.id)

    return stop_tab


def download_path(name: str, content: bytes) -> str:
    """A file for the user to keep, in a folder of its own."""
    path = Path(tempfile.mkdtemp(dir=os.environ["GRADIO_TEMP_DIR"])) / name
    path.write_bytes(content)
    return str(path)
