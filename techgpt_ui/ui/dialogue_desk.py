"""What the handlers of one dialogue tab share: its parts, what the page sent, and what goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.inputs import source_of
from techgpt_ui.presets import InputField, Inputs, Task
from techgpt_ui.renderers import error_html
from techgpt_ui.renderers.answer import as_mentions
from techgpt_ui.renderers.dialogue import Entry, dialogue_html, editing_html, entries_html
from techgpt_ui.renderers.highlight import highlight
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.schema import Item
from techgpt_ui.store import Turn
from techgpt_ui.ui.controls import Wish, read_wish
from techgpt_ui.ui.dialogue_sheet import Exchange, Job, Sheet, Version, messages, read_sheet
from techgpt_ui.ui.owners import owner_of
from techgpt_ui.ui.workbench import Workbench

MAX_TITLE = 40


class Form(NamedTuple):
    """What the page sent with an event."""

    sheet: Sheet
    title: str
    message: str
    others: Inputs
    """The inputs beside the message and the turns: a document, a system line."""
    controls: tuple[Any, ...]

    @property
    def wish(self) -> Wish:
        """What the controls say; UsageError where they cannot be read."""
        return read_wish(*self.controls)


class Desk:
    """One dialogue tab; ``parts`` are the components that its handlers may fill, by name."""

    def __init__(self, bench: Workbench, task: Task, parts: Mapping[str, Any]) -> None:
        self.bench = bench
        self.task = task
        self.parts = dict(parts)

    def emit(self, **changes: Any) -> list[Any]:
        """Changes to some parts, in the order of all."""
        return [changes.get(name, gr.skip()) for name in self.parts]

    def read(self, held: object, title: str | None, *values: Any) -> Form:
        """The page's values; UsageError for turns that are none."""
        inputs = dict(zip((field.name for field in self.task.inputs), values, strict=False))
        turns = inputs.pop(self.task.turns_input or "")
        message = str(inputs.pop(message_field(self.task).name) or "")
        sheet = read_sheet(turns, held, self.task.turns_input or "")
        return Form(sheet, str(title or ""), message, inputs, values[len(self.task.inputs) :])

    def inputs(self, form: Form, job: Job) -> Inputs:
        """The task's inputs for a job."""
        names = message_field(self.task).name, self.task.turns_input or ""
        return {**form.others, names[0]: job.question, names[1]: messages(job.before)}

    def shown(self, sheet: Sheet) -> dict[str, Any]:
        """The changes that put a dialogue on the page."""
        return {
            "turns": sheet.turns,
            "held": sheet.held,
            "dialogue": dialogue_html(sheet.utterances()),
            "live": "" if sheet.editing is None else editing_html(sheet.editing),
        }

    def evidence(self, others: Inputs, found: Sequence[Item] | None, cut_at: int | None) -> str:
        """The document with what the last answer draws on; "" for a task without one."""
        if not self.task.source_input or not found:
            return ""
        marked = highlight(source_of(self.task, others), as_mentions(found), cut_at)
        return str(tag("h4", say("view.evidence"), "") + marked)

    def entries(self, request: gr.Request, current: str, *, confirming: bool = False) -> str:
        """The list of conversations."""
        owner = owner_of(request)
        try:
            kept = self.bench.conversations.list(owner, self.task.id) if owner else ()
        except WorkbenchError as error:
            return error_html(error)
        entries = [Entry(each.id, each.title) for each in kept]
        return entries_html(entries, current, kept=bool(owner), confirming=confirming)

    def keep(
        self, request: gr.Request, form: Form, sheet: Sheet, question: str = ""
    ) -> tuple[Sheet, WorkbenchError | None]:
        """Keep a dialogue, with a question that has no answer yet; an error is handed back, nothing is lost over it."""
        owner = owner_of(request)
        turns = [*_stored(sheet.exchanges), *([Turn(role="user", content=question)] if question else [])]
        if not owner or not (turns or sheet.conversation):
            return sheet, None
        store = self.bench.conversations
        inputs = {name: value for name, value in form.others.items() if value not in ("", None, [])}
        try:
            if sheet.conversation and self._is_there(owner, sheet.conversation):
                store.save(owner, sheet.conversation, turns=turns, inputs=inputs)
                return sheet, None
            title = form.title.strip() or short_title(turns[0].content if turns else "")
            made = store.create(owner, self.task.id, title=title, inputs=inputs, turns=turns)
        except WorkbenchError as error:
            return sheet, error
        return sheet.model_copy(update={"conversation": made.id}), None

    def title(self, request: gr.Request, sheet: Sheet) -> str:
        """The title of the conversation that is open, "" for none."""
        try:
            return self.bench.conversations.get(owner_of(request), sheet.conversation).title
        except WorkbenchError:
            return ""

    def _is_there(self, owner: str, conversation: str) -> bool:
        try:
            self.bench.conversations.get(owner, conversation)
        except WorkbenchError as error:
            if error.code == "conversation_missing":
                return False
            raise
        return True


def message_field(task: Task) -> InputField:
    """The input that holds what the user says next: the first line, or what texts from elsewhere go to."""
    lines = [field for field in task.inputs if field.kind == "line"]
    return lines[0] if lines else next(field for field in task.inputs if field.name == task.main_input)


def short_title(message: str) -> str:
    """The beginning of a message as a title."""
    line = " ".join(message.split())
    return line if len(line) <= MAX_TITLE else line[: MAX_TITLE - 1].rstrip() + "…"


def opened_sheet(conversation: str, turns: Sequence[Turn]) -> tuple[Sheet, str]:
    """A kept dialogue, and its last question where that has no answer yet."""
    said = [turn for turn in turns if turn.role != "system"]
    pairs = zip(said[::2], said[1::2], strict=False)
    exchanges = tuple(
        Exchange(
            question=question.content,
            versions=(Version(content=answer.content, finish_reason=answer.finish_reason),),
        )
        for question, answer in pairs
    )
    open_question = said[-1].content if len(said) % 2 else ""
    return Sheet(exchanges=exchanges, conversation=conversation), open_question


def _stored(exchanges: Sequence[Exchange]) -> list[Turn]:
    turns = []
    for exchange in exchanges:
        answer = exchange.answer
        turns.append(Turn(role="user", content=exchange.question))
        turns.append(
            Turn(role="assistant", content=answer.content, finish_reason=answer.finish_reason, run_id=answer.run_id)
        )
    return turns
