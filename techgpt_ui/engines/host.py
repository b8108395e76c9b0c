"""The one shared model: loaded, switched and unloaded while others wait, its state open to everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from techgpt_ui.engines.base import Engine
from techgpt_ui.engines.change import Change, HostState, Kind, Trouble
from techgpt_ui.engines.lease import Choice, Door, Lease, Loaded
from techgpt_ui.engines.load_log import LoadLog
from techgpt_ui.engines.replacing import Work, as_told, titles
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.settings import Settings
from techgpt_ui.texts import Text, text

IDLE_CHECK_S = 20.0


class Pair(NamedTuple):
    """A preset and the engine that was loaded for it."""

    preset: ModelPreset
    engine: Engine


class ModelHost:
    """Holds one model. Runs get it by ``claim`` or ``lease``; one change at a time loads, switches or unloads it.

    A change stands in line like a run: runs that hold the model are answered by it before it goes, runs that come
    later wait for the next one. While long runs (evaluations) hold it, the others go on meanwhile.
    """

    def __init__(self, preset: ModelPreset, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.door = Door(clock)
        self.state = HostState(phase="loading")
        self.log = LoadLog()
        self.trouble: Trouble | None = None
        """Why the last change failed."""
        self.asleep = False
        """Whether the model was unloaded because nobody used it; the next run loads it again."""
        self._choice = Choice(preset=preset, dtype=settings.dtype, device=settings.device)
        self._changed = self.door.changed
        self._change: Change | None = None

    @property
    def loaded(self) -> Loaded | None:
        """The model that can answer, if there is one."""
        return self.door.loaded

    @property
    def preset(self) -> ModelPreset:
        """Of the model that answers or, where none does, of the one that was last asked for."""
        return self._choice.preset

    @property
    def choice(self) -> Choice:
        """That model as it was asked for."""
        return self._choice

    @property
    def change(self) -> Change | None:
        """What is being done to the model."""
        return self._change

    @property
    def error(self) -> WorkbenchError | None:
        """Why there is no model, if loading one failed."""
        return self.trouble.error if self.trouble and self.state.phase == "failed" else None

    def claim(self, *, long: bool = False) -> Lease:
        """A run's claim on the model, which may have to wait for it; ``long`` for an evaluation."""
        return Lease(self, long=long)

    @contextmanager
    def lease(self, timeout_s: float = 0.0) -> Iterator[Pair]:
        """Preset and engine for one run, waited for up to ``timeout_s``; raises why there is none, or none yet."""
        found = self.admit(timeout_s, long=False)
        if not isinstance(found, Loaded):
            raise WorkbenchError("model_not_ready")
        try:
            yield Pair(found.choice.preset, found.engine)
        finally:
            self.door.leave(long=False)

    def engine(self, timeout_s: float = 0.0) -> Engine:
        """The engine, for a program in which nothing switches or unloads it."""
        with self.lease(timeout_s) as pair:
            return pair.engine

    def admit(self, patience_s: float, *, long: bool) -> Loaded | Text:
        """The model for a run that then counts, or why it is not there yet; raises why it will not come."""
        deadline = time.monotonic() + patience_s
        with self._changed:
            while (found := self.door.enter(long=long)) is None:
                if self._change is None and self.state.phase in ("failed", "unloaded"):
                    # A run that was waiting when the model failed to wake up is told so; a new one tries again.
                    self._wake_or_raise(retry=not patience_s)
                if (left_s := deadline - time.monotonic()) <= 0:
                    return text(f"run.model.{self._change.kind if self._change else 'load'}")
                self._changed.wait(left_s)
            return found

    def hold(self, loaded: Loaded) -> None:
        """Answer with this model from now on."""
        with self._changed:
            self._choice, self.asleep = loaded.choice, False
            self.door.open(loaded)
            self.enter(HostState(phase="ready"))

    def start(self) -> None:
        """Load in the background, and from then on unload what nobody uses, if the settings say so."""
        _in_background(self.load)
        if self._idle_limit_s:
            _in_background(self._watch)

    def load(self) -> None:
        """Load now what was asked for, unless it is there; what goes wrong is kept for ``lease`` to raise."""
        with suppress(WorkbenchError):
            if self.loaded is None:
                self._conduct(self._begin("load", self._choice))

    def switch(self, choice: Choice, *, background: bool = False) -> None:
        """Answer with another model, or the same one read anew; where that fails ``trouble`` says what there is now.

        Raises UsageError ``model_changing`` where another change is under way, and, unless it goes on in the
        background, WorkbenchError for what goes wrong.
        """
        self._conduct(self._begin("switch" if self.loaded else "load", choice), background=background)

    def unload(self, *, background: bool = False) -> None:
        """Give the model's memory back once no run holds it; raises as ``switch`` does."""
        self._conduct(self._begin("unload", self._choice), background=background)

    def unload_if_idle(self) -> None:
        """Unload a model that nobody has used for as long as the settings say; the next run loads it again."""
        with self._changed:
            if self._change or not 0 < self._idle_limit_s <= self.door.idle_s:
                return
            change = self._begin("sleep", self._choice)
        self._conduct(change)

    def stop_change(self) -> None:
        """Give up the change under way; one that is reading a model already is not stopped."""
        with self._changed:
            if self._change:
                self._change.stop()
            self._changed.notify_all()

    def enter(self, state: HostState) -> None:
        """Show this state to everybody, and wake those who wait for another."""
        with self._changed:
            self.state = state
            self._changed.notify_all()

    @property
    def _idle_limit_s(self) -> float:
        return 60.0 * self.settings.idle_unload

    def _watch(self) -> None:
        while True:
            time.sleep(IDLE_CHECK_S)
            self.unload_if_idle()

    def _wake_or_raise(self, *, retry: bool) -> None:
        if not self.asleep or (self.error and not retry):
            raise (self.error or WorkbenchError("model_unloaded")).with_traceback(None)
        change = self._begin("wake", self._choice)
        self._conduct(change, background=True)

    def _begin(self, kind: Kind, choice: Choice) -> Change:
        with self._changed:
            if self._change:
                raise UsageError("model_changing", **titles(self._change.choice))
            self._change, self.trouble = Change(kind, choice), None
            self.asleep = self.asleep and kind == "wake"
            if kind in ("load", "wake", "switch"):
                self.log = LoadLog()
            if self.loaded is None:
                self._choice = choice
                self.enter(HostState(phase="loading"))
            return self._change

    def _conduct(self, change: Change, *, background: bool = False) -> None:
        """Do the work of a change, and settle what there is after it."""
        if background:
            _in_background(lambda: self._conduct_quietly(change))
            return
        try:
            work = Work(self, change)
            work.remove() if change.kind in ("unload", "sleep") else work.replace()
        except Exception as error:
            told = as_told(error, change.choice)
            self._settle(change, told)
            if told is error:
                raise
            raise told from error
        self._settle(change, None)

    def _conduct_quietly(self, change: Change) -> None:
        with suppress(WorkbenchError):  # it is told by ``trouble``
            self._conduct(change)

    def _settle(self, change: Change, error: WorkbenchError | None) -> None:
        with self._changed:
            self._change, self.door.shut = None, ""
            if error:
                after = change.after or ("kept" if self.loaded else "none")
                self.trouble = Trouble(error, text(f"host.after.{after}", **titles(self._choice)))
                self.log.append(error.message, "error")
            self._changed.notify_all()
            if self.loaded and self.state.phase == "ready":
                return
            if self.loaded:
                self.enter(HostState(phase="ready"))
            elif error is None or error.code == "change_stopped":
                self.asleep = change.kind == "sleep"
                self.enter(HostState(phase="unloaded"))
            else:
                self.enter(HostState(phase="failed"))


def _in_background(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True, name="model-host").start()
