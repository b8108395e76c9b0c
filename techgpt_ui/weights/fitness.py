"""Whether a model folder fits together and fits a machine: tokenizer and embedding, number formats, memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from techgpt_ui.weights.files import amount
from techgpt_ui.weights.findings import Finding, error, fine, warning
from techgpt_ui.weights.headers import read_tensors
from techgpt_ui.weights.locate import DTYPES, FolderReport, declared_dtype, inspect_folder, weight_files
from techgpt_ui.weights.machine import MachineReport
from techgpt_ui.weights.stored import ITEM_BYTES, StoredTensor
from techgpt_ui.weights.vocabulary import vocabulary_size

EMBEDDING = re.compile(r"(?:^|\.)(?:embed_tokens|tok_embeddings|wte|embed_in|word_embeddings)\.weight$")
HEAD = re.compile(r"(?:^|\.)(?:lm_head|embed_out|output)\.weight$")
PADDING = 64
"""Rows that an embedding may have beyond its tokenizer, so that their number suits the hardware."""
PADDING_SHARE = 50
"""One row in so many may be spare as well: Qwen1.5 has 290 beyond its 151 646."""
LARGE = 5_000_000_000
"""Parameters from which fp32 files are worth a word by themselves: 27 GB for a 7B model."""
WEIGHT_BYTES = {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "int8": 1.0, "nf4": 0.5 + 4 / 64}
"""Bytes a parameter; nf4 keeps an fp32 scale for each block of 64."""
QUANTISED = ("int8", "nf4")
KEPT_BYTES = 2
"""Bytes a parameter of what is never quantised: embedding, head, norms."""
CAPABILITIES = {"bf16": (8, 0), "int8": (7, 5), "nf4": (6, 0)}
"""The oldest CUDA compute capability that a format runs on; torch's for bf16, bitsandbytes' for the others."""
OVERHEAD = 1.1
"""What running takes beyond the weights; with it a 7B model comes to upstream's figures (15, 8 and 5 GB)."""


class Need(NamedTuple):
    """What a model needs: its parameters, and bytes of memory in a number format."""

    parameters: int
    memory: int


class Target(NamedTuple):
    """Where and how a model is to run: ``cpu`` or a GPU's number; a format's name, never ``auto``."""

    gpu: int | None
    dtype: str

    @property
    def device(self) -> str:
        """The device as the settings name it."""
        return "cpu" if self.gpu is None else f"cuda:{self.gpu}"


def examine_folder(
    path: Path, machine: MachineReport, *, dtype: str = "auto", device: str = "auto"
) -> tuple[Finding, ...]:
    """All that is to be said of a model folder on a machine; UsageError when it is no folder.

    Reads headers only. Where the folder cannot be loaded at all, just that is said.
    """
    report = inspect_folder(path)
    if report.errors:
        return report.findings
    tensors = stored_tensors(path)
    target = choose_target(machine, dtype=dtype, device=device)
    return (
        *report.findings,
        *_tokenizer_findings(path, tensors),
        *_stored_findings(report, tensors),
        *_device_findings(target, machine),
        *_memory_findings(tensors, target, machine),
    )


