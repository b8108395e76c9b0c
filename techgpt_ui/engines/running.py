"""One run in a thread of its own, its events handed to whoever asked for it."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator

from techgpt_ui.engines.base import CancelToken, Event, Finished, GenerationRequest, Tick
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.schema import Usage

log = logging.getLogger(__name__)

POLL_S = 0.2

EventQueue = queue.SimpleQueue[Event | BaseException]
Work = Callable[[EventQueue], Finished]


def run_aside(work: Work, cancel: CancelToken) -> Iterator[Event]:
    """The events that ``work`` puts into its queue, then what it returns; what it raises is raised here.

    A consumer that closes this iterator cancels the run; while nothing comes it gets a Tick, so that it can notice
    that nobody is listening any more.
    """
    events: EventQueue = queue.SimpleQueue()
    threading.Thread(target=_finish, args=(work, events), daemon=True, name="generation").start()
    try:
        while True:
            try:
                event = events.get(timeout=POLL_S)
            except queue.Empty:
                yield Tick()
                continue
            if isinstance(event, BaseException):
                raise event
            yield event
            if isinstance(event, Finished):
                return
    finally:
        cancel.cancel()


def _finish(work: Work, events: EventQueue) -> None:
    try:
        events.put(work(events))
    except WorkbenchError as error:
        events.put(error)
    except Exception as error:
        log.exception("generation failed")
        failure = WorkbenchError("generation_failed", why=f"{type(error).__name__}: {error}")
        failure.__cause__ = error
        events.put(failure)


def never_started(request: GenerationRequest) -> Finished:
    """The end of a run that was cancelled before it wrote anything."""
    usage = Usage(prompt_tokens=len(request.prompt_ids), completion_tokens=0, ttft_s=None, total_s=0.0)
    return Finished(text=request.answer_so_far, finish_reason="cancelled", usage=usage)
