"""How far long work is, told on standard error."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from techgpt_ui.texts import Lang, text

if TYPE_CHECKING:
    from techgpt_ui.evaluation.keeping import Progress

EVERY_S = 5.0
"""Seconds between two lines where the output is no terminal; a terminal's line is written over."""


class StatusLine:
    """One line of a terminal that is written over, or lines one after the other."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self._width = 0

    def write(self, words: str) -> None:
        """Show these words in the place of the last ones."""
        if self.terminal:
            sys.stderr.write("\r" + words.ljust(self._width))
            self._width = len(words)
        else:
            sys.stderr.write(words + "\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Leave the line of a terminal."""
        if self._width:
            sys.stderr.write("\n")
            self._width = 0


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    left = round(seconds)
    return f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02}"


class Meter:
    """Shows progress with the rate of this call and the time left."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self._line = StatusLine()
        self._begun = self._told = time.monotonic()

    def show(self, step: Progress) -> None:
        """Tell of a step, if it is time to."""
        now = time.monotonic()
        first = self._begun == self._told
        due = self._line.terminal or now - self._told >= EVERY_S or (first and step.ran == 0)
        if step.assessed is None and due:
            self._told = now
            self._line.write(self._words(step, now - self._begun))

    def close(self) -> None:
        """Leave the line of a terminal."""
        self._line.close()

    def _words(self, step: Progress, elapsed: float) -> str:
        if not step.ran:
            return text("evaluate.progress.begin", done=len(step.outcomes), total=step.total).within(self._lang)
        pace = elapsed / step.ran
        words = text(
            "evaluate.progress",
            done=len(step.outcomes),
            total=step.total,
            rate=f"{60 / max(pace, 1e-9):.1f}",
            left=clock(pace * (step.total - len(step.outcomes))),
        )
        return words.within(self._lang)
