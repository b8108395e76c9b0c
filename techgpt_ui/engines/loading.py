"""From a preset to a loaded engine. Importing this module does not import torch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from techgpt_ui.engines.base import Engine
from techgpt_ui.engines.load_log import LoadLog
from techgpt_ui.engines.precision import QUANTISED, cpu_has_bf16, dtype_name, quantisation, torch_dtype
from techgpt_ui.engines.reclaiming import MemoryReading, is_out_of_memory, read_memory, release_memory, sweeping
from techgpt_ui.engines.sources import (
    Checkpoint,
    ModelState,
    find_checkpoint,
    model_folder,
    model_state,
    resolve_model,
    unheard,
)
from techgpt_ui.engines.zero_gpu import ZeroGpuEngine
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.schema import ModelInfo
from techgpt_ui.settings import Settings
from techgpt_ui.space import on_zero_gpu
from techgpt_ui.texts import text
from techgpt_ui.weights import ProgressListener
from techgpt_ui.weights.conversion import quiet_gguf

__all__ = [
    "ModelState", "cpu_has_bf16", "load_engine", "load_tokenizer", "model_folder", "model_state", "resolve_model",
    "unheard",
]  # fmt: skip


def load_engine(
    preset: ModelPreset, settings: Settings, progress: ProgressListener = unheard, log: LoadLog | None = None
) -> Any:
    """Load weights and tokenizer, or find them at a server; WorkbenchError says why that failed, ``log`` how it went.

    Raises UsageError for what the user can mend, WorkbenchError ``load_out_of_memory`` where the weights do not fit,
    ``model_load_failed`` for anything else; whatever it is, what was loaded so far is given back.
    """
    if settings.base_url:
        from techgpt_ui.engines.remote import load_remote

        return load_remote(preset, settings)
    log = log or LoadLog()
    found = find_checkpoint(preset, settings, progress)
    with _failing_clean(preset), log.listening():
        return _load(found, preset, settings, log)


def load_tokenizer(folder: Path, preset: ModelPreset, gguf: str | None = None) -> Any:
    """The tokenizer of a folder, or of a GGUF file in it, with the preset's special ids and left padding."""
    from transformers import AutoTokenizer

    beside = (folder / "tokenizer.json").is_file() or (folder / "tokenizer.model").is_file()
    inside = {"gguf_file": gguf} if gguf and not beside else {}
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left", **inside)
    for role in ("pad", "bos", "eos"):
        wanted = getattr(preset.tokens, role)
        if wanted is not None:
            setattr(tokenizer, f"{role}_token", tokenizer.convert_ids_to_tokens(wanted))
    return tokenizer


def _load(found: Checkpoint, preset: ModelPreset, settings: Settings, log: LoadLog) -> Any:
    from transformers.utils import logging

    from techgpt_ui.engines.placement import device_of, first_device
    from techgpt_ui.engines.transformers_engine import TransformersEngine

    logging.disable_progress_bar()
    started, before = time.monotonic(), read_memory()
    device = device_of(settings.device)
    dtype = dtype_name(settings.dtype if settings.dtype != "auto" else preset.dtype, device)
    log.append(text("loading.reads", name=found.gguf or found.folder.name, gigabytes=_gb(found.bytes)))
    log.append(text("loading.into", dtype=dtype, device=device, held=_held(before)))
    tokenizer = load_tokenizer(found.folder, preset, found.gguf)
    model = _model(found, preset, settings, device, dtype)
    info = ModelInfo(name=preset.id, revision=found.revision, dtype=dtype)
    lent = _is_lent(device)
    place = None if lent else first_device(model)
    engine: Engine = TransformersEngine(
        model, tokenizer, info, _context(preset, model.config), preset.add_bos, device=place
    )
    seconds = f"{time.monotonic() - started:.1f}"
    log.append(
        text("loading.done", seconds=seconds, weights=_gb(model.get_memory_footprint()), held=_held(read_memory()))
    )
    return ZeroGpuEngine(engine) if lent else engine


def _is_lent(device: str) -> bool:
    """Whether the device is there only while a run has it."""
    return on_zero_gpu() and device != "cpu"


def _model(found: Checkpoint, preset: ModelPreset, settings: Settings, device: str, dtype: str) -> Any:
    from transformers import AutoModelForCausalLM

    from techgpt_ui.engines.placement import placing

    if found.gguf and dtype in QUANTISED:
        raise UsageError("gguf_quantised", dtype=dtype)
    wanted: dict[str, Any] = {"dtype": torch_dtype(dtype, device), **_configuration(found, preset)}
    # Where GPUs are lent the package `spaces` watches weights being moved; it does not see them loaded onto a device.
    moved = _is_lent(device)
    wanted |= placing(settings.device, "cpu" if moved else device, offload=settings.offload)
    if packing := quantisation(dtype, device, offload=settings.offload):
        wanted["quantization_config"] = packing
    if found.gguf:
        wanted |= _unpacked(found.gguf)
    # Where the numbers on the disk are used as they are, the mapped file itself is the model.
    in_place = device == "cpu" and dtype == found.dtype
    with nullcontext() if in_place else sweeping(found.folder), quiet_gguf() if found.gguf else nullcontext():
        loader: Any = AutoModelForCausalLM
        model = loader.from_pretrained(found.folder, local_files_only=True, weights_only=True, **wanted).eval()
    return model.to(device) if moved else model


def _unpacked(gguf: str) -> dict[str, Any]:
    import transformers

    # Releases that can keep the GGUF blocks packed have this class, and need to be told not to.
    config = getattr(transformers, "GgufConfig", None)
    return {"gguf_file": gguf} | ({"quantization_config": config(dequantize=True)} if config else {})


def _configuration(found: Checkpoint, preset: ModelPreset) -> dict[str, Any]:
    """The configuration where the preset changes it: linear position interpolation."""
    if preset.context_scale == 1.0:
        return {}
    from transformers import AutoConfig

    inside = {"gguf_file": found.gguf} if found.gguf else {}
    config = AutoConfig.from_pretrained(found.folder, local_files_only=True, **inside)
    config.rope_parameters = {
        **(config.rope_parameters or {}), "rope_type": "linear", "factor": preset.context_scale,
    }  # fmt: skip
    return {"config": config}


def _context(preset: ModelPreset, config: Any) -> int:
    """Tokens that both the preset and the checkpoint allow; interpolated positions reach further than they say."""
    positions = getattr(config, "max_position_embeddings", None) or preset.context
    rope = getattr(config, "rope_parameters", None) or {}
    if rope.get("rope_type") in ("linear", "dynamic"):
        positions = int(positions * float(rope.get("factor") or 1.0))
    return min(preset.context, positions)


@contextmanager
def _failing_clean(preset: ModelPreset) -> Iterator[None]:
    try:
        yield
    except WorkbenchError:
        raise
    except Exception as error:
        if not is_out_of_memory(error):
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise WorkbenchError("model_load_failed", name=preset.id, why=why) from error
        # The traceback holds on to what was loaded so far.
        release_memory(error)
        raise WorkbenchError("load_out_of_memory", name=preset.id) from error


def _held(memory: MemoryReading) -> str:
    return f"{_gb(memory.process)} GB + GPU {_gb(memory.gpus)} GB" if memory.gpus else f"{_gb(memory.process)} GB"


def _gb(size: int) -> str:
    return f"{size / 1e9:.2f}"
