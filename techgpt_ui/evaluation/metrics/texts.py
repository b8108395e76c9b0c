"""Running text against references: ROUGE for titles and abstracts, BLEU for translations, chrF for both.

ROUGE is counted here, as its usual package is no wheel and brings a whole toolkit for its stemmer; in English the
figures are that package's (without stemming), in Chinese every character is a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from techgpt_ui.evaluation.metrics.base import Findings, averaged
from techgpt_ui.evaluation.metrics.corpus_scores import bleu, chrf
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.evaluation.statistics import Measure
from techgpt_ui.presets import Task

_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")

Words = list[str]


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """BLEU and chrF of translations, ROUGE and chrF of other texts; documents without references are left out."""
    said = [((outcome.result and outcome.result.text) or "").strip() for outcome in outcomes]
    references = [[text.strip() for text in outcome.gold.texts if text.strip()] for outcome in outcomes]
    characters, chrf_signature = chrf(said, references)
    # A text that is shown beside its original is a translation of it.
    if task.renderer == "parallel":
        words, bleu_signature = bleu(said, references)
        signatures = {"bleu": bleu_signature, "chrf": chrf_signature}
        return Findings("bleu", [words, characters], signatures=signatures)
    return Findings("rougeL", [*_rouge(said, references), characters], signatures={"chrf": chrf_signature})


def _rouge(said: Sequence[str], references: Sequence[Sequence[str]]) -> list[Measure]:
    """The mean over documents of the best F over their references."""
    pairs = [(_words(text), [_words(one) for one in wanted]) for text, wanted in zip(said, references, strict=True)]
    figures = {"rouge1": lambda a, b: _ngram_f(a, b, 1), "rouge2": lambda a, b: _ngram_f(a, b, 2), "rougeL": _lcs_f}
    return [
        averaged(name, (max((figure(mine, one) for one in wanted), default=None) for mine, wanted in pairs))
        for name, figure in figures.items()
    ]


def _words(text: str) -> Words:
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def _ngram_f(mine: Words, theirs: Words, size: int) -> float:
    said, wanted = (Counter(zip(*(words[at:] for at in range(size)), strict=False)) for words in (mine, theirs))
    return _f((said & wanted).total(), said.total(), wanted.total())


def _lcs_f(mine: Words, theirs: Words) -> float:
    """By the longest common subsequence."""
    from rapidfuzz.distance import LCSseq

    return _f(LCSseq.similarity(mine, theirs), len(mine), len(theirs))


def _f(common: int, said: int, wanted: int) -> float:
    return 2 * common / (said + wanted) if said + wanted else 0.0
