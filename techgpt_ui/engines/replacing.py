"""The work of a change: fetch, let the runs leave, load the new model, let the old one go, or bring it back."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from typing import Literal, Protocol

from techgpt_ui.engines.change import After, Change, HostState
from techgpt_ui.engines.lease import Choice, Door, Loaded
from techgpt_ui.engines.load_log import LoadLog
from techgpt_ui.engines.loading import load_engine
from techgpt_ui.engines.reclaiming import release_memory
from techgpt_ui.engines.room import Room, room_for
from techgpt_ui.engines.sources import find_checkpoint
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.settings import Settings
from techgpt_ui.texts import Text, text
from techgpt_ui.weights import FetchProgress, fetch_demo

logger = logging.getLogger(__name__)

WAIT_S = 0.5
"""Seconds between two looks of a change that waits for runs."""


class Host(Protocol):
    """What the work is done on."""

    settings: Settings
    door: Door
    log: LoadLog

    def hold(self, loaded: Loaded) -> None:
        """Answer with this model from now on."""

    def enter(self, state: HostState) -> None:
        """Show this state to everybody."""


class Work:
    """The steps of one change; WorkbenchError where one fails, and then ``change.after`` says what there is."""

    def __init__(self, host: Host, change: Change) -> None:
        self._host = host
        self._change = change
        self._log = host.log

    def replace(self) -> None:
        """Fetch while the present model goes on answering, then load the new one and let the old one go."""
        choice = self._change.choice
        room = self._fetched()
        needed = room.needed if room else None
        self._drain()
        old = self._host.door.loaded
        if old is None or self._host.settings.base_url or (room and room.fits):
            self._host.hold(self._load(choice, needed))
            if old:
                self._close(old)
            return
        self._log.append(text("host.log.old_goes_first", **titles(old.choice)))
        self._drop(old)
        try:
            self._host.hold(self._load(choice, needed))
        except WorkbenchError:
            self._change.after = self._restored(old)
            raise

    def remove(self) -> None:
        """Let the present model go."""
        self._drain()
        if old := self._host.door.loaded:
            self._drop(old)

    def _fetched(self) -> Room | None:
        """Bring the weights here, and say what room they need.

        None where that is not known beforehand, of a GGUF file, and where a server holds them.
        """
        if self._host.settings.base_url:
            return None
        preset, settings = self._change.choice.preset, self._settings(self._change.choice)
        if preset.source == "demo":
            fetch_demo(settings.cache, self._report)
        found = find_checkpoint(preset, settings, self._report)
        return None if found.gguf else room_for(found.folder, settings)

    def _report(self, progress: FetchProgress) -> None:
        self._change.check()
        if progress.step != "done":
            self._log_once(text(f"fetch.{progress.step}"))
            self._host.enter(self._change.fetching(progress))
        elif self._change.final:
            self._host.enter(self._at_it())
        else:
            self._host.enter(HostState(phase="ready" if self._host.door.loaded else "loading"))

    def _drain(self) -> None:
        """Close the door behind the runs that are in, and wait until they have left; long ones first."""
        door, change = self._host.door, self._change
        steps: tuple[tuple[Literal["long", "all"], Callable[[], int]], ...] = (
            ("long", lambda: door.long_runs), ("all", lambda: door.runs),
        )  # fmt: skip
        with door.changed:
            for shut, count in steps:
                door.shut = shut
                while left := count():
                    change.check()
                    self._host.enter(HostState(phase="switching", step=text(f"host.waits.{shut}", count=left)))
                    door.changed.wait(WAIT_S)
            change.check()
            change.final = True
        self._host.enter(self._at_it())

    def _at_it(self) -> HostState:
        if self._change.kind in ("load", "wake"):
            return HostState(phase="loading")
        return HostState(phase="switching", step=text(f"host.at_it.{self._change.kind}"))

    def _load(self, choice: Choice, needed: int | None) -> Loaded:
        """The model, which is expected to take so many bytes; WorkbenchError where it cannot be loaded."""
        began = time.monotonic()
        self._log.append(text("host.log.begins", **titles(choice)))
        try:
            engine = load_engine(choice.preset, self._settings(choice), self._report, log=self._log)
        except Exception as error:
            told = as_told(error, choice)
            release_memory()
            if told is error:
                raise
            raise told from error
        seconds = time.monotonic() - began
        words = {"dtype": engine.info.dtype, "device": engine.device, "seconds": f"{seconds:.1f}"}
        self._log.append(text("host.log.done", **words))
        return Loaded(choice, engine, seconds, needed)

    def _restored(self, old: Loaded) -> After:
        """Load the old model again, after the new one could not be loaded in its place."""
        try:
            self._host.hold(self._load(old.choice, old.bytes))
        except WorkbenchError as error:
            self._log.append(error.message, "error")
            return "gone"
        return "restored"

    def _drop(self, old: Loaded) -> None:
        with self._host.door.changed:
            self._host.door.loaded = None
        self._close(old)

    def _close(self, old: Loaded) -> None:
        old.engine.close()
        self._log.append(text("host.log.closed", **titles(old.choice)))

    def _log_once(self, words: Text) -> None:
        if all(entry.text != words for entry in self._log.entries):
            self._log.append(words)

    def _settings(self, choice: Choice) -> Settings:
        return self._host.settings.model_copy(update={"dtype": choice.dtype, "device": choice.device})


def titles(choice: Choice) -> dict[str, str]:
    """A model's name for the words of both languages."""
    return {"name": choice.preset.title.en, "name_zh": choice.preset.title.zh}


def as_told(error: Exception, choice: Choice) -> WorkbenchError:
    """The error in words. What its frames hold is let go: among it are the weights that were being read."""
    if not isinstance(error, WorkbenchError):
        logger.error("a change of the model failed", exc_info=error)
    cause: BaseException | None = error
    while cause is not None:
        traceback.clear_frames(cause.__traceback__)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, WorkbenchError):
        return error
    return WorkbenchError("model_load_failed", name=choice.preset.id, why=f"{type(error).__name__}: {error}")
