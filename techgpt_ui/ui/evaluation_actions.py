"""What the evaluation tab does besides running. Whose evaluations are meant is read from each request."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.evaluation.comparing import Comparison, compare
from techgpt_ui.evaluation.keeping import Assessed, load, load_assessed
from techgpt_ui.evaluation.public import comparison_json, whole_json
from techgpt_ui.presets import Task
from techgpt_ui.renderers import error_html
from techgpt_ui.renderers.evaluation import (
    comparison_html,
    comparison_report_html,
    evaluation_html,
    leaderboard_html,
    report_html,
)
from techgpt_ui.renderers.evaluation.progress import gold_summary_html
from techgpt_ui.renderers.markup import say
from techgpt_ui.texts import Lang
from techgpt_ui.ui.evaluation_form import Filled, Form, fitting, gold_of
from techgpt_ui.ui.evaluation_open import opened_outcome
from techgpt_ui.ui.history_open import sendable
from techgpt_ui.ui.owners import owner_of
from techgpt_ui.ui.told import Changes, told
from techgpt_ui.ui.workbench import TabParts, Workbench, download_path, way_to

log = logging.getLogger(__name__)


class EvaluationParts(NamedTuple):
    """The components of the evaluation tab besides its form."""

    notice: Any
    summary: Any
    """What was found in the gold file."""
    progress: Any
    run: Any
    stop: Any
    listing: Any
    actions: Any
    """What can be done with what is shown."""
    chosen: Any
    """Hidden: the id of the evaluation that is shown, or two ids parted by a blank."""
    detail: Any
    file: Any
    """Hidden: a report on its way to the user's disk."""
    opened: Any
    """Hidden: which document is to be opened where, as JSON."""
    way: Any
    """Hidden: which tab was filled and is to be opened."""


class Wanted(NamedTuple):
    """A document that is to be opened in its tab."""

    evaluation: str
    position: int
    task: str


