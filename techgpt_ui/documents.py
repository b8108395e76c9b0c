"""Import a text once; from then on it never changes."""

from __future__ import annotations

import unicodedata
from typing import Literal, NamedTuple

from techgpt_ui.errors import UsageError

MAX_CHARACTERS = 100_000


class Length(NamedTuple):
    """How long a text is, and in what."""

    amount: int
    unit: Literal["characters", "words"]


def import_text(raw: str, name: str) -> str:
    """The text with BOM and line ends settled; UsageError says what is wrong with input ``name``."""
    text = settle_line_ends(raw)
    if len(text) > MAX_CHARACTERS:
        raise UsageError("text_too_long", name=name, length=len(text), limit=MAX_CHARACTERS)
    for at, character in enumerate(text):
        if 0xD800 <= ord(character) <= 0xDFFF:
            raise UsageError("text_surrogate", name=name, position=at + 1)
        if unicodedata.category(character) == "Cc" and character not in "\n\t":
            raise UsageError("text_control", name=name, position=at + 1, which=f"U+{ord(character):04X}")
    return text


def settle_line_ends(raw: str) -> str:
    """The text without BOM, every line end a line feed."""
    return raw.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def import_labels(raw: object, name: str) -> tuple[str, ...]:
    """A list of short names, from a list or from text separated by commas or line ends; duplicates removed."""
    labels = split_names(raw)
    for label in labels:
        import_text(label, name)
        if len(label) > 40 or any(mark in label for mark in "<>＜＞:：,，;；|、/／\n"):
            raise UsageError("bad_label", name=name, label=label[:60])
    return labels


def split_names(raw: object) -> tuple[str, ...]:
    """Names from a list or from text separated by commas or line ends, trimmed; duplicates and blanks removed."""
    entries = raw if isinstance(raw, (list, tuple)) else str(raw).replace("，", ",").replace("\n", ",").split(",")
    return tuple(dict.fromkeys(entry.strip() for entry in map(str, entries) if entry.strip()))


def mostly_chinese(text: str) -> bool:
    """Whether a text is to be handled as Chinese: a quarter of its characters are Han."""
    return sum("\u4e00" <= character <= "\u9fff" for character in text) * 4 > len(text)


def length_of(text: str) -> Length:
    """The length of a text as people count it: characters without spaces in Chinese, words elsewhere."""
    if mostly_chinese(text):
        return Length(sum(not character.isspace() for character in text), "characters")
    return Length(len(text.split()), "words")
