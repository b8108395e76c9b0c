"""How far a fetch has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

FetchStep = Literal["download", "verify", "unpack", "convert", "merge", "done"]


@dataclass(frozen=True)
class FetchProgress:
    """One sign of life: bytes of ``download``, ``verify`` and ``unpack``, stages of ``convert`` and ``merge``.

    ``total`` is 0 while nobody can tell how much there is to do, as when another process is at it.
    """

    step: FetchStep
    done: int
    total: int


ProgressListener = Callable[[FetchProgress], None]