def stored_tensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a whole model folder by name, from the headers of its weight files."""
    return {name: tensor for file in weight_files(path) for name, tensor in read_tensors(file).items()}


def memory_needed(tensors: dict[str, StoredTensor], dtype: str) -> Need:
    """Parameters, and bytes of memory with what running takes; tensors that share their bytes count once."""
    unique = {tensor.storage or name: (name, tensor) for name, tensor in tensors.items()}
    size = 0.0
    for name, tensor in unique.values():
        kept = dtype in QUANTISED and (len(tensor.shape) != 2 or EMBEDDING.search(name) or HEAD.search(name))
        size += tensor.numbers * (KEPT_BYTES if kept else WEIGHT_BYTES[dtype])
    return Need(sum(tensor.numbers for _, tensor in unique.values()), round(size * OVERHEAD))


def choose_target(machine: MachineReport, *, dtype: str, device: str) -> Target:
    """What ``auto`` comes to: the first GPU where there is one that torch can use, and 16 bits where they are quick."""
    usable = machine.gpus and "+cpu" not in (machine.versions.get("torch") or "")
    if device == "auto":
        gpu = 0 if usable else None
    else:
        gpu = None if device == "cpu" else int(device.partition(":")[2] or 0)
    if dtype == "auto":
        dtype = ("bf16" if machine.cpu_bf16 else "fp32") if gpu is None else "fp16"
    return Target(gpu, dtype)


def _tokenizer_findings(path: Path, tensors: dict[str, StoredTensor]) -> Iterator[Finding]:
    rows = next((tensor.shape[0] for name, tensor in tensors.items() if EMBEDDING.search(name)), None)
    try:
        tokens = vocabulary_size(path)
    except ValueError as reason:
        yield error("model_tokenizer_broken", path=str(path), file=str(reason))
        return
    if rows is None or tokens is None:
        return
    words = {"path": str(path), "tokens": str(tokens), "rows": str(rows)}
    if tokens > rows:
        yield error("model_tokenizer_too_large", **words)
    elif rows - tokens >= PADDING and (rows - tokens) * PADDING_SHARE > rows:
        yield error("model_tokenizer_too_small", **words)
    else:
        yield fine("model_tokenizer", **words)


def _stored_findings(report: FolderReport, tensors: dict[str, StoredTensor]) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    for tensor in tensors.values():
        counts[tensor.dtype] += tensor.numbers
    stored = DTYPES.get(counts.most_common(1)[0][0])
    meant = declared_dtype(report.path)
    if stored != "fp32" or (meant not in {"fp16", "bf16"} and sum(counts.values()) < LARGE):
        return
    size = sum(tensor.numbers * ITEM_BYTES.get(tensor.dtype, 4) for tensor in tensors.values())
    yield warning("model_stored_wide", path=str(report.path), size=amount(size), meant=meant or "fp16")


def _device_findings(target: Target, machine: MachineReport) -> Iterator[Finding]:
    words = {"device": target.device, "dtype": target.dtype}
    if target.gpu is not None and target.gpu >= len(machine.gpus):
        yield error("device_not_here", **words, count=str(len(machine.gpus)))
        return
    if target.dtype in QUANTISED and find_spec("bitsandbytes") is None:
        yield error("dtype_needs_package", **words, package="bitsandbytes")
    if target.gpu is None:
        if target.dtype == "fp16" or (target.dtype == "bf16" and machine.cpu_bf16 is False):
            yield warning("dtype_slow", **words)
        return
    has = machine.gpus[target.gpu].capability
    needs = CAPABILITIES.get(target.dtype)
    if has and needs and has < needs:
        yield error("dtype_beyond_gpu", **words, has=_dotted(has), needs=_dotted(needs))


def _dotted(capability: tuple[int, int]) -> str:
    return ".".join(map(str, capability))


def _memory_findings(tensors: dict[str, StoredTensor], target: Target, machine: MachineReport) -> Iterator[Finding]:
    if target.gpu is None:
        free: int | None = machine.memory_free
    else:
        free = machine.gpus[target.gpu].memory_free if target.gpu < len(machine.gpus) else None
    if free is None:
        return
    need = memory_needed(tensors, target.dtype)
    words = {
        "dtype": target.dtype,
        "device": target.device,
        "parameters": f"{need.parameters / 1e9:.2f}",
        "needed": amount(need.memory),
        "free": amount(free),
    }
    if need.memory <= free:
        yield fine("model_memory", **words)
        return
    smaller = [name for name in ("fp16", "int8", "nf4") if memory_needed(tensors, name).memory <= free]
    if smaller:
        yield error("model_memory_short", **words, smaller=smaller[0])
    else:
        yield error("model_memory_never", **words)
