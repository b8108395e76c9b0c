"""A run's own thread, and the queue through which its events reach the consumer."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Generator

from techgpt_ui.engines.base import CancelToken, Event, Finished, Tick

Events = queue.SimpleQueue[Event | BaseException]
POLL_S = 0.2


def stream_from(work: Callable[[Events], None], cancel: CancelToken) -> Generator[Event]:
    """What ``work`` puts into the queue, until Finished or an error; closing this iterator cancels the run.

    The thread sees the caller's context variables: by them a Space knows for whom it lends a GPU.
    """
    events: Events = queue.SimpleQueue()
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(work, events), daemon=True, name="generation").start()
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
