"""Turn token ids into text as they come: incremental decoding, stop strings, repeats, what may already be shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Draft:
    """The text of an answer as it grows; ``text`` begins with what there was of it before.

    A list whose pieces stand between ``separator`` ends where a piece comes for the second time: a model that
    repeats itself has nothing to add, and a small one would go round until its limit.

    ``shown`` never contains the beginning of a stop string that may still be completed, so what was
    streamed is always a prefix of the final text.
    """

    def __init__(self, stops: Sequence[str], begun: str = "", separator: str = "") -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._separator = separator
        self.text = begun
        self.stopped = False

    def add(self, piece: str) -> None:
        """Append text; nothing is taken after a stop string."""
        if self.stopped or not piece:
            return
        before = len(self.text)
        self.text += piece
        self._cut_at_stop(before)
        self._cut_at_repeat(complete=1)

    def finish(self) -> None:
        """The answer is over, so its last piece is complete."""
        self._cut_at_repeat(complete=0)

    @property
    def shown(self) -> str:
        """The text up to what may turn out to be a stop string."""
        if self.stopped:
            return self.text
        ends = filter(None, (*self._stops, self._separator))
        held = max((_overlap(self.text, end) for end in ends), default=0)
        return self.text[: len(self.text) - max(held, self._maybe_repeat())]

    def _cut_at_stop(self, before: int) -> None:
        longest = max((len(stop) for stop in self._stops), default=0)
        start = max(0, before - longest + 1)
        found = [at for stop in self._stops if (at := self.text.find(stop, start)) >= 0]
        if found:
            self.text = self.text[: min(found)]
            self.stopped = True

    def _cut_at_repeat(self, complete: int) -> None:
        """Cut before the newest whole piece if it was there before; ``complete`` pieces from the end it stands."""
        if not self._separator:
            return
        pieces = self.text.split(self._separator)
        newest = len(pieces) - 1 - complete
        if newest > 0 and pieces[newest].casefold() in {piece.casefold() for piece in pieces[:newest]}:
            self.text = self._separator.join(pieces[:newest])
            self.stopped = True

    def _maybe_repeat(self) -> int:
        """Length of what may turn out to be a repeat: the unfinished piece and the separator before it."""
        if not self._separator:
            return 0
        begun = _overlap(self.text, self._separator)
        *before, newest = self.text[: len(self.text) - begun].split(self._separator)
        if any(piece.casefold().startswith(newest.casefold()) for piece in before):
            return len(newest) + len(self._separator) + begun
        return 0


class Transcript(Draft):
    """A draft that is written token by token; ``begun_ids`` are the tokens of what there was of it before."""

    def __init__(
        self, tokenizer: Any, stops: Sequence[str], begun: str = "", begun_ids: Sequence[int] = (), separator: str = ""
    ) -> None:
        from tokenizers.decoders import DecodeStream

        super().__init__(stops, begun, separator)
        self._backend = tokenizer.backend_tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        # The first piece of a text is decoded without its space; the next one is not.
        for token in begun_ids:
            self._stream.step(self._backend, token)
        self.ends: list[int] = []
        """Code points of ``text`` after each token."""

    def push(self, token: int) -> None:
        """Append one token; nothing is taken after a stop string."""
        if self.stopped:
            return
        self.add(self._written(token))
        self.ends.append(len(self.text))

    def _written(self, token: int) -> str:
        """What a token adds, perhaps only with those to come; bytes that are no text become the sign for such."""
        try:
            return self._stream.step(self._backend, token) or ""
        except Exception as error:  # the decoder's own class is Exception
            if "Invalid prefix" not in str(error):
                raise
        self._stream = type(self._stream)(skip_special_tokens=True)
        for before in self._backend.encode("a", add_special_tokens=False).ids:  # so that the next is not the first
            self._stream.step(self._backend, before)
        return "\ufffd" + (self._stream.step(self._backend, token) or "")


def _overlap(text: str, stop: str) -> int:
    """Length of the longest proper beginning of ``stop`` that ``text`` ends with."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
