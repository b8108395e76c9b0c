"""How much memory a checkpoint takes once it is loaded, how much is free for it, and giving back what was taken."""

from __future__ import annotations

import ctypes
import gc
import sys
from pathlib import Path
from typing import Any

from techgpt_ui.engines.loading import cpu_has_bf16
from techgpt_ui.weights import inspect_folder, memory_room

WIDTHS = {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "int8": 1.0, "nf4": 0.6}
"""Bytes of a weight; those of nf4 include its scales."""
SPARE_SHARE = 1.15
SPARE = 200_000_000
"""Caches and intermediate results, as a share of the weights and in bytes: upstream asks 15 GB for 13.5 GB of fp16."""


def needed_bytes(folder: Path, dtype: str, device: str) -> int:
    """Memory for the checkpoint of a folder, from the sizes of its files; UsageError where there is no folder.

    Without a look at torch an ``auto`` dtype counts as the widest that it may come to on the device.
    """
    report = inspect_folder(folder)
    stored = WIDTHS.get(report.dtype or "", 2.0)
    return int(report.bytes / stored * _width(dtype, device) * SPARE_SHARE) + SPARE


def free_bytes(device: str) -> int:
    """Memory that a model may take on the device now: a GPU's own, otherwise the machine's."""
    cuda = _cuda()
    if cuda is None or device == "cpu":
        return memory_room()[1]
    free, _ = cuda.mem_get_info(int(device.partition(":")[2] or 0))
    return int(free)


def fits(folder: Path, dtype: str, device: str) -> bool:
    """Whether the checkpoint has room beside all that is in memory now."""
    return needed_bytes(folder, dtype, device) <= free_bytes(device)


def release_memory() -> None:
    """Give memory that nothing refers to any more back to the system and the GPU."""
    gc.collect()
    if cuda := _cuda():
        cuda.empty_cache()
    if sys.platform == "linux":
        # glibc keeps freed blocks for itself until it is told; other C libraries have no such call.
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)


def _width(dtype: str, device: str) -> float:
    if dtype in WIDTHS:
        return WIDTHS[dtype]
    on_cpu = device == "cpu" or _cuda() is None
    return WIDTHS["fp32"] if on_cpu and not cpu_has_bf16() else WIDTHS["fp16"]


def _cuda() -> Any:
    """torch's view of the GPUs, where it is loaded already and sees one."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_available() else None
