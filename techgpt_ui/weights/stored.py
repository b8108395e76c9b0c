"""The tensors that weight files hold, by their headers alone: names, formats, shapes."""

from __future__ import annotations

import math
from typing import NamedTuple

ITEM_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
    "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip
"""Bytes of one number by safetensors' names of formats."""


class StoredTensor(NamedTuple):
    """A tensor in a file; ``storage`` tells tensors that share their bytes."""

    dtype: str
    shape: tuple[int, ...]
    storage: str | None = None

    @property
    def numbers(self) -> int:
        """How many there are in it."""
        return math.prod(self.shape)
