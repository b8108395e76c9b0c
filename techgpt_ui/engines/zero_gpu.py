"""ZeroGPU, the shared GPUs of Spaces: a run borrows one for as long as it takes.

The package `spaces` answers a call of a decorated generator by forking this process, or using a process that it forked
before. There the model lies on a GPU; what the generator yields comes back through a pipe. Two things follow:

* Our ``CancelToken`` does not reach the other process. The generator there yields at least every ``POLL_S`` seconds;
  each time the package looks whether the generator here was closed, and if so closes the other, which ends the run
  at its next token. What had been written until then is the answer of a stopped run.
* The package takes the weights off this process when the page is launched, in the thread that imported it: so
  ``prepare`` is called first of all, and the model is loaded before the page, all in the main thread.
"""

from __future__ import annotations

import importlib
import logging
import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from techgpt_ui.engines.base import CancelToken, Delta, Engine, Event, Finished, GenerationRequest
from techgpt_ui.engines.running import EventQueue, never_started, run_aside
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.schema import ChatMessage, ModelInfo, Record, Segment, Usage
from techgpt_ui.space import on_zero_gpu

log = logging.getLogger(__name__)

START_S = 20.0
"""Until a 7B model lies on the GPU that was lent."""
TOKENS_READ_PER_S = 2000.0
TOKENS_WRITTEN_PER_S = 15.0
CHOICES_SCORED_PER_S = 20.0
LONGEST_S = 120
"""More is refused to most visitors of a Space."""


class Failure(Record):
    """An error of ours in the other process; the package itself would hand back no more than its class."""

    code: str
    params: dict[str, str]


Borrowed = Callable[[GenerationRequest], Generator[Event | Failure]]


def prepare() -> None:
    """Let the package patch torch; to be called in the main thread, before anything imports torch or gradio."""
    if on_zero_gpu():
        importlib.import_module("spaces")


def on_gpu(function: Borrowed, duration: Callable[[GenerationRequest], int]) -> Borrowed:
    """The function as it is, or, where GPUs are lent, one that borrows a GPU for ``duration`` seconds."""
    if not on_zero_gpu():
        return function
    return importlib.import_module("spaces").GPU(duration=duration)(function)


def gpu_seconds(request: GenerationRequest) -> int:
    """How long to borrow a GPU: what a 7B model needs for the longest answer that is allowed, ``LONGEST_S`` at most."""
    reading = len(request.prompt_ids) / TOKENS_READ_PER_S
    if request.choices:
        writing = len(request.choices) / CHOICES_SCORED_PER_S
    else:
        writing = request.sampling.max_new_tokens * request.sampling.num_beams / TOKENS_WRITTEN_PER_S
    return min(LONGEST_S, math.ceil(START_S + reading + writing))


class ZeroGpuEngine:
    """Another engine, each of whose runs takes place on a GPU lent for it."""

    device = "ZeroGPU"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._borrowed = on_gpu(self._run, gpu_seconds)
        self._counting = threading.Lock()
        self.busy = 0

    @property
    def info(self) -> ModelInfo:
        """Which weights these are."""
        return self._engine.info

    @property
    def context(self) -> int:
        """Tokens that prompt and answer may take together."""
        return self._engine.context

    @property
    def grounds(self) -> bool:
        """Whether ``GenerationRequest.grammar`` is honoured."""
        return self._engine.grounds

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        """Token ids of a prompt; plain segments never become special tokens."""
        return self._engine.encode(segments)

    def offsets(self, text: str) -> list[int]:
        """End offset in ``text`` (code points) of each of its tokens."""
        return self._engine.offsets(text)

    def pieces(self, ids: Sequence[int]) -> list[tuple[str, bool]]:
        """The ids as written, piece by piece, and whether each is a special token."""
        return self._engine.pieces(ids)

    def chat_markup(self, messages: Sequence[ChatMessage]) -> str:
        """The tokenizer's chat template over ``messages``, ending where the assistant begins."""
        return self._engine.chat_markup(messages)

    def stream(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[Event]:
        """Generate; a stopped run ends here at once, whether or not a GPU has been lent yet."""
        heard = _Heard(request)
        with closing(run_aside(partial(self._work, request, cancel), cancel)) as events:
            for event in events:
                # The work aside knows nothing of what was heard: where it noticed the stop first, its end has no text.
                if cancel.cancelled and (not isinstance(event, Finished) or event.finish_reason == "cancelled"):
                    yield heard.stopped()
                    return
                heard.take(event)
                yield event

    def close(self) -> None:
        """Give back the memory of the weights; nothing can be asked after it."""
        self._engine.close()

    def _work(self, request: GenerationRequest, cancel: CancelToken, events: EventQueue) -> Finished:
        """Hand on what the other process says; leaving the loop early closes the generator and so ends the run."""
        try:
            with self._counted(), closing(self._borrowed(request)) as borrowed:
                for event in borrowed:
                    if isinstance(event, Failure):
                        raise _raised(event)
                    if isinstance(event, Finished):
                        return event
                    if cancel.cancelled:
                        break
                    events.put(event)
        except WorkbenchError:
            raise
        except Exception as error:
            log.exception("no GPU was lent")
            raise WorkbenchError("gpu_not_lent", why=_words(error)) from error
        return never_started(request)

    def _run(self, request: GenerationRequest) -> Generator[Event | Failure]:
        """In the process that has the GPU: the run, ended in time rather than killed."""
        cancel = CancelToken(deadline_s=gpu_seconds(request) - START_S / 2)
        try:
            yield from self._engine.stream(request, cancel)
        except WorkbenchError as error:
            yield Failure(code=error.code, params={name: str(value) for name, value in error.params.items()})

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self.busy += 1
        try:
            yield
        finally:
            with self._counting:
                self.busy -= 1


class _Heard:
    """What a run has written so far."""

    def __init__(self, request: GenerationRequest) -> None:
        self._request = request
        self._text = request.answer_so_far
        self._tokens = 0
        self._started = time.perf_counter()
        self._first_s: float | None = None

    def take(self, event: Event) -> None:
        if isinstance(event, Delta):
            self._first_s = self._first_s or time.perf_counter() - self._started
            self._text += event.text
            self._tokens = event.tokens

    def stopped(self) -> Finished:
        usage = Usage(
            prompt_tokens=len(self._request.prompt_ids),
            completion_tokens=self._tokens,
            ttft_s=self._first_s,
            total_s=time.perf_counter() - self._started,
        )
        return Finished(text=self._text, finish_reason="cancelled", usage=usage)


def _raised(failure: Failure) -> WorkbenchError:
    return WorkbenchError(failure.code, **failure.params)


def _words(error: Any) -> str:
    """The package speaks in Gradio's errors: a title and a message."""
    said = [str(part) for part in (getattr(error, "title", ""), getattr(error, "message", "")) if part]
    return ": ".join(said) or f"{type(error).__name__}: {error}"
