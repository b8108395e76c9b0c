"""How probable is each of several answers to one prompt? One pass over the prompt, few over the answers."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

MAX_BATCH = 16
MAX_CACHED_TOKENS = 8192
"""Prompt tokens that the copies of one batch may keep in the cache; bounds memory on long prompts."""


def score_answers(
    model: Any, prompt: Sequence[int], answers: Sequence[Sequence[int]], cancelled: Callable[[], bool]
) -> list[float] | None:
    """Natural log of the probability of each answer (token ids, end token included) after the prompt.

    None when it was cancelled in between.
    """
    scores: list[float] = []
    with torch.inference_mode():
        opening = model(input_ids=torch.tensor([list(prompt)], device=model.device), use_cache=True, logits_to_keep=1)
        first = opening.logits[0, -1].float().log_softmax(-1)
        for batch in _batches(answers, max(1, min(MAX_BATCH, MAX_CACHED_TOKENS // len(prompt)))):
            if cancelled():
                return None
            scores += _score_batch(model, opening.cache, len(prompt), batch, first)
    return scores


def _batches(answers: Sequence[Sequence[int]], size: int) -> Iterator[Sequence[Sequence[int]]]:
    for at in range(0, len(answers), size):
        yield answers[at : at + size]


def _score_batch(
    model: Any, prompt_cache: Any, prompt_length: int, answers: Sequence[Sequence[int]], first: torch.Tensor
) -> list[float]:
    width = max(map(len, answers))
    ids = torch.zeros(len(answers), width, dtype=torch.long, device=first.device)
    mask = torch.zeros(len(answers), prompt_length + width, dtype=torch.long, device=first.device)
    mask[:, :prompt_length] = 1
    for row, answer in enumerate(answers):
        ids[row, : len(answer)] = torch.tensor(list(answer))
        mask[row, prompt_length : prompt_length + len(answer)] = 1
    # The model writes into the cache it is given, so each batch gets a copy of the prompt's.
    cache = copy.deepcopy(prompt_cache)
    cache.batch_repeat_interleave(len(answers))
    logits = model(input_ids=ids, attention_mask=mask, cache=cache, use_cache=True).logits
    following = logits[:, :-1].float().log_softmax(-1).gather(2, ids[:, 1:, None]).squeeze(2)
    following = following.masked_fill(mask[:, prompt_length + 1 :] == 0, 0.0)
    return (first[ids[:, 0]] + following.sum(1)).tolist()
