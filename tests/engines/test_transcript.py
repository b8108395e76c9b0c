"""A list ends where the model begins to repeat itself, and nothing is shown that may still be taken back."""

from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from techgpt_ui.engines.transcript import Transcript


@pytest.fixture(scope="module")
def tokenizer(demo: Path) -> Any:
    return AutoTokenizer.from_pretrained(demo)


def written(tokenizer: Any, answer: str, separator: str = "\n") -> Transcript:
    transcript = Transcript(tokenizer, (), separator=separator)
    for token in tokenizer(answer, add_special_tokens=False)["input_ids"]:
        before = transcript.shown
        transcript.push(token)
        assert transcript.shown.startswith(before)
    transcript.finish()
    return transcript


@pytest.mark.parametrize(
    ("answer", "separator", "kept"),
    [
        ("Entity: He, Type: x\nEntity: It, Type: x\nEntity: He, Type: x\nEntity: Ada", "\n", 2),
        ("steel, hardness, Steel, annealing", ", ", 2),
        ("steel, hardness, steel", ", ", 2),
        ("steel, steel works, hardness", ", ", 3),
        ("a\na\na", "\n", 1),
    ],
)
def test_the_answer_ends_before_a_piece_that_comes_again(
    tokenizer: Any, answer: str, separator: str, kept: int
) -> None:
    transcript = written(tokenizer, answer, separator)
    assert transcript.text == separator.join(answer.split(separator)[:kept])
    assert transcript.stopped == (transcript.text != answer)


def test_without_a_separator_everything_may_repeat(tokenizer: Any) -> None:
    assert written(tokenizer, "la\nla\nla", separator="").text == "la\nla\nla"


def test_what_is_shown_is_a_beginning_of_the_final_text(tokenizer: Any) -> None:
    transcript = Transcript(tokenizer, (), separator="\n")
    shown = []
    for token in tokenizer("one two\nthree\none two\nfour", add_special_tokens=False)["input_ids"]:
        transcript.push(token)
        shown.append(transcript.shown)
    transcript.finish()
    assert all(transcript.text.startswith(text) for text in shown)
    assert transcript.text == "one two\nthree"
