"""What all presets share: an id, a title, words in both languages."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from techgpt_ui.schema import Record
from techgpt_ui.texts import Lang, Text


class Words(Record):
    """A string in both languages, as YAML writes it."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def text(self) -> Text:
        """As a Text."""
        return Text(zh=self.zh, en=self.en)


class WordLists(Record):
    """Default entries of a list input, by language."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    def within(self, lang: Lang) -> tuple[str, ...]:
        """The entries of one language."""
        return self.zh if lang == "zh" else self.en


class Preset(Record):
    """Base of the three kinds of preset."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    title: Words

    @property
    def rank(self) -> tuple[int, int]:
        """Place among its kind."""
        return (0, 0)
