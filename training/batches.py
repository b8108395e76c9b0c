"""Batches of examples alike in length, within a budget of tokens, in an order that a seed fixes."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from training.examples import Example

STEP = 32
BUCKET = 64
"""Batches whose examples are sorted by length together: enough for little padding, few enough to stay mixed."""


def batches(examples: Sequence[Example], budget: int, rng: Random) -> list[list[Example]]:
    """All examples, each once; its width times its number stays within ``budget`` tokens where one fits."""
    shuffled = rng.sample(list(examples), len(examples))
    mean = max(1, sum(map(len, shuffled)) // max(1, len(shuffled)))
    span = max(1, BUCKET * budget // mean)
    made: list[list[Example]] = []
    for start in range(0, len(shuffled), span):
        made += _cut(sorted(shuffled[start : start + span], key=len), budget)
    return rng.sample(made, len(made))


def width(batch: Sequence[Example]) -> int:
    """Tokens of every row of a batch: its longest, rounded up to one of a few widths.

    A CPU's matrix kernels are compiled for a shape when it first comes; with a shape of its own for every batch that
    took longer than the training.
    """
    return -(-max(map(len, batch)) // STEP) * STEP


def _cut(ordered: Sequence[Example], budget: int) -> list[list[Example]]:
    cut: list[list[Example]] = []
    for example in ordered:
        wide = width([example])
        if cut and width(cut[-1]) == wide and wide * (len(cut[-1]) + 1) <= budget:
            cut[-1].append(example)
        else:
            cut.append([example])
    return cut
