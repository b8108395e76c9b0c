"""What a dialogue tab does without the model: editing, undoing, and the conversations that are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.renderers import error_html
from techgpt_ui.ui.dialogue_desk import Desk, Form, opened_sheet
from techgpt_ui.ui.dialogue_sheet import Sheet
from techgpt_ui.ui.inspector import inspected
from techgpt_ui.ui.owners import owner_of
from techgpt_ui.ui.workbench import download_path

FORBIDDEN_IN_NAMES = '<>:"/\\|?*'


def changer(desk: Desk) -> Any:
    """The handler of the buttons in the dialogue that need no model."""

    def change(event: gr.EventData, request: gr.Request, *values: Any) -> list[Any]:
        try:
            form = desk.read(*values)
            return _changed(desk, request, form, event)
        except WorkbenchError as error:
            return desk.emit(status=error_html(error))

    return change


def _changed(desk: Desk, request: gr.Request, form: Form, event: gr.EventData) -> list[Any]:
    sheet, deed = form.sheet, getattr(event, "deed", "")
    if deed == "cancel":
        return desk.emit(**desk.shown(sheet.uncancelled()), message=sheet.draft)
    if not sheet.exchanges:
        return desk.emit()
    if deed == "edit":
        at = min(max(_number(event, "at"), 0), len(sheet.exchanges) - 1)
        draft = sheet.draft if sheet.editing is not None else form.message
        return desk.emit(**desk.shown(sheet.edited(at, draft)), message=sheet.exchanges[at].question)
    message: Any = gr.skip()
    if deed == "undo":
        message = form.message if form.message.strip() else sheet.exchanges[-1].question
        sheet = sheet.undone()
    elif deed == "flip":
        sheet = sheet.flipped(_number(event, "step"))
    sheet, trouble = desk.keep(request, form, sheet)
    last = sheet.exchanges[-1].answer.content if sheet.exchanges else ""
    return desk.emit(
        **desk.shown(sheet), message=message, raw=last, payload=last, main="",
        status=error_html(trouble) if trouble else "", entries=desk.entries(request, sheet.conversation),
    )  # fmt: skip


def lister(desk: Desk) -> Any:
    """The handler of the list of conversations: open, new, delete."""

    def act(event: gr.EventData, request: gr.Request, *values: Any) -> list[Any]:
        try:
            return _listed(desk, request, desk.read(*values), event)
        except WorkbenchError as error:
            return desk.emit(status=error_html(error), entries=desk.entries(request, ""))

    return act


def _listed(desk: Desk, request: gr.Request, form: Form, event: gr.EventData) -> list[Any]:
    deed, current = getattr(event, "deed", ""), form.sheet.conversation
    if deed == "open":
        return _opened(desk, request, str(getattr(event, "id", "")))
    if deed == "delete_now":
        desk.bench.conversations.delete(owner_of(request), [current])
    if deed in ("delete_now", "new"):
        return _blank(desk, request)
    return desk.emit(entries=desk.entries(request, current, confirming=deed == "delete"))


def _opened(desk: Desk, request: gr.Request, conversation_id: str) -> list[Any]:
    """A kept conversation on the page, with the document or system line that it had."""
    conversation = desk.bench.conversations.get(owner_of(request), conversation_id)
    sheet, open_question = opened_sheet(conversation.id, conversation.turns)
    last = sheet.exchanges[-1].answer.content if sheet.exchanges else ""
    blank = {field.name: field.blank for field in desk.task.inputs}
    others = {f"input_{name}": value for name, value in (blank | conversation.inputs).items()}
    return desk.emit(
        **desk.shown(sheet), **others, message=open_question, title=conversation.title, status="", main="", raw=last,
        payload=last, prompt="", spoken="", entries=desk.entries(request, conversation.id),
    )  # fmt: skip


def _blank(desk: Desk, request: gr.Request) -> list[Any]:
    """A dialogue that has not begun; a document stays where it is."""
    return desk.emit(
        **desk.shown(Sheet()), message="", title="", status="", main="", raw="", payload="", prompt="", spoken="",
        entries=desk.entries(request, ""),
    )  # fmt: skip


def filler(desk: Desk) -> Any:
    """The handler that draws turns that came from elsewhere: an example, or a run of the history."""

    def fill(request: gr.Request, *values: Any) -> list[Any]:
        try:
            form = desk.read(*values)
        except WorkbenchError as error:
            return desk.emit(status=error_html(error))
        if _is_ours(form.sheet, values[0]):
            return desk.emit()
        shown = desk.shown(form.sheet)
        del shown["turns"]
        return desk.emit(**shown, title="", entries=desk.entries(request, ""))

    return fill


def _is_ours(sheet: Sheet, held: object) -> bool:
    return isinstance(held, Mapping) and held.get("seal") == sheet.held["seal"]


def renamer(desk: Desk) -> Any:
    """The handler of the title."""

    def rename(request: gr.Request, *values: Any) -> list[Any]:
        try:
            form = desk.read(*values)
            title, owner = " ".join(form.title.split()), owner_of(request)
            if title and form.sheet.conversation and title != desk.title(request, form.sheet):
                desk.bench.conversations.rename(owner, form.sheet.conversation, title)
        except WorkbenchError as error:
            return desk.emit(status=error_html(error))
        return desk.emit(entries=desk.entries(request, form.sheet.conversation))

    return rename


def reader(desk: Desk) -> Any:
    """The handler that lists the conversations when the tab is first seen."""

    def refresh(request: gr.Request, held: object) -> str:
        current = held.get("conversation") if isinstance(held, Mapping) else ""
        return desk.entries(request, str(current or ""))

    return refresh


def exporter(desk: Desk) -> Any:
    """The handler of the files: this conversation as JSON Lines or Markdown, or all of them."""

    def export(event: gr.EventData, request: gr.Request, held: object) -> list[Any]:
        owner, kind = owner_of(request), getattr(event, "kind", "")
        current = str(held.get("conversation") or "") if isinstance(held, Mapping) else ""
        store = desk.bench.conversations
        try:
            title = store.get(owner, current).title
            if kind == "md":
                return [_file(title, "md", store.export_markdown(owner, current)), gr.skip()]
            every = [each.id for each in store.list(owner, desk.task.id)] if kind == "all" else [current]
            name = desk.task.id if kind == "all" else title
            return [_file(name, "jsonl", store.export_jsonl(owner, every)), gr.skip()]
        except WorkbenchError as error:
            return [gr.update(value=None), error_html(error)]

    return export


def inspecting(desk: Desk) -> Any:
    """The handler that shows what would be sent: the message, or the last question where the box is empty."""

    def inspect(*values: Any) -> str:
        try:
            form = desk.read(*values)
            is_again = not form.message.strip() and form.sheet.exchanges
            job = form.sheet.again() if is_again else form.sheet.sent(form.message)
            return inspected(desk.bench, desk.task, desk.inputs(form, job), form.wish)
        except WorkbenchError as error:
            return error_html(error)

    return inspect


def _file(title: str, suffix: str, content: bytes) -> Any:
    """A file in a folder of its own, named after the conversation."""
    kept = (" " if mark in FORBIDDEN_IN_NAMES or not mark.isprintable() else mark for mark in title)
    stem = " ".join("".join(kept).split())[:60].strip(". ") or "conversation"
    return gr.update(value=download_path(f"{stem}.{suffix}", content))


def _number(event: gr.EventData, name: str) -> int:
    value = str(getattr(event, name, ""))
    return int(value) if value.lstrip("-").isdigit() else 0
