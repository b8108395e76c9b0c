"""Turn token ids into text as they come: incremental decoding, stop strings, what may already be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Transcript:
    """The answer so far; ``begun`` is what there was of it before, and its tokens.

    ``shown`` never contains the beginning of a stop string that may still be completed, so what was
    streamed is always a prefix of the final text.
    """

    def __init__(self, tokenizer: Any, stops: Sequence[str], begun: str = "", begun_ids: Sequence[int] = ()) -> None:
        from tokenizers.decoders import DecodeStream

        self._backend = tokenizer.backend_tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        self._stops = tuple(stop for stop in stops if stop)
        # The first piece of a text is decoded without its space; the next one is not.
        for token in begun_ids:
            self._stream.step(self._backend, token)
        self.text = begun
        self.ends: list[int] = []
        """Code points of ``text`` after each token."""
        self.stopped = False

    def push(self, token: int) -> None:
        """Append one token; nothing is taken after a stop string."""
        if self.stopped:
            return
        piece = self._stream.step(self._backend, token)
        before = len(self.text)
        if piece:
            self.text += piece
            self._cut_at_stop(before)
        self.ends.append(len(self.text))

    @property
    def shown(self) -> str:
        """The text up to what may turn out to be a stop string."""
        if self.stopped:
            return self.text
        held = max((_overlap(self.text, stop) for stop in self._stops), default=0)
        return self.text[: len(self.text) - held]

    def _cut_at_stop(self, before: int) -> None:
        longest = max((len(stop) for stop in self._stops), default=0)
        start = max(0, before - longest + 1)
        found = [at for stop in self._stops if (at := self.text.find(stop, start)) >= 0]
        if found:
            self.text = self.text[: min(found)]
            self.stopped = True


def _overlap(text: str, stop: str) -> int:
    """Length of the longest proper beginning of ``stop`` that ``text`` ends with."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
