"""One tab for any capability: inputs and controls from its preset, the answer by its renderer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import gradio as gr

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.examples import read_examples
from techgpt_ui.inputs import check_inputs
from techgpt_ui.parsers import PARSERS
from techgpt_ui.pipeline import parse_answer, run
from techgpt_ui.presets import Task
from techgpt_ui.renderers import error_html
from techgpt_ui.renderers.markup import both, say
from techgpt_ui.ui.controls import SHOTS, Wish, examples, input_box, read_wish, run_controls
from techgpt_ui.ui.example_sets import example_sets_box, link_example_sets
from techgpt_ui.ui.inspector import inspected, inspector_box
from techgpt_ui.ui.screen import Outputs, Screen, output_boxes
from techgpt_ui.ui.workbench import QUICK, QUIET, TabParts, Workbench, record_run, stopper, way_to

log = logging.getLogger(__name__)


def build_task_tab(bench: Workbench, task: Task) -> None:
    """Inputs and controls left, answer right; the first sample is filled in."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=320):
            inputs = [input_box(bench, task, field) for field in task.inputs]
            examples(bench, task, inputs)
            with gr.Row():
                start = gr.Button(bench.say("ui.run"), variant="primary", elem_id=f"{task.id}-run")
                stop = gr.Button(bench.say("ui.stop"), interactive=False, elem_id=f"{task.id}-stop")
            sets = example_sets_box(bench, task)
            controls = run_controls(bench, task)
            inspect, tokens = inspector_box(bench, task)
            pasted, read = _import_box(bench, task)
        with gr.Column(scale=7, min_width=320):
            outputs = output_boxes(bench, task, start, stop)
            with gr.Row(elem_classes="send-to") as footer:
                pass
    bench.tabs[task.id] = TabParts(task, inputs, controls, list(outputs), footer, sets)
    link_example_sets(bench, task, sets, inputs, controls[SHOTS])
    start.click(_runner(bench, task), [*inputs, *controls], list(outputs), concurrency_limit=None, **QUIET)
    stop.click(stopper(bench, task), None, None, **QUICK)
    inspect.click(_inspecting(bench, task), [*inputs, *controls], tokens, concurrency_limit=None, **QUIET)
    read.click(_importing(bench, task), [*inputs, pasted], list(outputs), **QUICK)


def link_task_tab(bench: Workbench, parts: TabParts, way: Any) -> None:
    """Buttons that hand the answer, or the text where the answer is no running text, to another tab.

    That tab opens by ``way``, a hidden box for all of them: each event of a page makes its opening slower.
    """
    targets = [target for target in parts.task.send_to if target in bench.tabs]
    payload = Outputs(*parts.outputs).payload
    if targets:
        says_text = "text" in PARSERS[parts.task.format].fills
        gr.HTML(str(say("ui.send_answer" if says_text else "ui.send_text")), elem_classes="send-label")
    for target in targets:
        goal = bench.tabs[target]
        button = gr.Button(
            bench.say(f"task.{target}.send"), size="sm", elem_id=f"{parts.task.id}-send-{target}", min_width=90
        )
        button.click(_sending(target), payload, [goal.input(goal.task.main_input), way], **QUICK)


def _sending(target: str) -> Any:
    return lambda text: (text or gr.skip(), way_to(target))


def _import_box(bench: Workbench, task: Task) -> tuple[Any, Any]:
    with gr.Accordion(bench.say("ui.import"), open=False, elem_id=f"{task.id}-import"):
        pasted = gr.Textbox(
            "", label=bench.say("ui.import_answer"), info=bench.say("ui.import_info"), lines=4, max_lines=14,
            elem_classes="raw", elem_id=f"{task.id}-pasted",
        )  # fmt: skip
        read = gr.Button(bench.say("ui.import_read"), size="sm", elem_id=f"{task.id}-read")
    return pasted, read


def _split(task: Task, values: tuple[Any, ...]) -> tuple[dict[str, Any], Wish]:
    names = [field.name for field in task.inputs]
    return dict(zip(names, values, strict=False)), read_wish(*values[len(names) :])


def _runner(bench: Workbench, task: Task) -> Any:
    def run_tab(request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        session = request.session_hash or ""
        token = bench.sessions.begin(session, task.id)
        screen = Screen(task, dict(zip((field.name for field in task.inputs), values, strict=False)))
        try:
            yield screen.started()
            inputs, wish = _split(task, values)
            with bench.host.claim() as lease:
                for why in lease.waits(token):
                    yield screen.note(str(both(why)))
                for update in run(
                    task,
                    inputs,
                    model=lease.preset,
                    engine=lease.engine,
                    sampling=wish.sampling,
                    seed=wish.seed,
                    grounded=wish.grounded,
                    variant=wish.variant,
                    examples=read_examples(wish.shots, task),
                    cancel=token,
                ):
                    if update.result is None:
                        yield screen.update(update)
                        continue
                    cut_at = update.prompt.cut_at if update.prompt else None
                    settings = wish.settings() | {"cut_at": cut_at}
                    kept = record_run(
                        bench, request, kind="run", inputs=inputs, settings=settings, result=update.result
                    )
                    yield screen.finished(update.result, cut_at, kept.trouble)
        except WorkbenchError as error:
            yield screen.failed(error)
        except Exception as error:
            log.exception("a run failed")
            yield screen.failed(WorkbenchError("unexpected", why=type(error).__name__))
        finally:
            bench.sessions.end(session, task.id, token)

    return run_tab


def _inspecting(bench: Workbench, task: Task) -> Any:
    def inspect_tab(*values: Any) -> str:
        try:
            return inspected(bench, task, *_split(task, values))
        except WorkbenchError as error:
            return error_html(error)

    return inspect_tab


def _importing(bench: Workbench, task: Task) -> Any:
    def import_tab(request: gr.Request, *values: Any) -> list[Any]:
        *given, raw = values
        inputs = dict(zip((field.name for field in task.inputs), given, strict=True))
        screen = Screen(task, inputs)
        try:
            if not str(raw or "").strip():
                raise WorkbenchError("import_blank")
            checked = check_inputs(task, inputs)
            labels = checked[task.label_input] if task.label_input else ()
            source = checked[task.source_input] if task.source_input else ""
            result = parse_answer(task, source, raw, bench.library.stops, labels)
            kept = record_run(bench, request, kind="import", inputs=inputs, settings={}, result=result)
        except WorkbenchError as error:
            return screen.failed(error)
        return screen.finished(result, None, kept.trouble)

    return import_tab
