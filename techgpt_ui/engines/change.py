"""A change of the model under way: what it is, how far it has come, and the wish to stop it."""

from __future__ import annotations

import threading
import time
from typing import Literal, NamedTuple

from techgpt_ui.engines.lease import Choice
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.schema import Record
from techgpt_ui.texts import Text
from techgpt_ui.weights import FetchProgress

Phase = Literal["fetching", "loading", "ready", "failed", "unloaded", "switching"]
Kind = Literal["load", "wake", "switch", "unload", "sleep"]
After = Literal["kept", "restored", "gone"]
"""What became of the old model where the new one could not be loaded."""


class HostState(Record):
    """What everybody sees of the model; ``progress`` only while fetching."""

    phase: Phase
    progress: FetchProgress | None = None
    rate: float | None = None
    """Bytes a second of what is being fetched, or None where that is not counted in bytes."""
    left_s: float | None = None
    """Seconds until the step of the fetch is done, at that rate."""
    step: Text | None = None
    """What a switch is at."""


class Trouble(NamedTuple):
    """Why a change failed, and which model there is now."""

    error: WorkbenchError
    after: Text


class Change:
    """One load, switch or unload; ``choice`` is the model that is to come."""

    def __init__(self, kind: Kind, choice: Choice) -> None:
        self.kind = kind
        self.choice = choice
        self.after: After | None = None
        self.final = False
        """Whether it is too late to stop."""
        self._stopped = threading.Event()
        self._pace = Pace()

    def stop(self) -> None:
        """Ask it to end without having changed anything."""
        self._stopped.set()

    def check(self) -> None:
        """WorkbenchError ``change_stopped`` where somebody asked for that in time."""
        if self._stopped.is_set() and not self.final:
            raise WorkbenchError("change_stopped")

    def fetching(self, progress: FetchProgress) -> HostState:
        """The state that says so, with the rate of the step so far."""
        rate = self._pace.rate(progress)
        left = (progress.total - progress.done) / rate if rate and progress.total else None
        return HostState(phase="fetching", progress=progress, rate=rate, left_s=left)


class Pace:
    """How many bytes a second a step takes in, from its first sign of life on."""

    def __init__(self) -> None:
        self._step = ""
        self._begun = 0.0
        self._first = 0

    def rate(self, progress: FetchProgress) -> float | None:
        """Bytes a second, or None while that cannot be told."""
        now = time.monotonic()
        if progress.step != self._step or progress.done < self._first:
            self._step, self._begun, self._first = progress.step, now, progress.done
        seconds, done = now - self._begun, progress.done - self._first
        counted = progress.step in ("download", "verify", "unpack")
        return done / seconds if counted and seconds > 0.5 and done else None
