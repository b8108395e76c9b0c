"""What every engine offers: tokens in, a stream of events out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from techgpt_ui.presets import Sampling
from techgpt_ui.schema import ChatMessage, FinishReason, ModelInfo, Notice, Record, Segment, Usage


class GenerationRequest(Record):
    """One generation: prompt ids (BOS included), how to draw, when to stop, and the mask's grammar."""

    prompt_ids: tuple[int, ...]
    segments: tuple[Segment, ...] = ()
    """The prompt as it was before it became ids, for an engine that sends text elsewhere."""
    messages: tuple[dict[str, str], ...] = ()
    """The prompt's turns (role, content), where it was made by a chat template."""
    sampling: Sampling
    seed: int
    stops: tuple[str, ...] = ()
    grammar: str | None = None
    """Lark grammar that the answer must match; None leaves decoding free."""
    separator: str = ""
    """What stands between the pieces of a list in which none may come twice; the answer ends before a second one."""
    end_penalty: float = 0.0
    none_word: str = ""
    """What a grounded answer may say instead of anything else; "" where nothing is taken from it."""
    none_penalty: float = 0.0
    """Taken from the logit of the end token wherever the grammar also lets a list go on."""
    choices: tuple[str, ...] = ()
    """Answers of which one is right: each is scored and the most probable given, nothing is drawn."""
    answer_so_far: str = ""
    """The beginning of the answer, with which the prompt ends; what is generated goes on from it."""


class Waiting(Record):
    """The device is busy; ``place`` runs will go first."""

    place: int


class Tick(Record):
    """Nothing new, but the run is alive: lets a consumer that went away be noticed."""


class Delta(Record):
    """More of the answer; ``text`` is only what is new and ``tokens`` the count so far."""

    text: str
    tokens: int


class TokenTrace(Record):
    """Where one generated token ends in the answer, and how likely the model found it."""

    end: int
    """Code points of the answer after this token."""
    logprob: float
    """Natural log of the unmasked probability."""
    removed: float
    """Probability mass that the grammar took away at this step, in [0, 1]."""


class Finished(Record):
    """The end of a run that did not fail; ``text`` is the whole answer, with what was there before."""

    text: str
    finish_reason: FinishReason
    usage: Usage
    trace: tuple[TokenTrace, ...] = ()
    scores: tuple[float, ...] = ()
    """Natural log of the probability of each of the request's choices, its end included."""
    notices: tuple[Notice, ...] = ()
    """What the engine could not do as it was asked."""


Event = Waiting | Tick | Delta | Finished


class CancelToken:
    """Asks one run to end: by its owner, or by its deadline (seconds from now)."""

    def __init__(self, deadline_s: float = 900.0) -> None:
        self._event = threading.Event()
        self._deadline = time.monotonic() + deadline_s

    def cancel(self) -> None:
        """Ask the run to end at its next token."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the run should end."""
        return self._event.is_set() or time.monotonic() > self._deadline


class Engine(Protocol):
    """A model that writes answers: on this machine, one at a time per device, or on a server."""

    @property
    def info(self) -> ModelInfo:
        """Which weights these are."""

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may take together."""

    @property
    def grounds(self) -> bool:
        """Whether ``GenerationRequest.grammar`` is honoured."""

    @property
    def device(self) -> str:
        """Where it runs, as torch names it, or the server's address."""

    @property
    def busy(self) -> int:
        """Runs that hold or wait for the device, or for a place at the server."""

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        """Token ids of a prompt; plain segments never become special tokens."""

    def offsets(self, text: str) -> list[int]:
        """End offset in ``text`` (code points) of each of its tokens."""

    def pieces(self, ids: Sequence[int]) -> list[tuple[str, bool]]:
        """The ids as written, piece by piece, and whether each is a special token; tokens of one character are one."""

    def chat_markup(self, messages: Sequence[ChatMessage]) -> str:
        """The tokenizer's chat template over ``messages``, ending where the assistant begins."""

    def stream(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[Event]:
        """Generate; the last event is Finished, closing the iterator ends the run."""