class EvaluationActions:
    """The handlers; each gives new values for some of the parts."""

    title = "the evaluation tab"

    def __init__(self, bench: Workbench, parts: EvaluationParts, form: Form) -> None:
        self.bench = bench
        self.parts = parts
        self.form = form

    @property
    def notice(self) -> Any:
        """Where errors are told."""
        return self.parts.notice

    def unsent(self) -> Changes:
        """Nothing to open."""
        return {self.parts.opened: "", self.parts.way: ""}

    @told
    def upload(self, *values: Any) -> Changes:
        """A new gold file: its task is found out, and settings that fit are filled in."""
        return self._read(Filled(*values)._replace(task=""))

    @told
    def choose_task(self, *values: Any) -> Changes:
        """The same gold file, read for another task."""
        filled = Filled(*values)
        return self._read(filled) if filled.gold else {}

    @told
    def refresh(self, request: gr.Request) -> Changes:
        """The leaderboard as it is now."""
        return {self.parts.listing: leaderboard_value(self.bench, owner_of(request))}

    @told
    def show(self, request: gr.Request, event: gr.EventData) -> Changes:
        """One evaluation, whole."""
        assessed, task = self._assessed(owner_of(request), _text(event, "id"))
        return self._shown(assessed.evaluation.id, evaluation_html(*assessed, task))

    @told
    def compare(self, request: gr.Request, event: gr.EventData) -> Changes:
        """Two evaluations of the same gold, the older one first."""
        comparison, task = self._compared(owner_of(request), _texts(event, "ids"))
        ids = f"{comparison.one.id} {comparison.other.id}"
        return self._shown(ids, comparison_html(comparison, task))

    @told
    def erase(self, request: gr.Request, event: gr.EventData, chosen: str) -> Changes:
        """Delete the user's own among the evaluations that the event names."""
        owner, ids = owner_of(request), _texts(event, "ids")
        # Without a cookie the owner is the command line's, whose evaluations are for all to read.
        count = self.bench.evaluations.delete(owner, ids) if owner else 0
        key = "evaluation.erased" if count == len(ids) else "evaluation.erased_some"
        gone = set(ids) & set((chosen or "").split())
        return {
            **(self._shown("", "") if gone and count else {}),
            self.parts.listing: leaderboard_value(self.bench, owner),
            self.parts.notice: str(say(key, count=count)),
        }

    @told
    def report(self, request: gr.Request, chosen: str, lang: str) -> Changes:
        """What is shown as one HTML file."""
        opens_in: Lang = "zh" if lang.startswith("zh") else "en"
        owner, ids = owner_of(request), (chosen or "").split()
        if len(ids) == 2:
            comparison, task = self._compared(owner, ids)
            html = comparison_report_html(comparison, opens_in, task)
        else:
            assessed, task = self._assessed(owner, *ids[:1] or [""])
            html = report_html(*assessed, opens_in, task)
        return {self.parts.file: download_path(_name(ids, "html"), html.encode("utf-8", "backslashreplace"))}

    @told
    def document(self, request: gr.Request, chosen: str) -> Changes:
        """What is shown as JSON."""
        owner, ids = owner_of(request), (chosen or "").split()
        if len(ids) == 2:
            data = comparison_json(self._compared(owner, ids)[0])
        else:
            data = whole_json(self._assessed(owner, *ids[:1] or [""])[0])
        content = json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")
        return {self.parts.file: download_path(_name(ids, "json"), content)}

    @told
    def want(self, request: gr.Request, event: gr.EventData) -> Changes:
        """Find out in which tab a document belongs; the page then presses that tab's hidden button."""
        record = self.bench.evaluations.get(owner_of(request), _text(event, "evaluation"))
        position = event._data.get("position")
        if record.task not in self.bench.tabs or not isinstance(position, int):
            raise WorkbenchError("evaluation_missing")
        return {self.parts.opened: json.dumps(Wanted(record.id, position, record.task)._asdict())}

    def opener(self, tab: TabParts) -> Callable[[gr.Request, str], Changes]:
        """A handler that puts the wanted document into one task's tab."""
        components = [*tab.inputs, *tab.controls, *tab.outputs]

        @told
        def open_outcome(self: EvaluationActions, request: gr.Request, opened: str) -> Changes:
            wanted = Wanted(**json.loads(opened))
            owner = owner_of(request)
            record = self.bench.evaluations.get(owner, wanted.evaluation)
            evaluation = load(self.bench.evaluations, record, owner)
            found = [one for one in evaluation.outcomes if one.position == wanted.position]
            if record.task != tab.task.id or not found:
                raise WorkbenchError("evaluation_missing")
            values = opened_outcome(evaluation, found[0], tab, self.bench.library)
            return {self.parts.way: way_to(record.task), **dict(zip(components, values, strict=True))}

        def handle(request: gr.Request, opened: str) -> Changes:
            return open_outcome(self, request, opened)

        return handle

    def _read(self, filled: Filled) -> Changes:
        if not filled.gold:
            return {self.parts.summary: "", self.form.task: ""}
        try:
            gold = gold_of(filled)
        except UsageError as error:
            # What stood there before is said of another file.
            return {self.parts.summary: "", self.parts.notice: sendable(error_html(error))}
        summary = gold_summary_html(gold, self.bench.library.task(gold.task))
        return {self.parts.summary: sendable(summary), **fitting(self.bench, self.form, gold)}

    def _assessed(self, owner: str, evaluation_id: str) -> tuple[Assessed, Task]:
        record = self.bench.evaluations.get(owner, evaluation_id)
        task = self.bench.library.task(record.task)
        return load_assessed(self.bench.evaluations, record, task, owner), task

    def _compared(self, owner: str, ids: Sequence[str]) -> tuple[Comparison, Task]:
        if len(ids) != 2:
            raise UsageError("evaluation_two")
        found = [self._assessed(owner, each) for each in ids]
        found.sort(key=lambda pair: pair[0].evaluation.created)
        (one, task), (other, _) = found
        return compare(task, one, other), task

    def _shown(self, chosen: str, html: str) -> Changes:
        return {
            self.parts.chosen: chosen,
            self.parts.detail: sendable(html),
            self.parts.actions: gr.update(visible=bool(chosen)),
        }


def leaderboard_value(bench: Workbench, owner: str) -> str:
    """The value of the leaderboard; all ASCII, and no "<", which Gradio would take for a script in HTML."""
    records = bench.evaluations.leaderboard(owner)
    done = bench.evaluations.done(owner, [record.id for record in records if record.state != "finished"])
    html = leaderboard_html(records, bench.library.tasks, done=done, interactive=True)
    return json.dumps({"html": sendable(html), "total": len(records)}).replace("<", "\\u003c")


def _name(ids: Sequence[str], suffix: str) -> str:
    return f"techgpt-evaluation-{'-'.join(each[:8] for each in ids)}.{suffix}"


def _text(event: gr.EventData, name: str) -> str:
    """A text that the page sent with an event; "" where it sent none."""
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, str) else ""


def _texts(event: gr.EventData, name: str) -> list[str]:
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
