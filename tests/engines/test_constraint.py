"""The mask: what the grammar forbids cannot be chosen, and a list may be made to go on."""

from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from techgpt_ui.engines.constraint import GrammarMask, grammar_tokenizer

LIST = 'start: "one" ("\\n" "one"){0,1}'


@pytest.mark.parametrize(("written", "penalty", "end"), [("one", 0.0, 0.0), ("one", 1.5, -1.5), ("", 1.5, -torch.inf)])
def test_the_end_costs_the_penalty_where_the_grammar_allows_it(
    demo: Path, written: str, penalty: float, end: float
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(demo)
    mask = GrammarMask(0, grammar_tokenizer(tokenizer, len(tokenizer)), LIST, penalty)
    ids = torch.tensor([tokenizer(written, add_special_tokens=False)["input_ids"]], dtype=torch.long)
    scores = mask(ids, torch.zeros(1, len(tokenizer)))
    assert scores[0, tokenizer.eos_token_id].item() == end
    assert torch.isfinite(scores).any()


def test_where_only_the_end_is_allowed_it_can_be_chosen(demo: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(demo)
    mask = GrammarMask(0, grammar_tokenizer(tokenizer, len(tokenizer)), LIST, 9.0)
    ids = torch.tensor([tokenizer("one\none", add_special_tokens=False)["input_ids"]], dtype=torch.long)
    scores = mask(ids, torch.zeros(1, len(tokenizer)))
    assert scores[0].argmax().item() == tokenizer.eos_token_id


@pytest.mark.parametrize(("written", "taken"), [("", 1.5), ("two", 0.0)])
def test_the_first_token_of_the_word_for_nothing_costs_its_penalty_at_the_beginning_alone(
    demo: Path, written: str, taken: float
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(demo)
    (none,) = tokenizer("none", add_special_tokens=False)["input_ids"]
    grammar = 'start: ("two" | "none"){1,2}'
    mask = GrammarMask(0, grammar_tokenizer(tokenizer, len(tokenizer)), grammar, first_penalty=(none, 1.5))
    ids = torch.tensor([tokenizer(written, add_special_tokens=False)["input_ids"]], dtype=torch.long)
    assert mask(ids, torch.zeros(1, len(tokenizer)))[0, none].item() == -taken
