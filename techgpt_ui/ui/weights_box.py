"""Decrypt TechGPT-7B's weights and verify a folder in the page; paths are those of the server."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import gradio as gr

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.renderers import error_html
from techgpt_ui.renderers.markup import say, tag
from techgpt_ui.renderers.models import outcomes_html, weights_progress_html
from techgpt_ui.ui.history_open import sendable
from techgpt_ui.ui.models_actions import require_switching, server_path
from techgpt_ui.ui.told import Changes
from techgpt_ui.ui.workbench import QUICK, QUIET, Workbench
from techgpt_ui.weights import FileOutcome, WeightsStep, decrypt, plan_decryption, verify

log = logging.getLogger(__name__)

TAB = "weights"
DEADLINE_S = 24 * 3600.0
"""For work whose page went away unnoticed."""
EVERY_S = 0.25


class WeightsParts(NamedTuple):
    """The components of the box."""

    decrypt: Any
    verify: Any
    stop: Any
    progress: Any
    notice: Any
    table: Any


def build_weights_box(bench: Workbench) -> None:
    """Three paths, two deeds and a Stop."""
    gr.HTML(str(tag("p", say("weights_box.intro"), "limits")))
    paths = [
        gr.Textbox(
            "", label=bench.say(f"weights_box.{name}"), info=bench.say(f"weights_box.{name}_info"), max_lines=1,
            elem_id=f"weights-{name}",
        )
        for name in ("folder", "key", "out")
    ]  # fmt: skip
    with gr.Row():
        begin, check = (_button(bench, f"weights_box.{name}", f"weights-{name}") for name in ("decrypt", "verify"))
        stop = _button(bench, "ui.stop", "weights-stop", interactive=False)
    progress, notice, table = (gr.HTML("", elem_id=f"weights-{name}") for name in ("progress", "notice", "table"))
    parts = WeightsParts(begin, check, stop, progress, notice, table)
    does = WeightsWork(bench, parts)
    parts.decrypt.click(does.decrypt, paths, list(parts), concurrency_limit=None, **QUIET)
    parts.verify.click(does.verify, paths[2], list(parts), concurrency_limit=None, **QUIET)
    parts.stop.click(does.stop, None, None, **QUICK)


def _button(bench: Workbench, key: str, ident: str, **options: Any) -> Any:
    return gr.Button(bench.say(key), size="sm", min_width=90, elem_id=ident, **options)


class WeightsWork:
    """The handlers; one work a session, ended by Stop or by closing the page."""

    def __init__(self, bench: Workbench, parts: WeightsParts) -> None:
        self._bench = bench
        self._parts = parts

    def stop(self, request: gr.Request) -> None:
        """End the session's own work."""
        self._bench.sessions.stop(request.session_hash or "", TAB)

    def decrypt(self, request: gr.Request, folder: str, key: str, out: str) -> Iterator[Changes]:
        """Decrypt a folder; what an earlier call has done is not done again."""

        def steps() -> Generator[WeightsStep, None, None]:
            paths = (folder, "weights_box.folder"), (key, "weights_box.key"), (out, "weights_box.out")
            return decrypt(plan_decryption(*(server_path(*path) for path in paths)))

        yield from self._guarded(request, steps)

    def verify(self, request: gr.Request, folder: str) -> Iterator[Changes]:
        """Compare a folder of decrypted files with the published list."""
        yield from self._guarded(request, lambda: verify(server_path(folder, "weights_box.out")))

    def _guarded(self, request: gr.Request, steps: Any) -> Iterator[Changes]:
        session = request.session_hash or ""
        token = self._bench.sessions.begin(session, TAB, DEADLINE_S)
        parts = self._parts
        try:
            require_switching(self._bench)
            yield self._running(True) | {parts.notice: "", parts.table: ""}
            yield from self._conducted(steps(), token)
        except WorkbenchError as error:
            yield self._running(False) | {parts.notice: sendable(error_html(error))}
        except Exception as error:
            log.exception("work on weights failed")
            failure = WorkbenchError("unexpected", why=type(error).__name__)
            yield self._running(False) | {parts.notice: error_html(failure)}
        finally:
            self._bench.sessions.end(session, TAB, token)

    def _conducted(self, steps: Generator[WeightsStep, None, None], token: CancelToken) -> Iterator[Changes]:
        outcomes: list[FileOutcome] = []
        pace = _Pace()
        with closing(steps):
            for step in steps:
                if token.cancelled:
                    raise WorkbenchError("weights_stopped")
                if step.outcome:
                    outcomes.append(step.outcome)
                    yield {self._parts.table: sendable(outcomes_html(outcomes))}
                elif words := pace.words(step):
                    yield {self._parts.progress: sendable(words)}
        verdict = "weights_box.right" if all(one.ok for one in outcomes) else "weights_box.wrong"
        yield self._running(False) | {self._parts.notice: str(tag("div", say(verdict), "notice"))}

    def _running(self, running: bool) -> Changes:
        parts = self._parts
        idle = gr.update(interactive=not running)
        return {
            parts.decrypt: idle, parts.verify: idle, parts.stop: gr.update(interactive=running), parts.progress: "",
        }  # fmt: skip


class _Pace:
    """How fast a stage goes, told a few times a second."""

    def __init__(self) -> None:
        self._stage = ""
        self._begun = self._told = 0.0

    def words(self, step: WeightsStep) -> str:
        """The progress as HTML, or "" while it was told only just now."""
        now = time.monotonic()
        if step.stage != self._stage:
            self._stage, self._begun, self._told = step.stage, now, now
        if now - self._told < EVERY_S:
            return ""
        self._told = now
        rate = step.done / (now - self._begun)
        return weights_progress_html(step, rate, (step.total - step.done) / max(rate, 1))
