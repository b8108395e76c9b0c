"""Whether the weights of a preset are on this machine, and in which shape; nothing is loaded or fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from techgpt_ui.engines.loading import model_folder, model_state
from techgpt_ui.engines.sources import gguf_file
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import ModelPreset
from techgpt_ui.settings import Settings
from techgpt_ui.weights import inspect_folder

Presence = Literal["present", "not fetched", "not merged", "encrypted", "incomplete", "unusable"]


def presence(preset: ModelPreset, settings: Settings) -> Presence:
    """What keeps the preset from being loaded at once."""
    try:
        if preset.source == "demo":
            return model_state(preset, settings)
        folder = local_folder(preset, settings)
        if folder is None:
            return "not fetched"
        errors = () if gguf_file(folder) else inspect_folder(folder).errors
    except WorkbenchError:
        return "unusable"
    if errors:
        return "encrypted" if errors[0].code == "model_folder_encrypted" else "incomplete"
    return "present"


def local_folder(preset: ModelPreset, settings: Settings) -> Path | None:
    """The folder that the preset would be loaded from, or None where it is yet to be made or fetched."""
    if preset.source == "folder":
        return Path(preset.origin).expanduser()
    if preset.source == "demo":
        return model_folder(preset, settings) if model_state(preset, settings) == "present" else None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(
            snapshot_download(
                preset.hub_id or "",
                revision=preset.revision,
                cache_dir=settings.cache / "hub",
                local_files_only=True,
            )
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError):
        return None
