"""Prose, and answers to questions about a passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.parsers import PARSERS, ParseContext


@pytest.mark.parametrize("name", ["prose", "passage_answer"])
@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("巴黎。", "巴黎。"),
        (" \n1. Sleep.\n2. Eat.\n\n", "1. Sleep.\n2. Eat."),
        ("标题：《甲》", "标题：《甲》"),
        ("...", "..."),
        ("\u3000“引文”", "“引文”"),
        ("无", "无"),
        ("\x00", "\x00"),
        ("\ud800", "\ud800"),
        ("```\nx\n```", "```\nx\n```"),
        ("- a\n- b", "- a\n- b"),
    ],
)
def test_the_whole_answer_is_the_text(name: str, raw: str, text: str) -> None:
    parsed = PARSERS[name].parse(raw, ParseContext())
    assert [piece.text for piece in parsed.prose] == [text] and parsed.status == "parsed"


@pytest.mark.parametrize("name", ["prose", "passage_answer"])
@pytest.mark.parametrize("raw", ["", " \n\u3000"])
def test_an_empty_answer_is_unparsed(name: str, raw: str) -> None:
    assert PARSERS[name].parse(raw, ParseContext()).status == "unparsed"


@pytest.mark.parametrize(
    "raw",
    [
        "无法回答",
        "无法回答。",
        "文中未提及",
        "文中没有提到他的年龄。",
        "根据文中内容，无法回答该问题。",
        "没有答案",
        "unanswerable",
        "Unanswerable.",
        "The passage does not say.",
        "The text doesn't mention his age.",
        "It is not mentioned in the passage.",
        "The question cannot be answered from the context.",
        "I don't know.",
    ],
)
def test_an_unanswerable_question_is_told_and_its_words_are_kept(raw: str) -> None:
    parsed = PARSERS["passage_answer"].parse(raw, ParseContext())
    assert parsed.says_none and parsed.status == "parsed" and [piece.text for piece in parsed.prose] == [raw]


@pytest.mark.parametrize(
    "raw",
    [
        "不能。",
        "未来",
        "The passage does not say where, but he lived in Paris.",
        "文中没有提到他的年龄，但他出生于1974年。",
        "He is not answerable to the king.",
        "无机材料",
        "No.",
        "没有。",
        "None",
    ],
)
def test_an_answer_that_holds_such_words_is_still_an_answer(raw: str) -> None:
    assert not PARSERS["passage_answer"].parse(raw, ParseContext()).says_none


@pytest.mark.parametrize("name", ["prose", "passage_answer"])
@given(text=st.text(min_size=1).filter(lambda text: text == text.strip()))
def test_what_is_written_is_read_back(name: str, text: str) -> None:
    (piece,) = PARSERS[name].parse(PARSERS[name].write([(text,)], "english"), ParseContext()).prose
    assert piece.text == text


def test_prose_is_not_bound_to_anything() -> None:
    assert PARSERS["prose"].grammar("source", ("label",), "techgpt") is None
