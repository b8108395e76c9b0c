"""A few runs at a time (one on a device), first come first served, each knowing its place."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from techgpt_ui.engines.base import CancelToken


class Turnstile:
    """A fair semaphore of ``places``: waiters see how many stand before them and may walk away."""

    def __init__(self, places: int = 1, poll_s: float = 0.2) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._places = places
        self._poll_s = poll_s

    def __len__(self) -> int:
        """Runs that hold a place or wait for one."""
        return len(self._line)

    @contextmanager
    def turn(self, cancel: CancelToken, on_place: Callable[[int], None]) -> Iterator[bool]:
        """Wait for a place; yields True when it is ours, False when the wait was cancelled."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
        try:
            yield self._wait(ticket, cancel, on_place)
        finally:
            with self._changed:
                self._line.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object, cancel: CancelToken, on_place: Callable[[int], None]) -> bool:
        told = 0
        with self._changed:
            while (ahead := self._line.index(ticket) - self._places + 1) > 0:
                if cancel.cancelled:
                    return False
                if ahead != told:
                    on_place(ahead)
                    told = ahead
                self._changed.wait(self._poll_s)
        return not cancel.cancelled
