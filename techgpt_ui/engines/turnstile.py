"""One run at a time on a device, first come first served, each knowing its place."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from techgpt_ui.engines.base import CancelToken


class Turnstile:
    """A fair lock: waiters see how many stand before them and may walk away."""

    def __init__(self, poll_s: float = 0.2) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._poll_s = poll_s

    def __len__(self) -> int:
        """Runs that hold or wait for the device."""
        return len(self._line)

    @contextmanager
    def turn(self, cancel: CancelToken, on_place: Callable[[int], None]) -> Iterator[bool]:
        """Wait for the device; yields True when it is ours, False when the wait was cancelled."""
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
            while (place := self._line.index(ticket)) > 0:
                if cancel.cancelled:
                    return False
                if place != told:
                    on_place(place)
                    told = place
                self._changed.wait(self._poll_s)
        return not cancel.cancelled
