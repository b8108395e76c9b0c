"""Scores of whole answers: the same as one pass over prompt and answer gives, however they are batched."""

from collections.abc import Sequence

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from techgpt_ui.engines.scoring import MAX_BATCH, score_answers

PROMPT = [1, 5, 9, 33, 21, 4]


@pytest.fixture(scope="module")
def model() -> LlamaForCausalLM:
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, initializer_range=0.4,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval()


def by_one_pass(model: LlamaForCausalLM, prompt: Sequence[int], answer: Sequence[int]) -> float:
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([[*prompt, *answer]])).logits[0].log_softmax(-1)
    places = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
    return sum(logits[place, token].item() for place, token in zip(places, answer, strict=True))


def never() -> bool:
    return False


def test_answers_of_unequal_length_score_as_in_one_pass(model: LlamaForCausalLM) -> None:
    answers = [[7, 2], [8, 9, 10, 11, 2], [2], [60, 61, 2]]
    scores = score_answers(model, PROMPT, answers, never)
    assert scores == pytest.approx([by_one_pass(model, PROMPT, answer) for answer in answers], abs=1e-4)


def test_more_answers_than_a_batch_holds_score_alike(model: LlamaForCausalLM) -> None:
    answers = [[at % 60 + 3, (7 * at) % 60 + 3, 2] for at in range(2 * MAX_BATCH + 3)]
    scores = score_answers(model, PROMPT, answers, never)
    assert scores == pytest.approx([by_one_pass(model, PROMPT, answer) for answer in answers], abs=1e-4)


def test_a_cancelled_scoring_gives_nothing(model: LlamaForCausalLM) -> None:
    assert score_answers(model, PROMPT, [[2]], lambda: True) is None
