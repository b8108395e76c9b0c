"""Ctrl-C and a polite kill end long work at its next token, so that what was done is kept and the device is freed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.evaluation.running import endless_token

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interruptible() -> Iterator[CancelToken]:
    """A token that the first signal cancels; a second one ends the program as usual."""
    token = endless_token()
    usual = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    def cancel(number: int, frame: FrameType | None) -> None:
        # Leaving at once would tear the generating thread down in the middle of its work, which aborts the program.
        token.cancel()
        restore()

    for number in _SIGNALS:
        signal.signal(number, cancel)
    try:
        yield token
    finally:
        restore()
