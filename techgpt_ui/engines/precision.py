"""The number format of the weights: what was asked for, what the device can do, and quantisation."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from techgpt_ui.errors import UsageError

QUANTISED = ("int8", "nf4")
REQUIREMENTS = "requirements-quantized.txt"


def dtype_name(wanted: str, device: str) -> str:
    """The format that ``auto`` means on a device; UsageError where it needs a package that is not here."""
    if wanted in QUANTISED and find_spec("bitsandbytes") is None:
        raise UsageError("quantisation_missing", dtype=wanted, file=REQUIREMENTS)
    return _computing(device) if wanted == "auto" else wanted


def torch_dtype(name: str, device: str) -> Any:
    """The torch dtype that weights are kept in or, where they are quantised, computed in."""
    import torch

    known = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
    return known[_computing(device) if name in QUANTISED else name]


def quantisation(name: str, device: str, *, offload: bool) -> Any:
    """What transformers is told about quantising, or None; nf4 is that of QLoRA (Dettmers et al., 2023)."""
    if name not in QUANTISED:
        return None
    from transformers import BitsAndBytesConfig

    if name == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_enable_fp32_cpu_offload=offload)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch_dtype(name, device),
        llm_int8_enable_fp32_cpu_offload=offload,
    )


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 in hardware; elsewhere bf16 is slower than fp32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16", "bf16"))


def _computing(device: str) -> str:
    if device != "cpu":
        return "fp16"
    return "bf16" if cpu_has_bf16() else "fp32"
