"""A model on this machine, driven by transformers: one worker thread a run, events through a queue."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from techgpt_ui.engines.base import (
    CancelToken,
    Delta,
    Event,
    Finished,
    GenerationRequest,
    TokenTrace,
    Waiting,
)
from techgpt_ui.engines.constraint import GrammarMask, grammar_tokenizer
from techgpt_ui.engines.reclaiming import is_out_of_memory, release_memory
from techgpt_ui.engines.running import EventQueue, never_started, run_aside
from techgpt_ui.engines.scoring import score_answers
from techgpt_ui.engines.tokens import TokenizerTokens
from techgpt_ui.engines.transcript import Transcript
from techgpt_ui.engines.turnstile import Turnstile
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Sampling
from techgpt_ui.schema import FinishReason, ModelInfo, Usage

LOOKUP_TOKENS = 8
"""Tokens that prompt lookup guesses ahead; extraction copies its input, so most guesses hold."""


class TransformersEngine(TokenizerTokens):
    """A causal language model and its tokenizer on one device."""

    grounds = True

    def __init__(
        self, model: Any, tokenizer: Any, info: ModelInfo, context: int, add_bos: bool, *, device: str | None = None
    ) -> None:
        super().__init__(tokenizer, context, add_bos)
        self.info = info
        self._device = device
        """Where it runs, as torch names it; the first of several."""
        self._ends = _ends(model.generation_config, tokenizer.eos_token_id)
        # What else a checkpoint's generation_config.json asks for would come into every run without being shown.
        model.generation_config = GenerationConfig()
        self._model = model
        self._runs: set[CancelToken] = set()
        self._closed = False
        self._turnstile = Turnstile()
        self._grammar_tokenizer: Any = None

    @property
    def device(self) -> str:
        """Where it takes its input, as torch names it; a lent GPU is another one, or none, from run to run."""
        return self._device or str(self._model.device)

    @property
    def busy(self) -> int:
        """Runs that hold or wait for the device."""
        return len(self._turnstile)

    def stream(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[Event]:
        """Generate in a thread of its own; closing this iterator ends that thread at its next token."""
        return run_aside(partial(self._work, request, cancel), cancel)

    def close(self) -> None:
        """End every run at its next token and give back the memory of the weights; later runs are refused."""
        self._closed = True
        for cancel in tuple(self._runs):
            cancel.cancel()
        with self._turnstile.turn(CancelToken(math.inf), lambda place: None):
            self._model = self._grammar_tokenizer = None
        release_memory()

    def _work(self, request: GenerationRequest, cancel: CancelToken, events: EventQueue) -> Finished:
        with (
            self._among_runs(cancel),
            self._turnstile.turn(cancel, lambda place: events.put(Waiting(place=place))) as ours,
        ):
            if self._closed:
                raise WorkbenchError("engine_closed")
            if not ours:
                return never_started(request)
            try:
                return self._generate(request, cancel, events)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            # Out here nothing holds on to the tensors of the run that failed.
            release_memory()
            raise WorkbenchError("out_of_memory")

    @contextmanager
    def _among_runs(self, cancel: CancelToken) -> Iterator[None]:
        self._runs.add(cancel)
        try:
            yield
        finally:
            self._runs.discard(cancel)

    def _generate(self, request: GenerationRequest, cancel: CancelToken, events: EventQueue) -> Finished:
        started = time.perf_counter()
        if request.choices:
            return self._choose(request, cancel, started)
        begun = request.answer_so_far
        transcript = Transcript(self._tokenizer, request.stops, begun, self.plain_ids(begun), request.separator)
        feed = _Feed(transcript, events, len(request.prompt_ids))
        mask = GrammarMask(
            len(request.prompt_ids), self._grammar_table(request), request.grammar, request.end_penalty,
            self._first_penalty(request),
        )  # fmt: skip
        ids = torch.tensor([request.prompt_ids], device=self.device)
        torch.manual_seed(request.seed)
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                logits_processor=[mask],
                stopping_criteria=StoppingCriteriaList([_StopWhen(cancel, transcript)]),
                streamer=feed if request.sampling.num_beams == 1 else None,
                generation_config=GenerationConfig(**self._arguments(request)),
            )
        answer = output[0, len(request.prompt_ids) :].tolist()
        for token in answer[len(transcript.ends) :]:
            transcript.push(token)
        transcript.finish()
        return Finished(
            text=transcript.text,
            finish_reason=self._finish_reason(answer, request.sampling, transcript, cancel),
            usage=Usage(
                prompt_tokens=len(request.prompt_ids),
                completion_tokens=len(answer),
                ttft_s=feed.first_at - started if feed.first_at else None,
                total_s=time.perf_counter() - started,
            ),
            trace=_trace(mask, answer, transcript) if request.sampling.num_beams == 1 else (),
        )

    def _choose(self, request: GenerationRequest, cancel: CancelToken, started: float) -> Finished:
        """Score every choice as the whole answer and give the most probable."""
        answers = [[*self.plain_ids(choice), self._tokenizer.eos_token_id] for choice in request.choices]
        scores = score_answers(self._model, request.prompt_ids, answers, lambda: cancel.cancelled)
        if scores is None:
            return never_started(request)
        best = max(range(len(scores)), key=scores.__getitem__)
        return Finished(
            text=request.choices[best],
            finish_reason="stop",
            usage=Usage(
                prompt_tokens=len(request.prompt_ids),
                completion_tokens=len(answers[best]),
                ttft_s=None,
                total_s=time.perf_counter() - started,
            ),
            scores=tuple(scores),
        )

    def _first_penalty(self, request: GenerationRequest) -> tuple[int, float] | None:
        """The token that begins the word for "nothing", and what is taken from its logit."""
        if not request.none_penalty or request.grammar is None:
            return None
        return self.plain_ids(request.none_word)[0], request.none_penalty

    def _grammar_table(self, request: GenerationRequest) -> Any:
        if request.grammar is None:
            return None
        if self._grammar_tokenizer is None:
            self._grammar_tokenizer = grammar_tokenizer(self._tokenizer, self._model.config.vocab_size)
        return self._grammar_tokenizer

    def _arguments(self, request: GenerationRequest) -> dict[str, Any]:
        sampling = request.sampling
        arguments: dict[str, Any] = {
            "max_new_tokens": sampling.max_new_tokens,
            "min_new_tokens": sampling.min_new_tokens or None,
            "repetition_penalty": sampling.repetition_penalty,
            "num_beams": sampling.num_beams,
            "do_sample": sampling.do_sample,
            "pad_token_id": self._tokenizer.pad_token_id,
            "bos_token_id": self._tokenizer.bos_token_id,
            "eos_token_id": self._ends,
        }
        if sampling.do_sample:
            arguments |= {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k}
        elif request.grammar is not None and sampling.num_beams == 1:
            # Only greedy decoding gives the same answer with and without guesses.
            arguments["prompt_lookup_num_tokens"] = LOOKUP_TOKENS
        return arguments

    def _finish_reason(
        self, answer: list[int], sampling: Sampling, transcript: Transcript, cancel: CancelToken
    ) -> FinishReason:
        if transcript.stopped or (answer and answer[-1] in self._ends):
            return "stop"
        if len(answer) >= sampling.max_new_tokens:
            return "length"
        return "cancelled" if cancel.cancelled else "stop"


class _Feed(BaseStreamer):
    """Hands new text to the consumer as soon as no stop string can swallow it."""

    def __init__(self, transcript: Transcript, events: EventQueue, prompt_length: int) -> None:
        self._transcript = transcript
        self._events = events
        self._prompt_left = prompt_length
        self._sent = len(transcript.text)
        self.first_at: float | None = None

    def put(self, value: torch.Tensor) -> None:
        """Take the prompt (once, first), then the new tokens of each step."""
        tokens = value.flatten().tolist()
        if self._prompt_left:
            self._prompt_left = 0
            return
        self.first_at = self.first_at or time.perf_counter()
        for token in tokens:
            self._transcript.push(token)
        self._send()

    def end(self) -> None:
        """Nothing to flush: the final text travels with the Finished event."""

    def _send(self) -> None:
        shown = self._transcript.shown
        if len(shown) > self._sent:
            self._events.put(Delta(text=shown[self._sent :], tokens=len(self._transcript.ends)))
            self._sent = len(shown)


class _StopWhen(StoppingCriteria):
    """Ends a run when it is cancelled, past its deadline, or at a stop string."""

    def __init__(self, cancel: CancelToken, transcript: Transcript) -> None:
        self._cancel = cancel
        self._transcript = transcript

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor, **kwargs: Any) -> torch.BoolTensor:
        done = self._cancel.cancelled or self._transcript.stopped
        return torch.full((input_ids.shape[0],), done, device=input_ids.device)


def _ends(config: GenerationConfig, own: int) -> list[int]:
    """Every token that ends an answer: the tokenizer's, and those that generation_config.json lists."""
    listed = config.eos_token_id
    more = [] if listed is None else listed if isinstance(listed, list) else [listed]
    return list(dict.fromkeys([own, *more]))


def _trace(mask: GrammarMask, answer: list[int], transcript: Transcript) -> tuple[TokenTrace, ...]:
    steps = zip(mask.trace(answer), transcript.ends, strict=False)
    return tuple(TokenTrace(end=end, logprob=step.logprob, removed=step.removed) for step, end in steps)
