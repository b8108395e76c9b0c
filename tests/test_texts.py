"""Every visible string exists in both languages."""

import re
from pathlib import Path
from string import Formatter

import pytest

from techgpt_ui.texts import catalogue

PACKAGE = Path(__file__).resolve().parent.parent / "techgpt_ui"
CODE = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_say_something_with_the_same_placeholders(key: str) -> None:
    entry = catalogue()[key]
    assert entry.zh.strip() and entry.en.strip()
    mirrored = {name.removesuffix("_zh") for name in placeholders(entry.zh)}
    assert mirrored == placeholders(entry.en)


def test_every_error_that_is_raised_has_words_and_a_hint() -> None:
    codes = set(re.findall(r'(?:UsageError|WorkbenchError)\(\s*"(\w+)"', CODE))
    assert [code for code in codes if {f"error.{code}", f"error.{code}.hint"} - catalogue().keys()] == []


def test_every_string_that_is_asked_for_exists() -> None:
    keys = set(re.findall(r'(?:\btext|\bsay|say_ui|bench\.say)\("([a-z_.]+)"', CODE))
    assert keys - catalogue().keys() == set()
