"""Memory of this process: how much there is, giving it back, and files that are read through it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from techgpt_ui.schema import Record

PAGEOUT = 21
"""MADV_PAGEOUT of Linux: put these pages away; what was written to them is kept."""
SWEEP_S = 0.1
MAPS = Path("/proc/self/maps")
NO_CPU_MEMORY = ("can't allocate memory", "not enough memory", "cannot allocate memory")
"""How torch's allocators for the processor say that there is no more, in a plain RuntimeError."""


class MemoryReading(Record):
    """Bytes that this process holds in the machine's memory and on GPUs."""

    process: int
    gpus: int


def read_memory() -> MemoryReading:
    """What is held now; GPUs count once torch has used them."""
    import psutil

    torch = sys.modules.get("torch")
    on_gpus = 0
    if torch is not None and torch.cuda.is_initialized():
        on_gpus = sum(torch.cuda.memory_reserved(index) for index in range(torch.cuda.device_count()))
    return MemoryReading(process=psutil.Process().memory_info().rss, gpus=on_gpus)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device, or the machine, has no more memory."""
    import torch

    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in NO_CPU_MEMORY)


def release_memory(error: BaseException | None = None) -> None:
    """Give what is no longer used back to the system and to other programs on the GPUs.

    The frames of an ``error`` that ended the work, and of those behind it, let go of what they hold.
    """
    while error is not None:
        error.__traceback__, error = None, error.__context__
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    _trim_heap()


@contextlib.contextmanager
def sweeping(folder: Path) -> Iterator[None]:
    """Put away, again and again, the pages of mapped files of ``folder`` that have been read.

    Weights are read through a memory map and copied, so each page is needed once; left alone, the pages would count as
    memory of this process beside the copies, and a 7B model would seem to take twice its size.
    """
    if not MAPS.exists():
        yield
        return
    done = threading.Event()
    sweeper = threading.Thread(target=_sweep, args=(str(folder.resolve()), done), daemon=True, name="sweeper")
    sweeper.start()
    try:
        yield
    finally:
        done.set()
        sweeper.join()


def _sweep(folder: str, done: threading.Event) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    while True:
        last = done.wait(SWEEP_S)
        for start, end in _mappings(folder):
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), PAGEOUT)
        if last:
            return


def _mappings(folder: str) -> Iterator[tuple[int, int]]:
    """Address ranges of this process that show files of the folder, links to elsewhere resolved."""
    files = {os.path.realpath(entry.path) for entry in os.scandir(folder) if entry.is_file()}
    for line in MAPS.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and fields[5] in files:
            start, _, end = fields[0].partition("-")
            yield int(start, 16), int(end, 16)


def _trim_heap() -> None:
    """Glibc keeps freed memory for itself until it is asked; other systems give it back, or cannot be asked."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
