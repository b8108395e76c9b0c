"""Runs and the model that they hold: what is held is not closed, and who came before a switch is answered before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Literal, NamedTuple, Protocol

from techgpt_ui.engines.base import CancelToken, Engine
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.schema import Record
from techgpt_ui.settings import Dtype
from techgpt_ui.texts import Text

POLL_S = 0.3
"""Seconds between two words to a run that waits, in which a page that went away is noticed."""


class Choice(Record):
    """A model as a user asks for it."""

    preset: ModelPreset
    dtype: Dtype = "auto"
    device: str = "auto"


class Loaded(NamedTuple):
    """A model that can answer: what was asked for, and what came of it."""

    choice: Choice
    engine: Engine
    seconds: float = 0.0
    """How long its load took."""
    bytes: int | None = None
    """Memory that it takes, as its files let expect."""


class Door:
    """Lets runs in to the one model, and counts them.

    ``shut`` says for whom the door is closed: for nobody, for long runs (evaluations), or for all.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.changed = threading.Condition()
        self._clock = clock
        self._used_at = clock()
        self.loaded: Loaded | None = None
        self.shut: Literal["", "long", "all"] = ""
        self.runs = 0
        self.long_runs = 0
        self.waiting = 0

    @property
    def idle_s(self) -> float:
        """Seconds for which nobody has held the model; 0 while somebody does, or while there is none."""
        with self.changed:
            return 0.0 if self.loaded is None or self.runs else self._clock() - self._used_at

    def open(self, loaded: Loaded) -> None:
        """Let everybody in to this model."""
        with self.changed:
            self.loaded, self.shut, self._used_at = loaded, "", self._clock()

    def enter(self, *, long: bool) -> Loaded | None:
        """The model for a run that then counts until ``leave``; None while there is none, or while it must wait."""
        with self.changed:
            if self.loaded is None or self.shut == "all" or (self.shut and long):
                return None
            self.runs += 1
            self.long_runs += long
            return self.loaded

    def leave(self, *, long: bool) -> None:
        """The run is over."""
        with self.changed:
            self.runs -= 1
            self.long_runs -= long
            self._used_at = self._clock()
            self.changed.notify_all()

    @contextmanager
    def queued(self) -> Iterator[None]:
        """Count a run that waits outside."""
        with self.changed:
            self.waiting += 1
        try:
            yield
        finally:
            with self.changed:
                self.waiting -= 1


class Lessor(Protocol):
    """Who hands out the model."""

    @property
    def door(self) -> Door:
        """Where runs come in and go."""

    def admit(self, patience_s: float, *, long: bool) -> Loaded | Text:
        """The model, waited for up to ``patience_s``, or why it is not there yet; raises why it will not come."""


class Lease:
    """One run's claim on the model, as a context: go through ``waits``, then use ``preset`` and ``engine`` together."""

    def __init__(self, lessor: Lessor, *, long: bool) -> None:
        self._lessor = lessor
        self._long = long
        self._loaded: Loaded | None = None

    def waits(self, cancel: CancelToken) -> Iterator[Text]:
        """Say why the model is not there yet, again and again, until it is; raises why it will not come."""
        patience = 0.0
        with self._lessor.door.queued():
            while not cancel.cancelled:
                found = self._lessor.admit(patience, long=self._long)
                if isinstance(found, Loaded):
                    self._loaded = found
                    return
                yield found
                patience = POLL_S

    @property
    def preset(self) -> ModelPreset:
        """The preset of the model that is held."""
        return self._held.choice.preset

    @property
    def engine(self) -> Engine:
        """The engine that is held."""
        return self._held.engine

    @property
    def _held(self) -> Loaded:
        if self._loaded is None:
            raise WorkbenchError("run_stopped_waiting")
        return self._loaded

    def __enter__(self) -> Lease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loaded is not None:
            self._loaded = None
            self._lessor.door.leave(long=self._long)
