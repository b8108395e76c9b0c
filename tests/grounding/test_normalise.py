"""Folding makes spellings equal, and every folded character knows its place in the source."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.grounding import fold

# Characters whose folding changes lengths, vanishes, or depends on the neighbours.
TRICKY = st.text(
    st.sampled_from("aZßİıé\u0301ｶﾞガ１１①²½㈱…ﬁ 　\n\u200b\u00ad\ufeff。“”—·・〇北京𠮷😀👨\u200d👩（)5")
    | st.characters()
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("…", "..."),
        ("㈱", "(株)"),
        ("½", "1/2"),
        ("①", "1"),
        ("²", "2"),
        ("ｶﾞ", "ガ"),
        ("e\u0301", "é"),
        ("１００万元", "100万元"),
        ("（甲方）", "(甲方)"),
        ("TechGPT", "techgpt"),
        ("Straße", "strasse"),
        ("İ", "i"),
    ],
)
def test_compatibility_forms_and_case_fold(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("。", "."),
        ("，", ","),
        ("“", '"'),
        ("”", '"'),
        ("「", '"'),
        ("‘", "'"),
        ("—", "-"),
        ("−", "-"),
        ("·", "・"),
        ("·", "•"),
        ("〇", "零"),
        ("〔", "["),
        ("〈", "《"),
        ("∶", ":"),
        ("〜", "~"),
    ],
)
def test_punctuation_that_nfkc_misses_folds_to_one_form(left: str, right: str) -> None:
    assert fold(left).text == fold(right).text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("a \t\n b", "a b"),
        ("a\u3000b", "a b"),
        ("a\u00a0b", "a b"),
        ("北 京", "北京"),
        ("北\n京", "北京"),
        ("GPT 模型", "gpt模型"),
        ("한국 사람", "한국 사람"),
        ("  a  ", "a"),
        (" \n\u3000", ""),
    ],
)
def test_white_space_folds_to_one_space_or_none_beside_chinese(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize("invisible", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\ufe0f"])
def test_zero_width_characters_vanish(invisible: str) -> None:
    assert fold(f"北{invisible}京").text == "北京"


@pytest.mark.parametrize(("text", "other"), [("10²", "102"), ("1½", "11/2"), ("①2", "12")])
def test_two_numbers_side_by_side_do_not_become_one(text: str, other: str) -> None:
    assert fold(text).text != fold(other).text


@pytest.mark.parametrize("text", ["İstanbul x", "ŉa x", "ẞß x", "ﬁﬂ x", "…½㈱ x", "𠮷😀 x", "ｶﾞ x"])
def test_offsets_do_not_shift_after_a_character_that_changes_length(text: str) -> None:
    folded = fold(text)
    assert folded.starts[folded.text.index("x")] == text.index("x")


def test_all_characters_of_an_expansion_come_from_the_one_source_character() -> None:
    assert fold("a…b").starts == (0, 1, 1, 1, 2)


def test_a_folded_space_covers_the_whole_run() -> None:
    assert fold("a \n\tb").span(1, 2) == (1, 4)


def test_a_span_over_a_dropped_space_covers_it() -> None:
    assert fold("在北 京大学").span(1, 3) == (1, 4)


def test_a_span_over_a_whole_expansion_is_the_source_character() -> None:
    assert fold("见㈱东").span(1, 4) == (1, 2)


@pytest.mark.parametrize(("start", "end"), [(1, 2), (2, 4), (1, 3), (0, 2), (3, 5)])
def test_a_span_that_cuts_an_expansion_is_none(start: int, end: int) -> None:
    assert fold("见㈱东").span(start, end) is None


def test_an_empty_span_is_none() -> None:
    assert fold("北京").span(1, 1) is None


def test_nothing_folds_to_nothing() -> None:
    assert fold("") == ("", (), ())


@given(TRICKY)
def test_each_folded_character_has_one_place(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)


@given(TRICKY)
def test_the_offset_map_is_monotone(text: str) -> None:
    folded = fold(text)
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)


@given(TRICKY)
def test_every_place_lies_within_the_source(text: str) -> None:
    folded = fold(text)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))


@given(TRICKY)
def test_places_do_not_overlap_unless_they_are_the_same(text: str) -> None:
    places = sorted(set(zip(fold(text).starts, fold(text).ends, strict=True)))
    assert all(left[1] <= right[0] for left, right in pairwise(places))
