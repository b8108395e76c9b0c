"""Places in gold files, and the errors that name them."""

from __future__ import annotations

from typing import NamedTuple

from techgpt_ui.errors import UsageError
from techgpt_ui.texts import Text, text

MAX_QUOTED = 60
"""Characters of a file's content that an error repeats."""


class Place(NamedTuple):
    """Where something stands in a file: its line, from 1, an element such as ``data[3].paragraphs[0]``, or both."""

    file: str
    line: int | None = None
    element: str = ""

    def within(self, key: str, index: int | None = None) -> Place:
        """The place of a value inside this element."""
        dot = "." if self.element else ""
        return self._replace(element=f"{self.element}{dot}{key}" + ("" if index is None else f"[{index}]"))

    @property
    def words(self) -> Text:
        """The place without its file, as people say it."""
        if self.line is None:
            return Text(self.element, self.element)
        line = text("gold.line", line=self.line)
        return Text(f"{line.zh} {self.element}", f"{line.en}, {self.element}") if self.element else line

    def fault(self, code: str, **params: object) -> UsageError:
        """The error ``code`` at this place; the caller raises it."""
        words = self.words
        return UsageError(code, file=self.file, where=words.en, where_zh=words.zh, **params)

    def wrong_kind(self, key: str, wanted: str) -> UsageError:
        """The error that the value of ``key`` is not of the kind whose words are ``gold.kind.<wanted>``."""
        kind = text(f"gold.kind.{wanted}")
        return self.fault("gold_wrong_kind", name=quoted(key), wanted=kind.en, wanted_zh=kind.zh)


def quoted(value: object) -> str:
    """A value as an error repeats it: in one line, cut short."""
    words = " ".join(str(value).split())
    return words if len(words) <= MAX_QUOTED else f"{words[:MAX_QUOTED]}…"
