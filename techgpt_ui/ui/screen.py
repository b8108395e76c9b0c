"""The output side of a task's tab: its components, and what one run puts on them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.inputs import source_of
from techgpt_ui.parsers import PARSERS
from techgpt_ui.pipeline import Update
from techgpt_ui.presets import Inputs, Task
from techgpt_ui.reading import Reading
from techgpt_ui.renderers import RENDERERS, Answer, Download, View, error_html, status_html
from techgpt_ui.renderers.graph import GraphInput
from techgpt_ui.renderers.markup import say
from techgpt_ui.schema import Result
from techgpt_ui.ui.graph_box import build_graph_box
from techgpt_ui.ui.workbench import Workbench, download_path


class Outputs(NamedTuple):
    """Components that a run fills."""

    status: Any
    main: Any
    table: Any
    file: Any
    raw: Any
    prompt: Any
    payload: Any
    """Hidden: the text that "send to" hands on."""
    graph_data: Any
    """Hidden: the triples of the answer, for the knowledge graph."""
    run: Any
    stop: Any


def output_boxes(bench: Workbench, task: Task, run: Any, stop: Any) -> Outputs:
    """Status, the answer as what it is, its table and file, and the raw answer."""
    ident = task.id
    status = gr.HTML("", elem_id=f"{ident}-status")
    main = gr.HTML("", elem_id=f"{ident}-marked")
    graph_data = gr.Textbox("", visible="hidden", elem_id=f"{ident}-graph-data")
    if "relations" in PARSERS[task.format].fills:
        build_graph_box(bench, task, graph_data)
    return Outputs(
        status=status,
        main=main,
        table=gr.HTML("", elem_id=f"{ident}-table"),
        file=gr.DownloadButton(bench.say("ui.download"), size="sm", visible=False, elem_id=f"{ident}-file"),
        raw=gr.Textbox(
            "", label=bench.say("ui.raw"), lines=4, max_lines=14, interactive=False, elem_classes="raw",
            elem_id=f"{ident}-raw",
        ),
        prompt=gr.Textbox("", visible=False, elem_id=f"{ident}-prompt"),
        payload=gr.Textbox("", visible="hidden", elem_id=f"{ident}-payload"),
        graph_data=graph_data,
        run=run,
        stop=stop,
    )  # fmt: skip


class Screen:
    """What one run has put on the page; unchanged parts are skipped."""

    def __init__(self, task: Task, inputs: Inputs) -> None:
        self._task = task
        self._inputs = inputs
        self._source = source_of(task, inputs)
        self._reading: Reading | None = None
        self._raw = ""
        self._status = ""

    def started(self) -> list[Any]:
        """An empty screen with Stop in reach."""
        return self._emit(
            status=str(say("run.generating")), main="", table="", raw="", prompt="", payload="", graph_data="",
            file=gr.update(visible=False), run=gr.update(interactive=False), stop=gr.update(interactive=True),
        )  # fmt: skip

    def note(self, status: str) -> list[Any]:
        """Another word of status."""
        changed = status != self._status
        self._status = status
        return self._emit(status=status) if changed else self._emit()

    def update(self, update: Update) -> list[Any]:
        """One moment of a run."""
        changes: dict[str, Any] = {}
        status = str(say("run.waiting", place=update.place) if update.phase == "waiting" else say("run.generating"))
        if status != self._status:
            changes["status"] = self._status = status
        if update.raw != self._raw:
            changes["raw"] = self._raw = update.raw
        if update.reading is not None and update.reading is not self._reading:
            self._reading = update.reading
            view = self._view(update.reading, update.prompt.cut_at if update.prompt else None)
            changes |= {"main": view.main, "table": view.table}
        return self._emit(**changes)

    def failed(self, error: WorkbenchError) -> list[Any]:
        """An error in place of the status; what was shown stays."""
        return self._emit(status=error_html(error), run=gr.update(interactive=True), stop=gr.update(interactive=False))

    def finished(self, result: Result, cut_at: int | None, trouble: WorkbenchError | None = None) -> list[Any]:
        """The Result; ``trouble`` is what went wrong beside it."""
        view = self._view(result, cut_at)
        return self._emit(
            status=status_html(result) + (error_html(trouble) if trouble else ""), main=view.main, table=view.table,
            file=_file(self._task.id, view.download), raw=result.raw, prompt=result.prompt,
            payload=result.text or self._source, graph_data=_graph_data(self._source, result),
            run=gr.update(interactive=True), stop=gr.update(interactive=False),
        )  # fmt: skip

    def _view(self, found: Reading | Result, cut_at: int | None) -> View:
        answer = Answer(task=self._task, inputs=self._inputs, source=self._source, found=found, cut_at=cut_at)
        return RENDERERS[self._task.renderer](answer)

    def _emit(self, **changes: Any) -> list[Any]:
        return [changes.get(name, gr.skip()) for name in Outputs._fields]


def _graph_data(source: str, result: Result) -> str:
    if not result.relations:
        return ""
    name = " ".join(source.split())[:40] or result.task
    found = GraphInput(run=name, source=source, mentions=result.mentions or (), relations=result.relations)
    return json.dumps(found.model_dump(mode="json"))


def _file(task_id: str, download: Download | None) -> Any:
    if download is None:
        return gr.update(visible=False)
    return gr.update(value=download_path(f"{task_id}.{download.suffix}", download.content), visible=True)
