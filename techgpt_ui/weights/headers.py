"""Reading what a weight file says of itself, without loading it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from techgpt_ui.weights.stored import StoredTensor
from techgpt_ui.weights.torch_files import UnsafePickleError, read_torch_file

HEADER_LIMIT = 100_000_000
"""Bytes; the limit that the safetensors format sets."""

POINTER = b"version https://git-lfs"
"""What a file begins with that git cloned without its large-file extension."""
POINTER_LIMIT = 1024


def read_header(path: Path) -> dict[str, Any]:
    """The tensors of a safetensors file by name; ValueError if it is not one, or shorter than it says."""
    with path.open("rb") as source:
        length = int.from_bytes(source.read(8), "little")
        if not 2 <= length <= HEADER_LIMIT:
            raise ValueError("no safetensors header")
        raw = source.read(length)
    header = json.loads(raw)
    if not isinstance(header, dict):
        raise ValueError("no safetensors header")
    header.pop("__metadata__", None)
    try:
        ends = [int(tensor["data_offsets"][1]) for tensor in header.values()]
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError("no safetensors header") from error
    if 8 + length + max(ends, default=0) != path.stat().st_size:
        raise ValueError("the file is shorter or longer than its header says")
    return header


def read_tensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a weight file of either kind; ValueError for a damaged one, or UnsafePickleError."""
    if path.suffix != ".safetensors":
        return read_torch_file(path)
    try:
        return {
            name: StoredTensor(str(tensor["dtype"]), tuple(int(size) for size in tensor["shape"]))
            for name, tensor in read_header(path).items()
        }
    except (TypeError, KeyError) as error:
        raise ValueError("no safetensors header") from error


def tensor_dtypes(path: Path) -> Counter[str]:
    """How many tensors of each dtype a safetensors file holds, in the format's names (``BF16``, ``F16``, …)."""
    return Counter(str(tensor.get("dtype")) for tensor in read_header(path).values())


def is_pointer(file: Path) -> bool:
    """Whether git left only a pointer to the content here."""
    if not file.is_file() or file.stat().st_size > POINTER_LIMIT:
        return False
    with file.open("rb") as source:
        return source.read(len(POINTER)) == POINTER


def is_damaged(file: Path) -> bool:
    """Whether weights are empty, cut off or something else; pointers and harmful pickles are another matter."""
    if is_pointer(file):
        return False
    try:
        read_tensors(file)
    except UnsafePickleError:
        return False
    except ValueError:
        return True
    return False
