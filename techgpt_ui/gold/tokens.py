"""Texts that a data set has cut into tokens: put together again, with the place of each token."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PROBED = 20_000
"""Tokens of a file that are looked at to know its script."""


class Joined(NamedTuple):
    """A text made of tokens, and the half-open offsets of each."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The offsets of the tokens from ``first`` to ``last``, both included."""
        return self.spans[first][0], self.spans[last][1]


def unspaced(tokens: Sequence[str]) -> bool:
    """Whether the tokens are of a script without spaces: a quarter of their characters are Han or kana."""
    content = "".join(tokens[:_PROBED])
    return len(_UNSPACED.findall(content)) * 4 > len(content)


def joined(tokens: Sequence[str], *, spaced: bool) -> Joined:
    """The tokens as one text: parted by a space, or in an unspaced script only where two words of Latin meet."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for index, token in enumerate(tokens):
        if index and (spaced or _both_latin(tokens[index - 1], token)):
            parts.append(" ")
            at += 1
        parts.append(token)
        spans.append((at, at + len(token)))
        at += len(token)
    return Joined("".join(parts), tuple(spans))


def _both_latin(left: str, right: str) -> bool:
    # Single letters and digits are a text that was cut into characters: its spaces, if any, are tokens of their own.
    return len(left) + len(right) > 2 and _latin(left[-1:]) and _latin(right[:1])


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
