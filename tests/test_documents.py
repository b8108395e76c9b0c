"""Texts and lists of names as they come in."""

import pytest

from techgpt_ui.documents import MAX_CHARACTERS, import_labels, import_text
from techgpt_ui.errors import UsageError


def test_bom_and_line_ends_are_settled_once() -> None:
    assert import_text("\ufeffa\r\nb\rc", "text") == "a\nb\nc"


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "שלום 123", "😀 𠮷野家", "a\tb"])
def test_ordinary_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert import_text(text, "text") == text


@pytest.mark.parametrize(
    ("text", "code"),
    [("ab\ud800", "text_surrogate"), ("a\x00", "text_control"), ("x" * (MAX_CHARACTERS + 1), "text_too_long")],
)
def test_what_is_no_text_is_refused(text: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        import_text(text, "text")
    assert caught.value.code == code


def test_names_are_split_trimmed_and_kept_once() -> None:
    assert import_labels("人物，地点, 人物\n organisation ", "types") == ("人物", "地点", "organisation")


@pytest.mark.parametrize("label", ["a:b", "<x>", "机构/人物", "x" * 41])
def test_a_name_that_the_answer_format_cannot_hold_is_refused(label: str) -> None:
    with pytest.raises(UsageError) as caught:
        import_labels([label], "types")
    assert caught.value.code == "bad_label"
