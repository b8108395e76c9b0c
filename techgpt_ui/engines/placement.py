"""Where the weights go: one device, several GPUs, or what fits on GPUs and the rest beside the processor."""

from __future__ import annotations

from typing import Any

from techgpt_ui.errors import UsageError

GPU_SHARE = 0.9
"""Of a GPU's free memory, what weights may take; the rest is for the answer that is being written."""


def device_of(wanted: str) -> str:
    """The device that ``auto`` means; UsageError for one that this machine lacks."""
    import torch

    if wanted == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda"):
        index = int(wanted.partition(":")[2] or 0)
        if index >= torch.cuda.device_count():
            raise UsageError("device_missing", device=wanted)
        return f"cuda:{index}"
    return wanted


def placing(wanted: str, device: str, *, offload: bool) -> dict[str, Any]:
    """What transformers is told about devices: ``device_map`` and, where there is a choice, ``max_memory`` in bytes.

    Weights go straight to a single device. With ``offload``, or where ``auto`` finds several GPUs, accelerate fills
    one after the other, and with ``offload`` the machine's own memory last.
    """
    import torch

    if device == "cpu":
        return {"device_map": {"": "cpu"}}
    if not offload and (wanted != "auto" or torch.cuda.device_count() == 1):
        return {"device_map": {"": device}}
    indexes = range(torch.cuda.device_count()) if wanted == "auto" else [int(device.partition(":")[2])]
    free: dict[int | str, int] = {index: torch.cuda.mem_get_info(index)[0] for index in indexes}
    return {"device_map": "sequential", "max_memory": budgets(free, _machine_memory() if offload else 0)}


def budgets(free: dict[int | str, int], beside: int) -> dict[int | str, int]:
    """Bytes that weights may take on each GPU, and ``beside`` them in the machine's memory; 0 forbids that."""
    on_gpus = {place: int(size * GPU_SHARE) for place, size in free.items()}
    return {**on_gpus, "cpu": beside}


def first_device(model: Any) -> str:
    """Where a model takes its input: it may be spread over several devices."""
    places = [str(place) for place in (getattr(model, "hf_device_map", None) or {}).values()]
    gpus = [f"cuda:{place}" if place.isdigit() else place for place in places if place not in ("cpu", "disk")]
    return gpus[0] if gpus else str(model.device)


def _machine_memory() -> int:
    import psutil

    return int(psutil.virtual_memory().available * GPU_SHARE)
