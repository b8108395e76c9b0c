"""Keywords by statistics alone: phrases that are frequent in a text and rare in the others (TF-IDF)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from techgpt_ui.documents import mostly_chinese
from techgpt_ui.evaluation.metrics.words import stemmed

Word = TypeVar("Word")

LONGEST = 3
"""Words of a phrase."""

_WORD = re.compile(r"[^\W_][\w.+#-]*[\w+#]|[^\W_]")
_CLAUSE = re.compile(r"[^,;:.!?()\[\]\"\n]+(?:[.](?=\w)[^,;:.!?()\[\]\"\n]+)*")
_CHINESE_WORD = re.compile(r"[\u3400-\u9fffA-Za-z0-9-]+")
_FUNCTION_WORDS = """
    a about above across after all also although an and any are as at based be because been before being between
    both but by can could did do does during each either etc first for from further given had has have he her here
    his how however i if in into is it its itself may more most much must new no nor not of on one only or other our
    out over paper propose proposed results same second several she should show shown shows since so some study such
    than that the their them then there therefore these they this those through thus to two under until up upon use
    used using very via was we well were what when where whether which while who whose will with within without
    would yet you
"""
_STOP = frozenset(_FUNCTION_WORDS.split())
# Tags of jieba: what may stand within a noun phrase, and what may end one.
_INNER = ("n", "v", "a", "j", "b", "l", "eng")
_LAST = ("n", "vn", "an", "l", "j", "eng")


def keyphrases(texts: Sequence[str], others: Sequence[str], count: int) -> list[list[str]]:
    """The best ``count`` phrases of each text, the best first; ``others`` only tell how rare phrases are."""
    every = [*texts, *others]
    frequency = Counter(stems for text in every for stems in {stemmed(phrase) for phrase in _candidates(text)})
    return [_best(text, frequency, len(every), count) for text in texts]


def _best(text: str, frequency: Counter[str], texts: int, count: int) -> list[str]:
    surfaces: dict[str, str] = {}
    occurs: Counter[str] = Counter()
    for phrase in _candidates(text):
        stems = stemmed(phrase)
        surfaces.setdefault(stems, phrase)
        occurs[stems] += 1
    # Long phrases are rarer than they are unimportant: length counts, but less than in proportion.
    weight = {
        stems: times * math.log((texts + 1) / (frequency[stems] + 0.5)) * math.sqrt(stems.count(" ") + 1)
        for stems, times in occurs.items()
    }
    ranked = sorted(weight, key=lambda stems: -weight[stems])
    return [surfaces[stems] for stems in ranked[:count]]


@lru_cache(maxsize=4096)
def _candidates(text: str) -> tuple[str, ...]:
    """Every phrase that may be a keyword, as often as it occurs."""
    return tuple(_chinese_phrases(text) if mostly_chinese(text) else _english_phrases(text))


def _english_phrases(text: str) -> list[str]:
    """Runs of words without function words, none across punctuation."""
    found: list[str] = []
    for clause in _CLAUSE.findall(text):
        words = _WORD.findall(clause)
        for run in _runs(words, [word.casefold() not in _STOP and not word.isdigit() for word in words]):
            found += [" ".join(part) for part in _parts(run) if len("".join(part)) > 1]
    return found


def _chinese_phrases(text: str) -> list[str]:
    """Runs of words that end in a noun."""
    import rjieba

    tagged = rjieba.tag(text)
    inner = [tag.startswith(_INNER) and _CHINESE_WORD.fullmatch(word) is not None for word, tag in tagged]
    return [
        phrase
        for run in _runs(tagged, inner)
        for part in _parts(run)
        if part[-1][1].startswith(_LAST) and len(phrase := "".join(word for word, _ in part)) > 1
    ]


def _runs(words: Sequence[Word], wanted: Sequence[bool]) -> list[list[Word]]:
    """The longest stretches of wanted words."""
    runs: list[list[Word]] = [[]]
    for word, is_wanted in zip(words, wanted, strict=True):
        if is_wanted:
            runs[-1].append(word)
        elif runs[-1]:
            runs.append([])
    return runs


def _parts(run: Sequence[Word]) -> list[Sequence[Word]]:
    """All stretches of up to ``LONGEST`` words."""
    return [run[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(run) - size + 1)]
