"""How far reviewers agree, on verdicts and on spans, always with the bare share of agreement beside it.

Where nearly all items are right, kappa and alpha collapse although reviewers agree; Gwet's AC1 does not. Each
coefficient is written as a formula over sums of per-item counts, so that its bootstrap over items costs one product of
matrices; scikit-learn, statsmodels and krippendorff compute one figure at a time and are held to in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Literal

import numpy as np

from techgpt_ui.evaluation.metrics.base import mean, ratio
from techgpt_ui.evaluation.records import Figure
from techgpt_ui.evaluation.statistics import Array, Measure, figures
from techgpt_ui.review.design import standing
from techgpt_ui.review.precision import wilson
from techgpt_ui.review.records import DECISIONS, Verdict
from techgpt_ui.schema import Record

Scale = Literal["verdict", "right"]
"""Accept, edit or reject; or only whether the item is right as it stands."""
Ratings = Mapping[str, Mapping[str, str]]
"""The label of each reviewer, by item."""

LABELS: dict[Scale, tuple[str, ...]] = {"verdict": DECISIONS, "right": ("right", "wrong")}


class Agreement(Record):
    """Agreement on the items that several judged; a figure is None where it is not defined (all labels are alike)."""

    scale: Scale
    reviewers: tuple[str, ...]
    """Two for a pair, all for the whole."""
    items: int
    figures: tuple[Figure, ...]
    """Observed agreement p_o, then kappa (Cohen's of a pair, else Fleiss'), alpha (Krippendorff) and AC1 (Gwet)."""

    def figure(self, name: str) -> Figure:
        """The figure of that name: p_o, kappa, alpha or ac1."""
        return next(figure for figure in self.figures if figure.name == name)


def agreements(verdicts: Iterable[Verdict]) -> tuple[Agreement, ...]:
    """For each scale that of all reviewers, and where there are several pairs, that of each pair with items in common.

    Adjudicated verdicts are left out, as who settles a dispute has seen both sides; so are skips and flags.
    """
    ratings = ratings_of(verdicts)
    reviewers = sorted({name for labels in ratings.values() for name in labels})
    found: list[Agreement] = []
    for scale in LABELS:
        known = {item: {name: _on(scale, label) for name, label in labels.items()} for item, labels in ratings.items()}
        pairs = [one for pair in combinations(reviewers, 2) if (one := pair_agreement(known, pair, scale)).items]
        # Of two reviewers, the pair is the whole.
        found += [*([all_agreement(known, tuple(reviewers), scale)] if len(pairs) > 1 else []), *pairs]
    return tuple(found)


def pair_agreement(ratings: Ratings, pair: tuple[str, str], scale: Scale = "verdict") -> Agreement:
    """That of two reviewers on the items that both judged."""
    one, other = pair
    both = [(labels[one], labels[other]) for labels in ratings.values() if one in labels and other in labels]
    labels = LABELS[scale]
    tables = np.zeros((len(both), len(labels), len(labels)))
    for at, (mine, yours) in enumerate(both):
        tables[at, labels.index(mine), labels.index(yours)] = 1
    kappa = Measure("kappa", tables.reshape(len(both), len(labels) ** 2), lambda sums: _cohen(sums, len(labels)))
    counts = np.array([[(mine, yours).count(label) for label in labels] for mine, yours in both])
    return _agreement(counts, kappa, pair, scale)


def all_agreement(ratings: Ratings, reviewers: tuple[str, ...], scale: Scale = "verdict") -> Agreement:
    """That of any number of reviewers on the items that at least two judged; not each needs to judge all."""
    several = [list(labels.values()) for labels in ratings.values() if len(labels) > 1]
    counts = np.array([[given.count(label) for label in LABELS[scale]] for given in several])
    return _agreement(counts, None, reviewers, scale)


def _agreement(counts: Array, kappa: Measure | None, reviewers: tuple[str, ...], scale: Scale) -> Agreement:
    """``counts``: how often each item has each label, shape (items, labels), at least two an item."""
    width = len(LABELS[scale])
    counts = np.asarray(counts, dtype=np.float64).reshape(-1, width)
    judges = counts.sum(axis=1, keepdims=True)
    alike = (counts * (counts - 1)).sum(axis=1, keepdims=True) / np.maximum(judges - 1, 1)
    # Shares of an item's labels, its agreement and 1; its labels and the coincidences of equal ones.
    shares = np.hstack([counts / np.maximum(judges, 1), alike / np.maximum(judges, 1), np.ones_like(judges)])
    coincidences = np.hstack([counts, alike])
    measures = [
        Measure("p_o", shares[:, -2:], mean),
        kappa or Measure("kappa", shares, _fleiss),
        Measure("alpha", coincidences, _krippendorff),
        Measure("ac1", shares, _gwet),
    ]
    return Agreement(scale=scale, reviewers=reviewers, items=len(counts), figures=_told(measures, len(counts)))


def _told(measures: Sequence[Measure], items: int) -> tuple[Figure, ...]:
    """The figures with a bootstrap over items. Where all draws are alike it says nothing: p_o has Wilson's then."""
    told = []
    for one in figures(measures):
        value, low, high = one.value, one.low, one.high
        if value is None or low is None or high is None or low == high:
            low, high = wilson(value, items) if one.name == "p_o" and value is not None else (None, None)
        else:
            low, high = min(low, value), max(high, value)
        told.append(Figure(name=one.name, value=value, low=low, high=high))
    return tuple(told)


