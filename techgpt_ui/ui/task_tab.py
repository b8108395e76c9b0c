"""One tab for any capability: inputs and controls from its preset, outputs by its renderer."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.pipeline import Reading, Update, make_sampling, run
from techgpt_ui.presets import Library, Sampling, Task
from techgpt_ui.renderers import RENDERERS, View, error_html, rows_to_csv, status_html
from techgpt_ui.renderers.markup import say
from techgpt_ui.ui.i18n import Strings
from techgpt_ui.ui.sessions import Sessions

log = logging.getLogger(__name__)

NUMBERS = ("temperature", "top_p", "top_k", "repetition_penalty", "min_new_tokens", "max_new_tokens", "num_beams")
WHOLE = {"top_k", "min_new_tokens", "max_new_tokens", "num_beams"}
LOAD_WAIT_S = 600.0


class Workbench(NamedTuple):
    """What every tab works with."""

    library: Library
    host: ModelHost
    sessions: Sessions
    say: Strings


class Outputs(NamedTuple):
    """Components that a run fills."""

    status: Any
    text: Any
    table: Any
    raw: Any
    prompt: Any
    csv: Any
    run: Any
    stop: Any


def build_task_tab(bench: Workbench, task: Task) -> None:
    """Inputs and controls left, answer right; the first sample is filled in."""
    say_ui = bench.say
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            inputs = [_input(say_ui, task, field) for field in task.inputs]
            _samples(say_ui, task, inputs)
            with gr.Row():
                start = gr.Button(say_ui("ui.run"), variant="primary", elem_id=f"{task.id}-run")
                stop = gr.Button(say_ui("ui.stop"), interactive=False, elem_id=f"{task.id}-stop")
            grounded = gr.Checkbox(
                task.grounded,
                label=say_ui("ui.grounded"),
                info=say_ui("ui.grounded_info"),
                visible=task.grounded,
                elem_id=f"{task.id}-grounded",
            )
            controls = _sampling_controls(bench, task)
        with gr.Column(scale=7, min_width=320):
            outputs = _outputs(say_ui, task, start, stop)
    handler = _runner(bench, task)
    start.click(
        handler,
        [*inputs, grounded, *controls],
        list(outputs),
        concurrency_limit=None,
        show_progress="hidden",
        api_visibility="private",
    )
    stop.click(_stopper(bench, task), None, None, queue=False, show_progress="hidden", api_visibility="private")


def _input(say_ui: Strings, task: Task, field: Any) -> Any:
    key = f"task.{task.id}.{field.name}"
    first = task.samples[0].inputs.get(field.name)
    info = say_ui(f"{key}.help") if field.help else None
    ident = f"{task.id}-{field.name}"
    if field.kind == "labels":
        choices = sorted({*(field.default.zh if field.default else ()), *(field.default.en if field.default else ())})
        return gr.Dropdown(
            choices,
            value=first or [],
            multiselect=True,
            allow_custom_value=True,
            label=say_ui(key),
            info=info,
            elem_id=ident,
        )
    return gr.Textbox(first or "", lines=7, max_lines=18, label=say_ui(key), info=info, elem_id=ident)


def _samples(say_ui: Strings, task: Task, inputs: list[Any]) -> None:
    with gr.Row(elem_classes="examples"):
        for at, sample in enumerate(task.samples):
            values = [sample.inputs.get(field.name, [] if field.kind == "labels" else "") for field in task.inputs]
            button = gr.Button(say_ui(f"task.{task.id}.sample{at}"), size="sm", elem_id=f"{task.id}-sample{at}")
            button.click(
                lambda values=values: values if len(values) > 1 else values[0],
                None,
                inputs,
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            )


def _sampling_controls(bench: Workbench, task: Task) -> list[Any]:
    base = bench.library.sampling(task.sampling)
    choices = [(bench.say(f"sampling.{ident}"), ident) for ident in bench.library.samplings]
    with gr.Accordion(bench.say("ui.sampling"), open=False, elem_id=f"{task.id}-sampling"):
        chosen = gr.Dropdown(
            choices, value=base.id, label=bench.say("ui.sampling_preset"), elem_id=f"{task.id}-sampling-preset"
        )
        reason = gr.HTML(_reason(bench.library, base.id))
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
        return [_reason(bench.library, ident), values.do_sample, *(getattr(values, name) for name in NUMBERS)]

    chosen.change(
        choose, chosen, [reason, draw, *numbers], queue=False, show_progress="hidden", api_visibility="private"
    )
    return [draw, *numbers, seed]


def _reason(library: Library, ident: str) -> str:
    from techgpt_ui.renderers.markup import both

    return f'<p class="limits">{both(library.sampling(ident).reason.text)}</p>'


def _outputs(say_ui: Strings, task: Task, start: Any, stop: Any) -> Outputs:
    status = gr.HTML("", elem_id=f"{task.id}-status")
    text = gr.HTML("", elem_id=f"{task.id}-marked")
    table = gr.HTML("", elem_id=f"{task.id}-table")
    csv = gr.DownloadButton(say_ui("ui.download"), size="sm", visible=False, elem_id=f"{task.id}-csv")
    raw = gr.Textbox(
        "",
        label=say_ui("ui.raw"),
        lines=4,
        max_lines=14,
        interactive=False,
        elem_classes="raw",
        elem_id=f"{task.id}-raw",
    )
    with gr.Accordion(say_ui("ui.prompt"), open=False):
        prompt = gr.Textbox(
            "",
            show_label=False,
            lines=4,
            max_lines=30,
            interactive=False,
            elem_classes="raw",
            elem_id=f"{task.id}-prompt",
        )
    return Outputs(status, text, table, raw, prompt, csv, start, stop)


def _runner(bench: Workbench, task: Task) -> Any:
    names = [field.name for field in task.inputs]

    def run_tab(request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        session = request.session_hash or ""
        token = bench.sessions.begin(session, task.id)
        inputs = dict(zip(names, values, strict=False))
        grounded, draw, *rest = values[len(names) :]
        shown = _Screen(task, str(inputs[task.source_input] or ""))
        try:
            yield shown.started()
            sampling, seed = _sampling(draw, rest)
            while not bench.host.settled and not token.cancelled:
                yield shown.note(str(say("run.model_loading")))
                bench.host.wait(0.3)
            for update in run(
                task,
                inputs,
                model=bench.host.preset,
                engine=bench.host.engine(),
                sampling=sampling,
                seed=seed,
                grounded=bool(grounded),
                cancel=token,
            ):
                yield shown.update(update)
        except WorkbenchError as error:
            yield shown.failed(error)
        except Exception as error:
            log.exception("a run failed")
            yield shown.failed(WorkbenchError("unexpected", why=type(error).__name__))
        finally:
            bench.sessions.end(session, task.id, token)

    return run_tab


def _stopper(bench: Workbench, task: Task) -> Any:
    def stop_tab(request: gr.Request) -> None:
        bench.sessions.stop(request.session_hash or "", task.id)

    return stop_tab


def _sampling(draw: bool, rest: list[Any]) -> tuple[Sampling, int]:
    *numbers, seed = rest
    changes = dict(zip(NUMBERS, numbers, strict=True))
    for name, value in changes.items():
        if value is None:
            raise UsageError("bad_sampling", name=name, value="", why="a number is needed")
    if seed is None or not 0 <= seed < 2**63:
        raise UsageError("bad_sampling", name="seed", value=seed, why="a whole number from 0 on is needed")
    return make_sampling(Sampling(), {"do_sample": draw, **changes}), int(seed)


class _Screen:
    """What one run has put on the page; unchanged parts are skipped."""

    def __init__(self, task: Task, source: str) -> None:
        self._task = task
        self._source = source
        self._reading: Reading | None = None
        self._raw = ""
        self._status = ""
        self._prompt: str | None = None

    def started(self) -> list[Any]:
        return self._emit(
            status=str(say("run.generating")), text="", table="", raw="", prompt="",
            csv=gr.update(visible=False), run=gr.update(interactive=False), stop=gr.update(interactive=True),
        )  # fmt: skip

    def note(self, status: str) -> list[Any]:
        changed = status != self._status
        self._status = status
        return self._emit(status=status) if changed else self._emit()

    def update(self, update: Update) -> list[Any]:
        if update.result is not None:
            return self._finished(update)
        changes: dict[str, Any] = {}
        status = str(say("run.waiting", place=update.place) if update.phase == "waiting" else say("run.generating"))
        if status != self._status:
            changes["status"] = self._status = status
        if update.prompt and self._prompt is None:
            changes["prompt"] = self._prompt = update.prompt.text
        if update.raw != self._raw:
            changes["raw"] = self._raw = update.raw
        if update.reading is not None and update.reading is not self._reading:
            self._reading = update.reading
            view = self._view(update)
            changes |= {"text": view.text, "table": view.table}
        return self._emit(**changes)

    def failed(self, error: WorkbenchError) -> list[Any]:
        return self._emit(status=error_html(error), run=gr.update(interactive=True), stop=gr.update(interactive=False))

    def _finished(self, update: Update) -> list[Any]:
        result = update.result
        assert result is not None
        view = self._view(update)
        csv = gr.update(visible=False)
        if view.rows:
            csv = gr.update(value=_write_csv(self._task.id, rows_to_csv(view.columns, view.rows)), visible=True)
        return self._emit(
            status=status_html(result), text=view.text, table=view.table, raw=result.raw, prompt=result.prompt,
            csv=csv, run=gr.update(interactive=True), stop=gr.update(interactive=False),
        )  # fmt: skip

    def _view(self, update: Update) -> View:
        read = update.result or update.reading
        assert read is not None
        cut_at = update.prompt.cut_at if update.prompt else None
        source = self._source.replace("\r\n", "\n")
        return RENDERERS[self._task.renderer](source, read.mentions or (), read.relations or (), cut_at)

    def _emit(self, **changes: Any) -> list[Any]:
        return [changes.get(name, gr.skip()) for name in Outputs._fields]


def _write_csv(task_id: str, content: bytes) -> str:
    folder = tempfile.mkdtemp(dir=os.environ["GRADIO_TEMP_DIR"])
    path = Path(folder) / f"{task_id}.csv"
    path.write_bytes(content)
    return str(path)
