"""How many items to look at: for a wanted width of the interval, and of each stratum."""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Mapping
from fractions import Fraction
from statistics import NormalDist
from typing import Literal, TypeVar

from techgpt_ui.errors import UsageError

Allocation = Literal["proportional", "equal"]
Key = TypeVar("Key", bound=Hashable)

Z95 = NormalDist().inv_cdf(0.975)
"""Half the width of a 95 % interval, in standard errors."""


def sample_size(expected: float, half_width: float, frame_size: int | None = None) -> int:
    """How many items give a 95 % interval of ± ``half_width`` where a share of ``expected`` is right.

    Normal approximation, with the finite population correction where the frame's size is known. Raises UsageError
    for an expectation outside (0, 1) or a half width outside (0, 0.5).
    """
    if not 0 < expected < 1:
        raise UsageError("review_size_expected")
    if not 0 < half_width < 0.5:
        raise UsageError("review_size_width")
    n = Z95**2 * expected * (1 - expected) / half_width**2
    if frame_size:
        n = n / (1 + (n - 1) / frame_size)
    return max(1, math.ceil(n))


def allocate(sizes: Mapping[Key, int], n: int, allocation: Allocation, minimum: int) -> dict[Key, int]:
    """How many to draw of each stratum: ``minimum`` or all of it, and the rest by size or alike.

    The rest goes one by one by Webster's divisors, so that more items never take one away from a stratum; ties go by
    the order of ``sizes``. Raises UsageError where ``n`` is less than the minimums together.
    """
    counts = {name: min(minimum, size) for name, size in sizes.items()}
    rest = min(n, sum(sizes.values())) - sum(counts.values())
    if rest < 0:
        raise UsageError("review_sample_small", n=n, strata=len(sizes), least=sum(counts.values()))
    claims = [
        (_claim(sizes[name], count, allocation), at, name)
        for at, (name, count) in enumerate(counts.items())
        if count < sizes[name]
    ]
    heapq.heapify(claims)
    for _ in range(rest):
        _, at, name = heapq.heappop(claims)
        counts[name] += 1
        if counts[name] < sizes[name]:
            heapq.heappush(claims, (_claim(sizes[name], counts[name], allocation), at, name))
    return counts


def _claim(size: int, count: int, allocation: Allocation) -> Fraction:
    """The least one is served next; exact, so that no machine rounds it otherwise."""
    return Fraction(-size if allocation == "proportional" else -1, 2 * count + 1)
