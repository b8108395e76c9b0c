"""From a model's name to a loaded engine. Importing this module does not import torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import Library, ModelPreset, adapter_folder
from techgpt_ui.schema import ModelInfo
from techgpt_ui.settings import Settings
from techgpt_ui.weights import (
    FetchProgress,
    ProgressListener,
    demo_checkpoint,
    merge_adapter,
    merged_checkpoint,
    require_model_folder,
)

ModelState = Literal["present", "not fetched", "not merged"]


def unheard(progress: FetchProgress) -> None:
    """Listen to nothing."""


def resolve_model(name: str, library: Library, *, served: bool = False) -> ModelPreset:
    """The preset for a preset's name, a folder or a hub id; a ``served`` model's folder needs no weights.

    A folder or hub id speaks TechGPT's wire format unless its tokenizer brings a chat template.
    """
    if name in library.models:
        return library.models[name]
    looks_like_path = name.startswith((".", "/", "~")) or (os.sep in name and Path(name).exists())
    if looks_like_path or Path(name).is_dir():
        folder = Path(name).expanduser()
        if not served:
            require_model_folder(folder)
        return _preset_for(folder.resolve().name, library, source="folder", origin=str(folder), chat=_has_chat(folder))
    if name.count("/") == 1:
        return _preset_for(name, library, source="hub", origin=name, chat=False)
    raise UsageError("unknown_model", name=name, known=", ".join(library.models))


def model_folder(preset: ModelPreset, settings: Settings, progress: ProgressListener = unheard) -> Path:
    """Where the weights lie on disk: fetched from the hub if the preset says so, its adapter merged into them."""
    folder = _source_folder(preset, settings)
    if preset.adapter is None:
        return folder
    return merge_adapter(settings.cache, folder, adapter_folder(preset.adapter, settings.presets), progress)


def model_state(preset: ModelPreset, settings: Settings) -> ModelState:
    """Whether the weights are ready to be loaded; WorkbenchError where the preset's adapter is not what it should be.

    Only the demo model is known to be present: other places are looked at when they are loaded.
    """
    base = demo_checkpoint(settings.cache) if preset.source == "demo" else None
    if base is None:
        return "not fetched"
    if preset.adapter is None:
        return "present"
    adapter = adapter_folder(preset.adapter, settings.presets)
    return "present" if merged_checkpoint(settings.cache, base, adapter) else "not merged"


def _source_folder(preset: ModelPreset, settings: Settings) -> Path:
    if preset.source == "demo":
        folder = demo_checkpoint(settings.cache)
        if folder is None:
            raise WorkbenchError("demo_not_fetched")
        return folder
    if preset.source == "folder":
        return Path(preset.origin).expanduser()
    return _from_hub(preset, settings)


def load_engine(preset: ModelPreset, settings: Settings, progress: ProgressListener = unheard) -> Any:
    """Load weights and tokenizer, or find them at a server; WorkbenchError says why that failed."""
    if settings.base_url:
        from techgpt_ui.engines.remote import load_remote

        return load_remote(preset, settings)
    folder = model_folder(preset, settings, progress)
    require_model_folder(folder)
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    from techgpt_ui.engines.transformers_engine import TransformersEngine

    logging.disable_progress_bar()
    device = _device(settings.device)
    dtype_name = _dtype_name(settings.dtype if settings.dtype != "auto" else preset.dtype, device)
    dtype = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}[dtype_name]
    try:
        tokenizer = load_tokenizer(folder, preset)
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).to(device).eval()
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise WorkbenchError("model_load_failed", name=preset.id, why=str(error).splitlines()[0]) from error
    info = ModelInfo(name=preset.id, revision=_revision(preset, folder), dtype=dtype_name)
    context = min(preset.context, getattr(model.config, "max_position_embeddings", preset.context))
    return TransformersEngine(model, tokenizer, info, context, preset.add_bos)


def load_tokenizer(folder: Path, preset: ModelPreset) -> Any:
    """The tokenizer of a folder with the preset's special ids and left padding."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    for role in ("pad", "bos", "eos"):
        wanted = getattr(preset.tokens, role)
        if wanted is not None:
            setattr(tokenizer, f"{role}_token", tokenizer.convert_ids_to_tokens(wanted))
    return tokenizer


def _preset_for(name: str, library: Library, *, source: str, origin: str, chat: bool) -> ModelPreset:
    like = library.models["smollm2-demo" if chat else "techgpt-7b"]
    changes: dict[str, Any] = {"source": source, "origin": origin, "hub_id": origin if source == "hub" else None}
    if chat:
        unknown = {"zh": "由用户指定的模型。", "en": "A model of your own."}
        changes |= {"about": unknown, "limits": unknown, "licence": unknown, "context": 8192}
    ident = "".join(c if c.isalnum() or c in "._-" else "-" for c in name.lower()).strip("-._") or "model"
    return ModelPreset.model_validate(like.model_dump() | changes | {"id": ident, "title": {"zh": name, "en": name}})


def _has_chat(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file():
        return True
    config = folder / "tokenizer_config.json"
    return config.is_file() and '"chat_template"' in config.read_text(encoding="utf-8", errors="replace")


def _from_hub(preset: ModelPreset, settings: Settings) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        path = snapshot_download(preset.hub_id or "", revision=preset.revision, cache_dir=settings.cache / "hub")
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise WorkbenchError("hub_failed", name=preset.hub_id, why=why) from error
    return Path(path)


def _revision(preset: ModelPreset, folder: Path) -> str:
    """Which weights these are; the name of a merged folder tells apart what was merged."""
    base = preset.revision or ("main" if preset.source == "hub" else "local")
    return f"{base}+{folder.name}" if preset.adapter else base


def _device(wanted: str) -> str:
    import torch

    if wanted == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda"):
        index = int(wanted.partition(":")[2] or 0)
        if index >= torch.cuda.device_count():
            raise UsageError("device_missing", device=wanted)
    return wanted


def _dtype_name(wanted: str, device: str) -> str:
    if wanted in {"int8", "nf4"}:
        raise UsageError("dtype_unsupported", dtype=wanted)
    if wanted != "auto":
        return wanted
    if device != "cpu":
        return "fp16"
    return "bf16" if cpu_has_bf16() else "fp32"


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 in hardware; elsewhere bf16 is slower than fp32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_bf16", "amx_bf16", "bf16"))
