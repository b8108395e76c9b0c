"""What a span that begins or ends at an offset would cut apart: a word, a number, a grapheme."""

from __future__ import annotations

from enum import IntEnum

import regex

CHINESE_NUMERALS = "〇零一二三四五六七八九十百千万亿两"

# Only scripts in which white space separates words and nothing is written on to them: Chinese and Japanese have no
# word borders, Korean and Arabic words carry particles.
SPACED_LETTER = r"[\p{Latin}\p{Greek}\p{Cyrillic}]"

_TOKEN = regex.compile(
    rf"""
    (?P<acronym> \p{{Lu}}{{2,}} (?= s (?!\p{{L}}) ) )        # the LLM of LLMs
  | (?P<word>    (?: {SPACED_LETTER} \p{{M}}* )+ )
  | (?P<number>  \d{{1,3}} (?: [,，]\d{{3}} )+ (?!\d) (?: [.．]\d+ )?
               | (?<!\d[.．]) \d+ [.．] \d+ (?! [.．]?\d )   # 3.5, but neither 1.2.3 nor 2020.1.5
               | \d+ )
  | (?P<numeral> [{CHINESE_NUMERALS}]+ )
  | (?P<cluster> \X )
    """,
    regex.VERBOSE,
)


class Cut(IntEnum):
    """How bad it is to let a span begin or end here."""

    NONE = 0
    LOOSE = 1
    """Between letters and digits (the B of B12) or inside a Chinese numeral, which may be part of a name."""
    WITHIN = 2
    """Inside a word, a number or a grapheme cluster: what stands there is something else."""


def cuts(text: str) -> bytes:
    """The ``Cut`` at each offset 0 … len(text)."""
    found = bytearray(len(text) + 1)
    previous_end, previous_kind = 0, "cluster"
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        kind = str(token.lastgroup)
        found[start + 1 : end] = bytes([Cut.LOOSE if kind == "numeral" else Cut.WITHIN]) * (end - start - 1)
        if start and start == previous_end and {kind, previous_kind} <= {"acronym", "word", "number"}:
            found[start] = Cut.LOOSE
        previous_end, previous_kind = end, kind
    return bytes(found)
