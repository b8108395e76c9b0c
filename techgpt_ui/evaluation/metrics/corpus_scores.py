"""BLEU and chrF (0 to 100) from sacrebleu's statistics of each sentence, which add up to those of the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from techgpt_ui.documents import mostly_chinese
from techgpt_ui.evaluation.metrics.base import as_rows, ratio
from techgpt_ui.evaluation.statistics import Array, Measure

ORDERS = 4
BETA = 2

Texts = Sequence[str]
References = Sequence[Sequence[str]]


def bleu(said: Texts, references: References) -> tuple[Measure, str]:
    """Corpus BLEU and its signature; sentences are cut into words by the language of their reference."""
    from sacrebleu.metrics.bleu import BLEU

    chinese = [any(map(mostly_chinese, wanted)) for wanted in references]
    rows = np.zeros((len(said), 2 + 2 * ORDERS))
    signatures = []
    for tokenizer, is_chinese in (("zh", True), ("13a", False)):
        chosen = [at for at, wanted in enumerate(references) if wanted and chinese[at] == is_chinese]
        if chosen:
            scorer = BLEU(tokenize=tokenizer, force=True)
            rows[chosen] = _statistics(scorer, said, references, chosen)
            signatures.append(str(scorer.get_signature()))
    return Measure("bleu", rows, _bleu_formula), "; ".join(signatures)


def chrf(said: Texts, references: References) -> tuple[Measure, str]:
    """Corpus chrF and its signature."""
    from sacrebleu.metrics.chrf import CHRF

    scorer = CHRF(beta=BETA)
    rows = np.zeros((len(said), 3 * scorer.order))
    chosen = [at for at, wanted in enumerate(references) if wanted]
    if chosen:
        rows[chosen] = _statistics(scorer, said, references, chosen)
    return Measure("chrf", rows, _chrf_formula), str(scorer.get_signature()) if chosen else ""


def _statistics(scorer: Any, said: Texts, references: References, chosen: Sequence[int]) -> Array:
    """Sacrebleu has no public way to a sentence's statistics; the tests hold the sums against its own scores."""
    streams = [*zip_longest(*(references[at] for at in chosen))]
    rows = scorer._extract_corpus_statistics([said[at] for at in chosen], streams)
    return as_rows(rows, len(rows[0]))


def _bleu_formula(sums: Array) -> Array:
    """BLEU with exponential smoothing of precisions that are 0; NaN without references."""
    said, wanted = sums[..., 0], sums[..., 1]
    correct, total = sums[..., 2 : 2 + ORDERS], sums[..., 2 + ORDERS :]
    missing = (correct == 0) & (total > 0)
    smoothed = np.where(missing, 0.5 ** np.cumsum(missing, axis=-1), correct)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = 100 * np.exp(np.log(smoothed / total).mean(axis=-1) + np.minimum(0, 1 - wanted / said))
    score = np.where(correct.any(axis=-1) & (total > 0).all(axis=-1), score, 0.0)
    return np.where(wanted > 0, score, np.nan)


def _chrf_formula(sums: Array) -> Array:
    """F of the mean precision and recall over the orders that both sides have; NaN without references."""
    by_order = sums.reshape(*sums.shape[:-1], -1, 3)
    said, wanted, common = by_order[..., 0], by_order[..., 1], by_order[..., 2]
    orders = ((said > 0) & (wanted > 0)).sum(axis=-1)
    precision, recall = (ratio(np.nan_to_num(ratio(common, side)).sum(axis=-1), orders) for side in (said, wanted))
    score = 100 * np.nan_to_num(ratio((1 + BETA**2) * precision * recall, BETA**2 * precision + recall))
    return np.where(wanted[..., 0] > 0, score, np.nan)
