"""The grammar mask, and the record of how the model felt about each token."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
from transformers import LogitsProcessor

from techgpt_ui.errors import WorkbenchError


class StepTrace(NamedTuple):
    """Natural log of the model's own probability of a token, and the mass that the mask removed."""

    logprob: float
    removed: float


class _Step(NamedTuple):
    scores: torch.Tensor
    log_total: float
    removed: float


def grammar_tokenizer(tokenizer: Any, vocab_size: int) -> LLTokenizer:
    """The tokenizer as llguidance wants it; takes about a second, so keep it."""
    return from_tokenizer(tokenizer, n_vocab=vocab_size)


class GrammarMask(LogitsProcessor):
    """Masks every token that would leave the grammar, and keeps a trace of the choice made.

    Under prompt lookup one pass asks about several prefixes of which later ones may be discarded, so
    the matcher is rolled back to the longest prefix it shares with the one asked about.
    """

    def __init__(
        self,
        prompt_length: int,
        tokenizer: LLTokenizer | None,
        grammar: str | None,
        end_penalty: float = 0.0,
        first_penalty: tuple[int, float] | None = None,
    ) -> None:
        self._prompt_length = prompt_length
        self._end_penalty = end_penalty
        self._first_penalty = first_penalty
        self._consumed: list[int] = []
        self._steps: dict[int, _Step] = {}
        self._trace: dict[int, tuple[int, StepTrace]] = {}
        self._matcher: LLMatcher | None = None
        if grammar is not None and tokenizer is not None:
            self._matcher = LLMatcher(tokenizer, grammar, log_level=0)
            if self._matcher.is_error():
                raise WorkbenchError("grammar_broken", why=self._matcher.get_error())
            self._bitmask = allocate_token_bitmask(1, tokenizer.vocab_size)
            self._end = tokenizer.eos_token

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        """Mask the scores of the token that follows each row of ``input_ids`` (one row a beam)."""
        rows = zip(input_ids.split(1), scores.split(1), strict=True)
        return torch.cat([self._row(ids, row) for ids, row in rows])

    def _row(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        answer = input_ids[0, self._prompt_length :].tolist()
        self._settle(answer)
        masked = scores
        if self._matcher is not None and self._follow(answer):
            masked = self._masked(scores)
            if self._first_penalty and not answer:
                token, penalty = self._first_penalty
                masked[..., token] -= penalty
        self._note(len(answer), scores, masked)
        return masked

    def trace(self, answer: list[int]) -> list[StepTrace]:
        """One entry for each token of the final answer."""
        self._settle(answer)
        return [self._trace[at][1] for at in range(len(answer)) if at in self._trace]

    def _follow(self, answer: list[int]) -> bool:
        """Bring the matcher to ``answer``; False for a prefix that it cannot reach (it will be discarded)."""
        matcher = self._matcher
        assert matcher is not None
        shared = 0
        for ours, theirs in zip(self._consumed, answer, strict=False):
            if ours != theirs:
                break
            shared += 1
        if surplus := len(self._consumed) - shared:
            matcher.rollback(surplus)
            del self._consumed[shared:]
        for token in answer[shared:]:
            if matcher.is_stopped() or matcher.validate_tokens([token]) != 1:
                return False
            matcher.consume_token(token)
            self._consumed.append(token)
        return True

    def _masked(self, scores: torch.FloatTensor) -> torch.FloatTensor:
        fill_next_token_bitmask(self._matcher, self._bitmask)
        bits = np.unpackbits(self._bitmask[0].view(np.uint8), bitorder="little")
        allowed = torch.from_numpy(bits).to(device=scores.device, dtype=torch.bool)
        width = scores.shape[-1]
        if allowed.shape[0] < width:
            allowed = torch.nn.functional.pad(allowed, (0, width - allowed.shape[0]))
        allowed = allowed[:width]
        masked = scores.masked_fill(~allowed, -math.inf)
        if not torch.isfinite(masked).any():
            # Another processor (a minimum length) forbids all that the grammar allows: the grammar wins.
            return torch.full_like(scores, -math.inf).masked_fill(allowed, 0.0)
        # Where the end is all that is allowed it stays so, whatever is taken from it.
        masked[..., self._end] -= self._end_penalty
        return masked

    def _note(self, at: int, scores: torch.Tensor, masked: torch.Tensor) -> None:
        row = scores[0].float().clone()
        log_total = torch.logsumexp(row, dim=-1).item()
        removed = 0.0
        if masked is not scores:
            removed = 1.0 - math.exp(min(0.0, torch.logsumexp(masked[0].float(), dim=-1).item() - log_total))
        self._steps[at] = _Step(row, log_total, removed)
        # An earlier note at this place belonged to a prefix that was discarded.
        self._trace.pop(at, None)

    def _settle(self, answer: list[int]) -> None:
        """Look up the tokens chosen since the last call and let go of their scores."""
        for at in [at for at in self._steps if at < len(answer)]:
            token = answer[at]
            step = self._steps[at]
            self._trace[at] = (token, StepTrace(step.scores[token].item() - step.log_total, step.removed))
        for at in [at for at in self._steps if at < len(answer) - _KEEP_STEPS]:
            del self._steps[at]


# Prompt lookup asks about this many prefixes ahead at most; older scores can no longer change.
_KEEP_STEPS = 32
