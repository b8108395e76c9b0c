"""The model's part of a dialogue: an answer to what was said, written while the page looks on."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from markupsafe import Markup, escape

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.engines.lease import Lease
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.pipeline import Update, run
from techgpt_ui.prompts import Prompt
from techgpt_ui.reading import Reading
from techgpt_ui.renderers import error_html, status_html
from techgpt_ui.renderers.dialogue import dialogue_html, live_html
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.schema import Result
from techgpt_ui.ui.controls import Wish
from techgpt_ui.ui.dialogue_desk import Desk, Form, message_field
from techgpt_ui.ui.dialogue_sheet import Job, Version, version_of
from techgpt_ui.ui.workbench import Kept, record_run

log = logging.getLogger(__name__)

REFRESH_S = 0.2
"""Seconds between two looks at the answer; each sends all of it."""
MAX_SEED = 2**31


def sender(desk: Desk) -> Any:
    """The handler that sends what the message box holds."""

    def choose(form: Form) -> Job:
        if not form.message.strip():
            field = message_field(desk.task)
            raise UsageError("input_blank", name=field.label.en, name_zh=field.label.zh)
        return form.sheet.sent(form.message)

    def send(request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        yield from _guarded(desk, request, values, choose)

    return send


def rewriter(desk: Desk) -> Any:
    """The handler of the buttons that let the model write its last answer anew, or go on with it."""

    def rewrite(event: gr.EventData, request: gr.Request, *values: Any) -> Iterator[list[Any]]:
        def choose(form: Form) -> Job:
            if not form.sheet.exchanges:
                raise UsageError("bad_turns", name=desk.task.turns_input)
            return form.sheet.further() if getattr(event, "deed", "") == "continue" else form.sheet.again()

        yield from _guarded(desk, request, values, choose)

    return rewrite


def _guarded(
    desk: Desk, request: gr.Request, values: tuple[Any, ...], choose: Callable[[Form], Job]
) -> Iterator[list[Any]]:
    """A run with its errors told, and its place among the session's runs given back."""
    session = request.session_hash or ""
    token = desk.bench.sessions.begin(session, desk.task.id)
    form: Form | None = None
    try:
        form = desk.read(*values)
        yield from _Talk(desk, request, form, choose(form)).steps(token)
    except WorkbenchError as error:
        yield _failed(desk, form, error)
    except Exception as error:
        log.exception("a dialogue failed")
        yield _failed(desk, form, WorkbenchError("unexpected", why=type(error).__name__))
    finally:
        desk.bench.sessions.end(session, desk.task.id, token)


def _failed(desk: Desk, form: Form | None, error: WorkbenchError) -> list[Any]:
    """The error in place of the status; the dialogue and the message as they were."""
    as_before = {}
    if form:
        shown = desk.shown(form.sheet)
        as_before = {"dialogue": shown["dialogue"], "live": shown["live"], "message": form.message}
    return desk.emit(
        status=error_html(error), run=gr.update(interactive=True), stop=gr.update(interactive=False), **as_before
    )


