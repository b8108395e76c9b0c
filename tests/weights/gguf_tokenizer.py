"""Byte-level BPE straight from a GGUF file's tables: slow, short, and independent of the tokenizers library."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import gguf
import regex

CONTROL = 3
"""The token type of special tokens."""
# llama.cpp's rule for "smollm": each digit by itself, then GPT-2's words on what lies between the digits.
WORDS = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
DIGITS = regex.compile(r"(\p{N})")


class GgufTokenizer:
    def __init__(self, reader: gguf.GGUFReader) -> None:
        tokens = reader.fields["tokenizer.ggml.tokens"].contents()
        types = reader.fields["tokenizer.ggml.token_type"].contents()
        merges = reader.fields["tokenizer.ggml.merges"].contents()
        assert reader.fields["tokenizer.ggml.pre"].contents() == "smollm"
        self.ids = {token: number for number, token in enumerate(tokens)}
        self.ranks = {tuple(merge.split(" ")): rank for rank, merge in enumerate(merges)}
        special = [token for token, kind in zip(tokens, types, strict=True) if kind == CONTROL]
        self.special = regex.compile("(" + "|".join(map(regex.escape, special)) + ")")

    @classmethod
    @cache
    def of(cls, reader: gguf.GGUFReader) -> GgufTokenizer:
        return cls(reader)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for part in filter(None, self.special.split(text)):
            if self.special.fullmatch(part):
                ids.append(self.ids[part])
                continue
            for stretch in filter(None, DIGITS.split(part)):
                for word in WORDS.findall(stretch):
                    ids += self._merge([byte_characters()[byte] for byte in word.encode()])
        return ids

    def _merge(self, symbols: list[str]) -> list[int]:
        while len(symbols) > 1:
            pairs = list(pairwise(symbols))
            best = min(range(len(pairs)), key=lambda at: self.ranks.get(pairs[at], len(self.ranks)))
            if pairs[best] not in self.ranks:
                break
            symbols[best : best + 2] = ["".join(pairs[best])]
        return [self.ids[symbol] for symbol in symbols]


@cache
def byte_characters() -> list[str]:
    """GPT-2's printable stand-in for each byte."""
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    hidden = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(hidden)) for byte in range(256)]
