"""The warnings of the libraries below: each is told once, and whoever listens meanwhile hears it.

bitsandbytes, for one, warns at every matrix product; a log full of one line hides the others.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LIBRARIES = ("accelerate", "bitsandbytes", "huggingface_hub", "peft", "torch", "transformers")
TOLD_LIMIT = 1000
"""Different warnings that are told; a message with a number that always changes must not fill the memory."""
Listener = Callable[[str], None]
told = logging.getLogger("techgpt_ui.libraries")


class OnceHandler(logging.Handler):
    """Hands each different warning on once, to the program's own log and to whoever listens."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._seen: set[tuple[str, str]] = set()
        self._listeners: list[Listener] = []
        self._guard = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning of a library."""
        words = record.getMessage()
        with self._guard:
            listeners = tuple(self._listeners)
            new = (record.name, words) not in self._seen and len(self._seen) < TOLD_LIMIT
            if new:
                self._seen.add((record.name, words))
        for listener in listeners:
            listener(f"{record.name}: {words}")
        if new:
            told.log(record.levelno, "%s: %s", record.name, words)

    @contextmanager
    def heard_by(self, listener: Listener) -> Iterator[None]:
        """Tell ``listener`` of every warning meanwhile, also of those that were told before."""
        with self._guard:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._guard:
                self._listeners.remove(listener)


_handler = OnceHandler()


def tell_once() -> None:
    """Let every library's warnings go through the one handler; may be called again and again."""
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        if _handler not in logger.handlers:
            logger.handlers[:] = [_handler]
            logger.propagate = False


@contextmanager
def overheard(listener: Listener) -> Iterator[None]:
    """Tell ``listener`` what libraries warn of meanwhile, also through Python's ``warnings``."""
    tell_once()
    with _handler.heard_by(listener), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        try:
            yield
        finally:
            # What is deprecated concerns those who write programs, not those who load a model.
            for warning in (one for one in caught if not issubclass(one.category, DeprecationWarning)):
                listener(f"{warning.category.__name__}: {warning.message}")
