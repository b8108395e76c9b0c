"""Tokens where there is no tokenizer: estimated from the characters, each a piece of the text spelled as a number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import regex

from techgpt_ui.schema import ChatMessage, Segment

# Byte-pair tokens of English hold about four letters, and those of Chinese about one character.
_PIECE = regex.compile(r" ?[A-Za-z]{1,4}|.", regex.DOTALL)


class TextTokens:
    """Counts tokens by rule of thumb, and gives a prompt back as the text that it is."""

    def __init__(self, context: int) -> None:
        self.context = context

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        """A number for each piece of about a token's length."""
        return [_spelled(piece) for piece in _PIECE.findall("".join(segment.text for segment in segments))]

    def offsets(self, text: str) -> list[int]:
        """End offset in ``text`` of each of its pieces."""
        return list(accumulate(len(piece) for piece in _PIECE.findall(text)))

    def pieces(self, ids: Sequence[int]) -> list[tuple[str, bool]]:
        """The whole text as one piece: where its real tokens end is not known."""
        text = "".join(_read(number) for number in ids)
        return [(text, False)] if text else []

    def chat_markup(self, messages: Sequence[ChatMessage]) -> str:
        """The messages for people to read; the server puts them into its own template."""
        return "".join(f"[{message['role']}]\n{message['content']}\n\n" for message in messages) + "[assistant]\n"


def _spelled(piece: str) -> int:
    # A lone surrogate, which JSON may bring in, has no UTF-8 of its own.
    return int.from_bytes(piece.encode("utf-8", "surrogatepass"), "big")


def _read(number: int) -> str:
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big").decode("utf-8", "surrogatepass")
