"""Running text: the whole answer is the piece."""

from __future__ import annotations

from collections.abc import Sequence

from techgpt_ui.parsers.base import AnswerFormat, ParseContext, trimmed
from techgpt_ui.schema import Parsed, ReadingKey


class Prose(AnswerFormat):
    """Prose in any language; an answer of nothing but white space is unparsed."""

    fills: tuple[ReadingKey, ...] = ("text",)

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """The answer without the white space around it."""
        whole = trimmed(raw, 0, len(raw), "")
        return Parsed(prose=(whole,) if whole.text else ())

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(text,)`` pieces, a line each."""
        return "\n".join(text for (text,) in pieces)

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> None:
        """None: prose cannot be bound to a source."""

    def is_scaffold(self, text: str) -> bool:
        """Only white space: every mark belongs to the text."""
        return not text.strip()
