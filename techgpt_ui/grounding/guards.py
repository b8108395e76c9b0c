"""What two texts may not differ in, however close they are in edits: numbers, negations, opposites.

One edit makes 阴性 of 阳性, type II of type I, hypotension of hypertension. All functions take folded text.
"""

from __future__ import annotations

import regex
from rapidfuzz.distance import Levenshtein

from techgpt_ui.grounding.borders import CHINESE_NUMERALS, SPACED_LETTER

MIN_WORD_SIMILARITY = 0.7
"""Within a longer text a word may be inflected or misspelt (therapy, therapies), not exchanged (male, female)."""

_NEGATIONS = "不没沒无無非未否勿莫毋"
_OPPOSITES = "甲乙丙丁东東南西北左右上下前后後内內外男女阴陰阳陽正负負反增减減升降高低大小多少早晚新旧舊"
_WORD_BORDER = f"(?!{SPACED_LETTER})"
_FACT = regex.compile(
    rf"""
    \d+ (?: [.,]\d+ )* \s? [%‰°]? {SPACED_LETTER}{{0,2}}     # a number and the head of its unit: mg is not kg
  | [{CHINESE_NUMERALS}{_NEGATIONS}{_OPPOSITES}]
  | n't {_WORD_BORDER}
  | (?<! {SPACED_LETTER} ) (?:
        (?: no | not | nor | none | never | neither | cannot | without ) {_WORD_BORDER}
      | [ivx]+ {_WORD_BORDER}                                 # Roman numerals
      | (?<!') {SPACED_LETTER} {_WORD_BORDER}                 # labels: hepatitis B, TNF-α
      | non | un | dis | mis | anti | inter | intra | in | im | ir | il | hyper | hypo | pre | post | sub | super
    )
    """,
    regex.VERBOSE,
)
_WORD = regex.compile(rf"{SPACED_LETTER}+")


def tell_the_same(left: str, right: str) -> bool:
    """Whether no number, unit, negation, opposite or whole word differs between two folded texts."""
    return _facts(left) == _facts(right) and not _exchanges_a_word(left, right)


def _facts(text: str) -> list[str]:
    return [fact.replace(",", "").replace(" ", "") for fact in _FACT.findall(text)]


def _exchanges_a_word(left: str, right: str) -> bool:
    words, others = _WORD.findall(left), _WORD.findall(right)
    return len(words) == len(others) and any(
        Levenshtein.normalized_similarity(word, other) < MIN_WORD_SIMILARITY
        for word, other in zip(words, others, strict=True)
    )
