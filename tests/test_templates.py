"""Templates: filled once, optional parts, nothing of a value read again."""

import pytest

from techgpt_ui.templates import fill, placeholders, required


def test_values_are_put_in() -> None:
    assert fill("{a} and {b}", {"a": "1", "b": "2"}) == "1 and 2"


def test_a_value_that_looks_like_a_template_stays_as_it_is() -> None:
    assert fill("{a}{b}", {"a": "{b}⟦x{b}⟧", "b": "2"}) == "{b}⟦x{b}⟧2"


def test_a_name_without_a_value_stays_as_it_is() -> None:
    assert fill("{a} {unknown}", {"a": "1"}) == "1 {unknown}"


@pytest.mark.parametrize(("value", "text"), [("red", "a red box"), ("", "a box"), (" \n", "a box")])
def test_an_optional_part_goes_with_its_value(value: str, text: str) -> None:
    assert fill("a⟦ {colour}⟧ box", {"colour": value}) == text


def test_an_optional_part_needs_all_its_values() -> None:
    assert fill("x⟦ {a} {b}⟧", {"a": "1", "b": ""}) == "x"


def test_what_stands_in_optional_parts_alone_is_not_required() -> None:
    template = "{a}⟦{b}⟧"
    assert placeholders(template) == {"a", "b"}
    assert required(template) == {"a"}
