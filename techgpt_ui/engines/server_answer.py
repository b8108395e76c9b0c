"""The answer of a server as it comes in, chunk by chunk."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from techgpt_ui.engines.base import Delta, GenerationRequest, TokenTrace
from techgpt_ui.engines.transcript import Draft
from techgpt_ui.schema import FinishReason, Usage


class IncomingAnswer:
    """Collects text, token counts and log-probabilities; ``complete`` once the server has said that it is done."""

    def __init__(self, request: GenerationRequest) -> None:
        self._request = request
        self._draft = Draft(request.stops, request.answer_so_far, request.separator)
        self._sent = len(self._draft.text)
        self._started = time.perf_counter()
        self._first_at: float | None = None
        self._tokens = 0
        self._usage: Any = None
        self._reason: str | None = None
        self._trace: list[TokenTrace] = []

    @property
    def complete(self) -> bool:
        """Whether nothing more is to be waited for."""
        return self._reason is not None or self._draft.stopped

    @property
    def stopped(self) -> bool:
        """Whether a stop string or a repeated line ended it here, whatever the server still writes."""
        return self._draft.stopped

    @property
    def text(self) -> str:
        """All of it, with what there was before."""
        return self._draft.text

    def take(self, chunk: Any) -> Delta | None:
        """Add one chunk of a stream of completions or of chat completions; what of it may be shown."""
        self._usage = getattr(chunk, "usage", None) or self._usage
        for choice in chunk.choices or ():
            self._take_choice(choice)
        shown = self._draft.shown
        if len(shown) <= self._sent:
            return None
        news, self._sent = shown[self._sent :], len(shown)
        return Delta(text=news, tokens=self._tokens)

    def end(self) -> None:
        """The server is done, so the last piece is complete."""
        self._draft.finish()

    def finish_reason(self, *, cancelled: bool) -> FinishReason:
        """Why it ended."""
        if self._draft.stopped:
            return "stop"
        if cancelled:
            return "cancelled"
        return "length" if self._reason == "length" else "stop"

    def trace(self) -> tuple[TokenTrace, ...]:
        """The tokens that are still part of the answer, empty where the server did not give them all."""
        length = len(self.text)
        kept = [one for one in self._trace if one.end <= length]
        return tuple(kept) if len(self._trace) >= self._tokens else ()

    def usage(self) -> Usage:
        """As the server counted, or else as the chunks did."""
        now = time.perf_counter()
        return Usage(
            prompt_tokens=getattr(self._usage, "prompt_tokens", None) or len(self._request.prompt_ids),
            completion_tokens=getattr(self._usage, "completion_tokens", None) or self._tokens,
            ttft_s=self._first_at - self._started if self._first_at else None,
            total_s=now - self._started,
        )

    def _take_choice(self, choice: Any) -> None:
        delta = getattr(choice, "delta", None)
        piece = (delta.content if delta is not None else getattr(choice, "text", None)) or ""
        known = _logprobs(getattr(choice, "logprobs", None))
        if piece or known:
            self._first_at = self._first_at or time.perf_counter()
            self._tokens += len(known) or 1
            self._note(piece, known)
            self._draft.add(piece)
        self._reason = getattr(choice, "finish_reason", None) or self._reason

    def _note(self, piece: str, known: Sequence[tuple[str, float]]) -> None:
        """Where each token ends; where a token is part of a character all of the chunk's end with it."""
        before = len(self._draft.text)
        ends = list(accumulate((len(token) for token, _ in known), initial=before))[1:]
        if ends and ends[-1] != before + len(piece):
            ends = [before + len(piece)] * len(known)
        pairs = zip(ends, known, strict=True)
        self._trace += [TokenTrace(end=end, logprob=logprob, removed=0.0) for end, (_, logprob) in pairs]


def _logprobs(given: Any) -> list[tuple[str, float]]:
    """Tokens with the natural log of their probability, in either of the two forms in which servers give them."""
    if given is None:
        return []
    entries = getattr(given, "content", None)
    if entries is not None:
        pairs: Iterator[tuple[Any, Any]] = ((_of(entry, "token"), _of(entry, "logprob")) for entry in entries)
    else:
        pairs = zip(getattr(given, "tokens", None) or (), getattr(given, "token_logprobs", None) or (), strict=False)
    return [(str(token), float(logprob)) for token, logprob in pairs if logprob is not None]


def _of(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else getattr(entry, name, None)
