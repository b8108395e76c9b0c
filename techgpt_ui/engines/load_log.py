"""What happened while a model was loaded: when, what, with how much memory; kept as records for people to read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from techgpt_ui.texts import Text

Level = Literal["info", "warning", "error"]


class LoadEntry(NamedTuple):
    """One line of the log; ``at`` is in seconds since 1970."""

    at: float
    text: Text
    level: Level = "info"


class LoadLog:
    """Grows while a model is loaded; any thread may add to it and read it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[LoadEntry] = []

    @property
    def entries(self) -> tuple[LoadEntry, ...]:
        """The lines so far, oldest first."""
        with self._lock:
            return tuple(self._entries)

    def append(self, text: Text, level: Level = "info") -> None:
        """Another line; a warning that is there already is left out."""
        with self._lock:
            if level == "info" or all(entry.text != text for entry in self._entries):
                self._entries.append(LoadEntry(time.time(), text, level))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take down what the libraries warn of meanwhile, in the one language that it has."""
        from techgpt_ui.engines.library_warnings import overheard

        with overheard(lambda words: self.append(Text(zh=words, en=words), "warning")):
            yield
