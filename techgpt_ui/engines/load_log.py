"""What happened while a model was loaded, line by line, the libraries' warnings among it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from techgpt_ui.texts import Text

LIBRARIES = ("transformers", "accelerate", "huggingface_hub", "torch", "py.warnings")


class LoadLog:
    """Lines in their order, each with its time in seconds since 1970; may be read while a load writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[tuple[float, Text]] = []

    def append(self, text: Text) -> None:
        """Another line; one that only repeats the last is left out."""
        with self._lock:
            if not self._entries or self._entries[-1][1] != text:
                self._entries.append((time.time(), text))

    @property
    def entries(self) -> tuple[tuple[float, Text], ...]:
        """All lines so far."""
        with self._lock:
            return tuple(self._entries)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take down what the libraries warn of meanwhile."""
        ear = _Ear(self)
        loggers = [logging.getLogger(name) for name in LIBRARIES]
        logging.captureWarnings(True)
        for each in loggers:
            each.addHandler(ear)
        try:
            yield
        finally:
            for each in loggers:
                each.removeHandler(ear)
            logging.captureWarnings(False)


class _Ear(logging.Handler):
    def __init__(self, log: LoadLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """The words of a warning, in the one language that it has."""
        words = record.getMessage().strip()
        self._log.append(Text(zh=words, en=words))