def _cohen(sums: Array, width: int) -> Array:
    """Cohen (1960) from contingency tables, shape (..., width²)."""
    tables = sums.reshape(*sums.shape[:-1], width, width)
    n = tables.sum(axis=(-2, -1))
    seen = ratio(np.trace(tables, axis1=-2, axis2=-1), n)
    chance = ratio((tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1), n**2)
    return _beyond(seen, chance)


def _fleiss(sums: Array) -> Array:
    """Fleiss (1971), as Gwet (2014) writes it for items of which not all have equally many judges."""
    shares, seen = _means(sums)
    return _beyond(seen, (shares**2).sum(axis=-1))


def _gwet(sums: Array) -> Array:
    """Gwet's AC1 (2008); all labels of the scale count as categories, used or not."""
    shares, seen = _means(sums)
    return _beyond(seen, (shares * (1 - shares)).sum(axis=-1) / (shares.shape[-1] - 1))


def _krippendorff(sums: Array) -> Array:
    """Krippendorff's alpha (2011) for nominal labels: 1 − observed/expected disagreement."""
    labels, alike = sums[..., :-1], sums[..., -1]
    n = labels.sum(axis=-1)
    expected = n**2 - (labels**2).sum(axis=-1)
    return 1 - ratio((n - 1) * (n - alike), expected)


def _means(sums: Array) -> tuple[Array, Array]:
    """Mean shares of the labels and mean agreement."""
    n = sums[..., -1]
    return ratio(sums[..., :-2], n[..., None]), ratio(sums[..., -2], n)


def _beyond(seen: Array, chance: Array) -> Array:
    """Agreement beyond chance; NaN where chance alone would agree on everything."""
    room = np.where(1 - chance < 1e-12, 0, 1 - chance)
    return ratio(seen - chance, room)


def ratings_of(verdicts: Iterable[Verdict]) -> dict[str, dict[str, str]]:
    """The last label of each reviewer for an item, by item."""
    found: dict[str, dict[str, str]] = {}
    for (item, round_, reviewer), verdict in standing(verdicts).items():
        if round_ != "adjudicated":
            labels = found.setdefault(item, {})
            labels.pop(reviewer, None)
            if verdict.value in DECISIONS:
                labels[reviewer] = verdict.value
    return dict(sorted(found.items()))


def _on(scale: Scale, label: str) -> str:
    if scale == "verdict":
        return label
    return "right" if label == "accept" else "wrong"
