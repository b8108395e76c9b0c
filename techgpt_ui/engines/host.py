"""The one shared model: loaded in the background, its state open to everybody."""

from __future__ import annotations

import logging
import threading
from typing import Literal

from techgpt_ui.engines.base import Engine
from techgpt_ui.engines.loading import load_engine
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.schema import Record
from techgpt_ui.settings import Settings
from techgpt_ui.weights import FetchProgress, fetch_demo

log = logging.getLogger(__name__)

Phase = Literal["fetching", "loading", "ready", "failed"]


class HostState(Record):
    """What the header shows; ``progress`` only while fetching."""

    phase: Phase
    progress: FetchProgress | None = None


class ModelHost:
    """Fetches and loads one model in a thread; ``engine`` hands it out once it is ready."""

    def __init__(self, preset: ModelPreset, settings: Settings) -> None:
        self.preset = preset
        self._settings = settings
        self._changed = threading.Condition()
        self._engine: Engine | None = None
        self._error: WorkbenchError | None = None
        self.state = HostState(phase="loading")

    def start(self) -> None:
        """Begin loading in the background, once."""
        threading.Thread(target=self.load, daemon=True, name="model-loader").start()

    @property
    def error(self) -> WorkbenchError | None:
        """Why loading failed, if it did."""
        return self._error

    @property
    def loaded(self) -> Engine | None:
        """The engine if it is ready."""
        return self._engine

    @property
    def settled(self) -> bool:
        """Whether loading is over, one way or the other."""
        return self._engine is not None or self._error is not None

    def wait(self, timeout_s: float) -> None:
        """Sleep until loading is over, at most ``timeout_s``."""
        with self._changed:
            self._changed.wait_for(lambda: self.settled, timeout_s)

    def engine(self, timeout_s: float = 0.0) -> Engine:
        """The engine, waiting up to ``timeout_s``; raises the loader's error or ``model_not_ready``."""
        with self._changed:
            self._changed.wait_for(lambda: self.settled, timeout_s)
        if self._error:
            raise self._error
        if self._engine is None:
            raise WorkbenchError("model_not_ready")
        return self._engine

    def load(self) -> None:
        """Fetch and load now; what goes wrong is kept for ``engine`` to raise."""
        try:
            if self.preset.source == "demo" and not self._settings.base_url:
                fetch_demo(self._settings.cache, self._report_fetch)
            engine = load_engine(self.preset, self._settings, self._report_fetch)
        except WorkbenchError as error:
            self._fail(error)
        except Exception as error:
            log.exception("loading the model failed")
            self._fail(WorkbenchError("model_load_failed", name=self.preset.id, why=f"{type(error).__name__}: {error}"))
        else:
            with self._changed:
                self._engine = engine
            self._enter(HostState(phase="ready"))

    def _fail(self, error: WorkbenchError) -> None:
        with self._changed:
            self._error = error
        self._enter(HostState(phase="failed"))

    def _report_fetch(self, progress: FetchProgress) -> None:
        done = progress.step == "done"
        self._enter(HostState(phase="loading") if done else HostState(phase="fetching", progress=progress))

    def _enter(self, state: HostState) -> None:
        with self._changed:
            self.state = state
            self._changed.notify_all()
