"""Where a span may begin or end."""

import pytest

from techgpt_ui.grounding.borders import Cut, cuts


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("party", 1),
        ("cafe\u0301", 4),
        ("2015", 3),
        ("3.5", 1),
        ("3.5", 2),
        ("1,250", 2),
        ("１５", 1),
        ("ｶﾞ", 1),
        ("Вода", 2),
    ],
)
def test_words_numbers_and_graphemes_are_not_cut(text: str, at: int) -> None:
    assert cuts(text)[at] == Cut.WITHIN


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("北京大学", 2),
        ("ひらがな", 2),
        ("한국어는", 3),
        ("a b", 1),
        ("AI模型", 2),
        ("5毫克", 1),
        ("China's", 5),
        ("1.2.3", 1),
        ("1, 2", 1),
    ],
)
def test_between_words_and_in_unspaced_scripts_nothing_is_cut(text: str, at: int) -> None:
    assert cuts(text)[at] == Cut.NONE


@pytest.mark.parametrize(("text", "at"), [("GPT4", 3), ("250mg", 3), ("十三", 1), ("LLMs", 3)])
def test_letters_digits_numerals_and_the_plural_of_an_acronym_are_loosely_bound(text: str, at: int) -> None:
    assert cuts(text)[at] == Cut.LOOSE


@pytest.mark.parametrize("text", ["", "a", "北京", "ab 12"])
def test_every_offset_has_a_cut_and_both_ends_are_free(text: str) -> None:
    found = cuts(text)
    assert (len(found), found[0], found[-1]) == (len(text) + 1, Cut.NONE, Cut.NONE)
