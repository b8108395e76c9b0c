"""Words as metrics compare them: one width and one case, Chinese by character."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+|\S")


def folded(text: str) -> str:
    """NFKC, case folded, white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=1 << 14)
def tokens(text: str) -> tuple[str, ...]:
    """Folded words, Chinese characters and marks, one each."""
    return tuple(_TOKEN.findall(folded(text)))


@lru_cache(maxsize=1 << 14)
def stemmed(text: str) -> str:
    """The tokens joined by spaces, English words by their stem (Porter 1980), as keyphrases are compared."""
    return " ".join(_stem(token) for token in tokens(text))


def stands_in(stems: str, text: str) -> bool:
    """Whether stemmed words stand in a stemmed text, whole and side by side."""
    return f" {stems} " in f" {text} "


@lru_cache(maxsize=1 << 16)
def _stem(token: str) -> str:
    return str(_stemmer().stemWord(token)) if token.isascii() and token.isalpha() else token


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("porter")