class _Talk:
    """One answer, from the question to what is kept of it."""

    def __init__(self, desk: Desk, request: gr.Request, form: Form, job: Job) -> None:
        self._desk = desk
        self._request = request
        self._form = form
        self._job = job
        self._wish = _varied(form.wish, job)
        self._sheet = form.sheet
        self._inputs = desk.inputs(form, job)
        self._looked_at = 0.0
        self._reading: Reading | None = None

    @property
    def _is_typed(self) -> bool:
        """Whether the question came from the message box."""
        return not self._job.versions

    def steps(self, token: CancelToken) -> Iterator[list[Any]]:
        """All that the page is told, the last being the end of the run."""
        yield self._started()
        with self._desk.bench.host.claim() as lease:
            for why in lease.waits(token):
                yield self._desk.emit(status=str(both(why)))
            yield from self._answer(lease, token)

    def _answer(self, lease: Lease, token: CancelToken) -> Iterator[list[Any]]:
        for update in run(
            self._desk.task,
            self._inputs,
            model=lease.preset,
            engine=lease.engine,
            sampling=self._wish.sampling,
            seed=self._wish.seed,
            grounded=self._wish.grounded,
            variant=self._wish.variant,
            answer_so_far=self._job.so_far,
            cancel=token,
        ):
            if update.result is not None and update.prompt is not None:
                yield self._finished(update.result, update.prompt)
            elif time.monotonic() - self._looked_at > REFRESH_S:
                self._looked_at = time.monotonic()
                yield self._written(update)

    def _started(self) -> list[Any]:
        """The question in its place, the message box free for the next one."""
        if self._is_typed and self._sheet.editing is None:
            # A page that is closed before the answer is whole finds its question again.
            self._sheet, _ = self._desk.keep(self._request, self._form, self._sheet, self._job.question)
        return self._desk.emit(
            status=str(say("run.generating")),
            held=self._sheet.held,
            dialogue=dialogue_html(self._sheet.utterances(self._job)),
            live=live_html(self._job.so_far),
            message=self._sheet.draft if self._is_typed else gr.skip(),
            spoken="", raw=self._job.so_far, prompt="", payload="", main="", table="", file=gr.update(visible=False),
            seed=self._wish.seed, run=gr.update(interactive=False), stop=gr.update(interactive=True),
        )  # fmt: skip

    def _written(self, update: Update) -> list[Any]:
        """What there is of the answer."""
        place = say("run.waiting", place=update.place) if update.phase == "waiting" else say("run.generating")
        changes: dict[str, Any] = {"status": str(place)}
        prompt = update.prompt
        if prompt is not None and prompt.dropped_turns // 2 != self._sheet.dropped:
            self._sheet = self._sheet.model_copy(update={"dropped": prompt.dropped_turns // 2})
            changes["dialogue"] = dialogue_html(self._sheet.utterances(self._job))
        if update.phase == "generating":
            changes |= {"live": live_html(update.raw or self._job.so_far), "raw": update.raw}
        if update.reading is not None and update.reading is not self._reading:
            self._reading = update.reading
            items, cut_at = update.reading.items, prompt.cut_at if prompt else None
            changes["main"] = self._desk.evidence(self._form.others, items, cut_at)
        return self._desk.emit(**changes)

    def _finished(self, result: Result, prompt: Prompt) -> list[Any]:
        """The answer in its place, recorded as a run and kept in its conversation."""
        answer = version_of(result, self._wish.settings())
        idle = {"run": gr.update(interactive=True), "stop": gr.update(interactive=False)}
        if not answer.content and result.finish_reason == "cancelled":
            unsaid = {"message": self._form.message} if self._is_typed else {}
            return self._desk.emit(status=status_html(result), **self._desk.shown(self._sheet), **unsaid, **idle)
        kept = self._record(result, prompt)
        answer = answer.model_copy(update={"run_id": kept.run_id})
        is_new = bool(self._job.so_far) or all(answer.content != each.content for each in self._job.versions)
        sheet = self._sheet.answered(self._job, answer, prompt.dropped_turns // 2) if is_new else self._sheet
        sheet, unkept = self._desk.keep(self._request, self._form, sheet)
        troubles = "".join(error_html(trouble) for trouble in (unkept, kept.trouble) if trouble)
        source = str(self._form.others.get(self._desk.task.source_input or "") or "")
        return self._desk.emit(
            **self._desk.shown(sheet),
            status=status_html(result) + str(self._told(is_new=is_new)) + troubles,
            main=self._desk.evidence(self._form.others, result.items, prompt.cut_at),
            raw=result.raw, prompt=result.prompt, payload=result.text or source, spoken=str(escape(answer.content)),
            entries=self._desk.entries(self._request, sheet.conversation),
            title=self._desk.title(self._request, sheet) or self._form.title,
            **idle,
        )  # fmt: skip

    def _record(self, result: Result, prompt: Prompt) -> Kept:
        settings = self._wish.settings() | {"cut_at": prompt.cut_at}
        if self._job.so_far:
            settings["answer_so_far"] = self._job.so_far
        return record_run(
            self._desk.bench, self._request, kind="run", inputs=self._inputs, settings=settings, result=result
        )

    def _told(self, *, is_new: bool) -> Markup:
        """What is said of an answer that was written anew or continued."""
        if self._is_typed:
            return Markup("")
        if self._job.so_far:
            words = say("dialogue.continued")
        elif not is_new:
            words = say("dialogue.same_answer")
        elif self._wish.sampling.do_sample:
            words = say("dialogue.new_seed", seed=self._wish.seed)
        else:
            words = say("dialogue.regenerated")
        return tag("div", words, "notice")


def _varied(wish: Wish, job: Job) -> Wish:
    """The wish, with a new seed where the same one has answered this question already."""
    is_repeat = any(_same_settings(wish, version) for version in job.versions) and job.place is None
    return wish._replace(seed=secrets.randbelow(MAX_SEED)) if is_repeat and wish.sampling.do_sample else wish


def _same_settings(wish: Wish, version: Version) -> bool:
    """Whether the wish would only repeat this answer; answers from an earlier visit do not say how they were made."""
    return not version.settings or version.settings == wish.settings()
