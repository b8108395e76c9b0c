"""Run an evaluation from the page: one a session, kept as it goes, ended by Stop or by closing the page."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from techgpt_ui.engines.base import CancelToken, Engine
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.evaluation.keeping import Assessed, Progress, conducted
from techgpt_ui.evaluation.metrics import score
from techgpt_ui.evaluation.planning import Plan
from techgpt_ui.evaluation.records import Figure
from techgpt_ui.presets import Task
from techgpt_ui.renderers import error_html
from techgpt_ui.renderers.evaluation import evaluation_html
from techgpt_ui.renderers.evaluation.progress import progress_html
from techgpt_ui.renderers.markup import both, say, tag
from techgpt_ui.ui.evaluation_actions import EvaluationParts, leaderboard_value
from techgpt_ui.ui.evaluation_form import Filled, plan_of
from techgpt_ui.ui.history_open import sendable
from techgpt_ui.ui.owners import owner_of
from techgpt_ui.ui.told import Changes
from techgpt_ui.ui.workbench import Workbench

log = logging.getLogger(__name__)

TAB = "evaluation"
DEADLINE_S = 12 * 3600.0
"""For a run whose page went away unnoticed."""
HEADLINE_EVERY_S = 2.0
HEADLINE_SHARE = 0.1
"""At most this share of the time goes into figures that the next document changes anyway."""


class EvaluationRun:
    """The handlers of Run and Stop."""

    def __init__(self, bench: Workbench, parts: EvaluationParts) -> None:
        self._bench = bench
        self._parts = parts

    def stop(self, request: gr.Request) -> None:
        """End the session's own evaluation."""
        self._bench.sessions.stop(request.session_hash or "", TAB)

    def run(self, request: gr.Request, *values: Any) -> Iterator[Changes]:
        """Answer the documents, telling after each how far it is; the result is shown as soon as it is there."""
        parts = self._parts
        session = request.session_hash or ""
        token = self._bench.sessions.begin(session, TAB, DEADLINE_S)
        try:
            yield self._begun()
            filled = Filled(*values)
            plan = plan_of(self._bench, filled, self._bench.host.preset)
            with self._bench.host.claim(long=True) as lease:
                for why in lease.waits(token):
                    yield {parts.progress: str(both(why))}
                if lease.preset != plan.model:
                    plan = plan_of(self._bench, filled, lease.preset)
                yield from self._conducted(owner_of(request), plan, lease.engine, token)
        except WorkbenchError as error:
            yield self._over() | {parts.notice: sendable(error_html(error))}
        except Exception as error:
            log.exception("an evaluation failed")
            trouble = WorkbenchError("unexpected", why=type(error).__name__)
            yield self._over() | {parts.notice: error_html(trouble)}
        finally:
            self._bench.sessions.end(session, TAB, token)

    def _conducted(self, owner: str, plan: Plan, engine: Engine, token: CancelToken) -> Iterator[Changes]:
        store = self._bench.evaluations if owner else None
        steps = conducted(plan, engine, store=store, owner=owner, baselines=True, cancel=token)
        meter = _Meter(plan.task)
        notices = "".join(str(tag("div", both(notice.text), "notice")) for notice in plan.notices)
        yield {self._parts.notice: notices}
        try:
            for step in steps:
                yield {self._parts.progress: meter.words(step)}
                if step.assessed is not None:
                    yield self._shown(owner, step, step.assessed, plan.task)
        finally:
            steps.close()
        yield self._over() | self._listed(owner)

    def _shown(self, owner: str, step: Progress, assessed: Assessed, task: Task) -> Changes:
        words = []
        if not step.complete:
            words.append(say("evaluation.stopped", done=len(step.outcomes), total=step.total))
        if not owner:
            words.append(say("evaluation.not_kept"))
        notice = "".join(str(tag("div", each, "notice")) for each in words)
        return {
            self._parts.detail: sendable(notice + evaluation_html(*assessed, task, buttons=bool(owner))),
            self._parts.chosen: step.id if owner else "",
            self._parts.actions: gr.update(visible=bool(owner)),
        }

    def _listed(self, owner: str) -> Changes:
        return {self._parts.listing: leaderboard_value(self._bench, owner)}

    def _begun(self) -> Changes:
        parts = self._parts
        return {
            parts.run: gr.update(interactive=False), parts.stop: gr.update(interactive=True), parts.notice: "",
            parts.progress: str(say("evaluation.reading")),
        }  # fmt: skip

    def _over(self) -> Changes:
        parts = self._parts
        return {
            parts.run: gr.update(interactive=True), parts.stop: gr.update(interactive=False),
            parts.progress: "",
        }  # fmt: skip


class _Meter:
    """How fast it goes, and the headline so far, computed only as often as it is cheap."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._begun = time.monotonic()
        self._headline: Figure | None = None
        self._next = self._begun + HEADLINE_EVERY_S

    def words(self, step: Progress) -> str:
        """The progress as HTML."""
        now = time.monotonic()
        if step.outcomes and now >= self._next:
            self._headline = score(self._task, step.outcomes).main
            cost = time.monotonic() - now
            self._next = time.monotonic() + max(HEADLINE_EVERY_S, cost / HEADLINE_SHARE)
        left = (now - self._begun) / step.ran * (step.total - len(step.outcomes)) if step.ran else None
        return progress_html(len(step.outcomes), step.total, left, self._headline)
