"""What the history tab does. Whose runs are meant is read from each request, never from the page."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import Task
from techgpt_ui.renderers.compare import comparison_html
from techgpt_ui.renderers.history import row_html, run_html
from techgpt_ui.renderers.markup import say
from techgpt_ui.store import RunRecord
from techgpt_ui.ui.history_open import restored, sendable
from techgpt_ui.ui.owners import owner_of
from techgpt_ui.ui.told import Changes, told
from techgpt_ui.ui.workbench import TabParts, Workbench, way_to

log = logging.getLogger(__name__)

PAGE = 30
"""Runs that the list shows at a time."""
NOTE_LIMIT = 2000


class HistoryParts(NamedTuple):
    """The components of the history tab."""

    notice: Any
    search: Any
    task: Any
    listing: Any
    actions: Any
    """What can be done with the run that is shown."""
    chosen: Any
    """Hidden: the id of that run."""
    chosen_task: Any
    note: Any
    detail: Any
    document: Any
    """Hidden: an exported run on its way to the user's disk."""
    opened: Any
    """Hidden: the task whose tab now holds the run."""


class HistoryActions:
    """The handlers; each gives new values for some of the parts."""

    title = "the history"

    def __init__(self, bench: Workbench, parts: HistoryParts) -> None:
        self.bench = bench
        self.parts = parts

    @property
    def notice(self) -> Any:
        """Where errors are told."""
        return self.parts.notice

    def unsent(self) -> Changes:
        """Nothing to open, nothing to keep."""
        return {self.parts.opened: "", self.parts.document: ""}

    @told
    def refresh(self, request: gr.Request, query: str, task: str) -> Changes:
        """The newest runs that fit the search."""
        return {self.parts.listing: self._fresh(owner_of(request), query, task)}

    @told
    def more(self, request: gr.Request, event: gr.EventData, query: str, task: str) -> Changes:
        """The runs after the last one that the list shows."""
        owner = owner_of(request)
        last = self.bench.runs.get(owner, _text(event, "last"))
        found = self.bench.runs.search(owner, query=query or "", task=task or None, limit=PAGE + 1, before=last.cursor)
        return {self.parts.listing: self._page("more", found)}

    @told
    def show(self, request: gr.Request, event: gr.EventData) -> Changes:
        """One run with all that is known of it."""
        return self._shown(self.bench.runs.get(owner_of(request), _text(event, "id")))

    @told
    def annotate(self, request: gr.Request, chosen: str, note: str) -> Changes:
        """A new note for the run that is shown."""
        note = (note or "").strip()
        if len(note) > NOTE_LIMIT:
            raise UsageError("note_too_long", limit=NOTE_LIMIT)
        record = self.bench.runs.annotate(owner_of(request), chosen, note)
        return {
            self.parts.listing: _listing(mode="row", id=record.id, rows=self._row(record)),
            self.parts.notice: _said("history.note_saved"),
        }

    @told
    def compare(self, request: gr.Request, event: gr.EventData) -> Changes:
        """Two runs side by side, the older one first."""
        ids = _texts(event, "ids")
        if len(ids) != 2:
            raise UsageError("history_two_runs")
        owner = owner_of(request)
        one, other = sorted((self.bench.runs.get(owner, run_id) for run_id in ids), key=lambda run: run.cursor)
        html = comparison_html(one, other, (self._task(one), self._task(other)))
        return self._empty() | {self.parts.detail: sendable(html)}

    @told
    def erase(self, request: gr.Request, event: gr.EventData, chosen: str, query: str, task: str) -> Changes:
        """Delete the runs that the event names, or all of the user's own."""
        owner = owner_of(request)
        ids, everything = _texts(event, "ids"), _text(event, "what") == "all"
        count = self.bench.runs.clear(owner) if everything else self.bench.runs.delete(owner, ids)
        if everything or chosen in ids:
            chosen = ""
        return {
            **({} if chosen else self._empty()),
            self.parts.listing: self._fresh(owner, query, task, current=chosen),
            self.parts.notice: _said("history.deleted", count=count),
        }

    @told
    def export(self, request: gr.Request, chosen: str) -> Changes:
        """The run that is shown as a document."""
        record = self.bench.runs.get(owner_of(request), chosen)
        document = self.bench.runs.export(record.owner, record.id).decode("utf-8")
        name = f"techgpt-run-{record.created:%Y%m%d-%H%M%S}-{record.id[:6]}.json"
        return {self.parts.document: json.dumps({"name": name, "content": document})}

    @told
    def take_in(self, request: gr.Request, data: bytes | None, query: str, task: str) -> Changes:
        """Keep an exported run as one of the user's own, and show it."""
        owner = owner_of(request)
        if not owner:
            raise UsageError("history_no_cookie")
        record = self.bench.runs.import_record(owner, data or b"")
        return {
            **self._shown(record),
            self.parts.listing: self._fresh(owner, query, task, current=record.id),
            self.parts.notice: _said("history.imported"),
        }

    def opener(self, parts: TabParts) -> Callable[[gr.Request, str], Changes]:
        """A handler that puts the run into one task's tab."""
        components = [*parts.inputs, *parts.controls, *parts.outputs]

        @told
        def open_run(self: HistoryActions, request: gr.Request, chosen: str) -> Changes:
            record = self.bench.runs.get(owner_of(request), chosen)
            if record.task != parts.task.id:
                raise WorkbenchError("run_missing")
            values = restored(record, parts, self.bench.library)
            return {self.parts.opened: way_to(parts.task.id), **dict(zip(components, values, strict=True))}

        def handle(request: gr.Request, chosen: str) -> Changes:
            return open_run(self, request, chosen)

        return handle

    def _fresh(self, owner: str, query: str, task: str, **facts: str) -> str:
        if not owner:
            return _listing(mode="fresh", rows="", more=False, total=0, state="no_owner")
        found = self.bench.runs.search(owner, query=query or "", task=task or None, limit=PAGE + 1)
        total = self.bench.runs.count(owner)
        return self._page("fresh", found, total=total, state="" if found else "none" if total else "empty", **facts)

    def _page(self, mode: str, found: Sequence[RunRecord], **facts: Any) -> str:
        rows = "".join(self._row(record) for record in found[:PAGE])
        return _listing(mode=mode, rows=rows, more=len(found) > PAGE, **facts)

    def _row(self, record: RunRecord) -> str:
        return row_html(record, self._task(record))

    def _task(self, record: RunRecord) -> Task | None:
        return self.bench.library.tasks.get(record.task)

    def _shown(self, record: RunRecord) -> Changes:
        return {
            self.parts.chosen: record.id,
            self.parts.chosen_task: record.task if record.task in self.bench.tabs else "",
            self.parts.actions: gr.update(visible=True),
            self.parts.note: sendable(record.note),
            self.parts.detail: sendable(run_html(record, self._task(record))),
        }

    def _empty(self) -> Changes:
        return {
            self.parts.chosen: "",
            self.parts.chosen_task: "",
            self.parts.actions: gr.update(visible=False),
            self.parts.note: "",
            self.parts.detail: "",
        }


def _said(key: str, **params: object) -> str:
    return str(Markup('<div class="status" role="status">{}</div>').format(say(key, **params)))


def _listing(**value: Any) -> str:
    """The value of the list; all ASCII, and no "<", which Gradio would take for a script in HTML."""
    return json.dumps(value).replace("<", "\\u003c")


def _text(event: gr.EventData, name: str) -> str:
    """A text that the page sent with an event; "" where it sent none."""
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return value if isinstance(value, str) else ""


def _texts(event: gr.EventData, name: str) -> list[str]:
    value = event._data.get(name) if isinstance(event._data, dict) else None
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
