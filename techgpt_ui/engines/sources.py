"""Where a model's weights are: a preset's name, a folder, a GGUF file or a hub id → a preset; a preset → files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, NamedTuple

from techgpt_ui.engines.hub import PREFIX, HubName, cached_snapshot, fetch_snapshot, fetch_template_files, hub_name
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import Library, ModelPreset, adapter_folder
from techgpt_ui.settings import Settings
from techgpt_ui.weights import (
    FetchProgress,
    ProgressListener,
    demo_checkpoint,
    merge_adapter,
    merged_checkpoint,
    require_model_folder,
)

GGUF = ".gguf"
ModelState = Literal["present", "not fetched", "not merged"]


class Checkpoint(NamedTuple):
    """Files that a model is loaded from; ``gguf`` names the one file of the folder that is it, if it is such."""

    folder: Path
    gguf: str | None
    revision: str
    bytes: int
    dtype: str | None
    """Number format on the disk; None where it is not known or many."""


def unheard(progress: FetchProgress) -> None:
    """Listen to nothing."""


def resolve_model(
    name: str, library: Library, settings: Settings | None = None, *, served: bool = False
) -> ModelPreset:
    """The preset for a preset's name, a folder, a GGUF file or a hub id (``owner/name`` or ``owner/name@revision``).

    A ``served`` model's folder needs no weights.

    A folder or repository with the name of a preset's repository is spoken to as that preset says. Any other one
    speaks TechGPT's wire format unless its tokenizer brings a chat template; of a repository that is known only with
    ``settings``, which say where the cache is, and asks the hub.
    """
    if name in library.models:
        return library.models[name]
    looks_like_path = name.startswith((".", "/", "~")) or (os.sep in name and Path(name).exists())
    if looks_like_path or Path(name).is_dir() or name.endswith(GGUF):
        return _of_path(Path(name).expanduser(), library, served=served)
    if hub := hub_name(name):
        return _of_hub(hub, library, settings)
    raise UsageError("unknown_model", name=name, known=", ".join(library.models))


def model_folder(preset: ModelPreset, settings: Settings, progress: ProgressListener = unheard) -> Path:
    """Where the weights lie on disk: fetched from the hub if the preset says so, its adapter merged into them."""
    folder = _source_folder(preset, settings, progress)
    if preset.adapter is None:
        return folder
    return merge_adapter(settings.cache, folder, _adapter(preset.adapter, settings, progress), progress)


def find_checkpoint(preset: ModelPreset, settings: Settings, progress: ProgressListener = unheard) -> Checkpoint:
    """What to load: fetched, merged and looked at; UsageError or WorkbenchError says what is wrong with it."""
    folder = model_folder(preset, settings, progress)
    revision = _revision(preset, folder, settings)
    if gguf := gguf_file(folder):
        return Checkpoint(gguf.parent, gguf.name, revision, gguf.stat().st_size, None)
    report = require_model_folder(folder)
    return Checkpoint(folder, None, revision, report.bytes, report.dtype)


def model_state(preset: ModelPreset, settings: Settings) -> ModelState:
    """Whether the weights are ready to be loaded; WorkbenchError where the preset's adapter is not what it should be.

    Nothing is fetched and the hub is not asked; folders of the user's count as present.
    """
    base = _local_base(preset, settings)
    if base is None:
        return "not fetched"
    if preset.adapter is None:
        return "present"
    if preset.adapter.startswith(PREFIX):
        adapter = _cached_adapter(preset.adapter, settings)
        if adapter is None:
            return "not fetched"
    else:
        adapter = adapter_folder(preset.adapter, settings.presets)
    return "present" if merged_checkpoint(settings.cache, base, adapter) else "not merged"


def gguf_file(place: Path) -> Path | None:
    """The GGUF file that a path names or that a folder without config.json holds; UsageError where it holds several."""
    if place.suffix == GGUF and place.is_file():
        return place
    if not place.is_dir() or (place / "config.json").exists():
        return None
    found = sorted(place.glob(f"*{GGUF}"))
    if len(found) > 1:
        raise UsageError("gguf_several", path=place, files=", ".join(file.name for file in found))
    return found[0] if found else None


def _of_path(place: Path, library: Library, *, served: bool) -> ModelPreset:
    gguf = gguf_file(place)
    if gguf is None and not served:
        require_model_folder(place)
    name = place.resolve().stem if place.suffix == GGUF else place.resolve().name
    chat = _gguf_has_chat(gguf) if gguf else _has_chat([place / "chat_template.jinja", place / "tokenizer_config.json"])
    known = _known(library, name)
    return _preset_for(name, known, library, source="folder", origin=str(place), chat=chat)


def _of_hub(hub: HubName, library: Library, settings: Settings | None) -> ModelPreset:
    if known := _known(library, hub.id):
        return known.model_copy(update={"revision": hub.revision or known.revision})
    chat = settings is not None and _has_chat(fetch_template_files(hub, settings.cache))
    preset = _preset_for(hub.id, None, library, source="hub", origin=hub.id, chat=chat)
    return preset.model_copy(update={"revision": hub.revision})


def _known(library: Library, name: str) -> ModelPreset | None:
    """The plainest preset of a repository, by its id or by the last part of it."""
    wanted = name.casefold()
    fitting = [
        preset
        for preset in library.models.values()
        if preset.hub_id and not preset.adapter and wanted in (preset.hub_id.casefold(), _last(preset.hub_id))
    ]
    return min(fitting, key=lambda preset: len(preset.id), default=None)


def _last(hub_id: str) -> str:
    return hub_id.rpartition("/")[2].casefold()


def _preset_for(
    name: str, known: ModelPreset | None, library: Library, *, source: str, origin: str, chat: bool
) -> ModelPreset:
    like = known or library.models["smollm2-demo" if chat else "techgpt-7b"]
    changes: dict[str, Any] = {"source": source, "origin": origin, "hub_id": origin if source == "hub" else None}
    if chat and not known:
        unknown = {"zh": "由用户指定的模型。", "en": "A model of your own."}
        changes |= {"about": unknown, "limits": unknown, "licence": unknown, "context": 8192}
    ident = "".join(c if c.isalnum() or c in "._-" else "-" for c in name.lower()).strip("-._") or "model"
    return ModelPreset.model_validate(
        like.model_dump() | changes | {"id": ident, "revision": None, "title": {"zh": name, "en": name}}
    )


def _has_chat(files: list[Path]) -> bool:
    """Whether a template is among these files, or in the configuration of a tokenizer among them."""
    present = [file for file in files if file.is_file()]
    return any(
        file.name == "chat_template.jinja" or '"chat_template"' in file.read_text(encoding="utf-8", errors="replace")
        for file in present
    )


def _gguf_has_chat(file: Path) -> bool:
    from gguf import GGUFReader

    try:
        return "tokenizer.chat_template" in GGUFReader(file).fields
    except (OSError, ValueError) as error:
        raise UsageError("gguf_broken", path=file, why=str(error).splitlines()[0]) from error


def _source_folder(preset: ModelPreset, settings: Settings, progress: ProgressListener) -> Path:
    if preset.source == "demo":
        folder = demo_checkpoint(settings.cache)
        if folder is None:
            raise WorkbenchError("demo_not_fetched")
        return folder
    if preset.source == "folder":
        return Path(preset.origin).expanduser()
    return fetch_snapshot(HubName(preset.hub_id or "", preset.revision), settings.cache, progress)


def _local_base(preset: ModelPreset, settings: Settings) -> Path | None:
    if preset.source == "demo":
        return demo_checkpoint(settings.cache)
    if preset.source == "folder":
        place = Path(preset.origin).expanduser()
        return place if place.exists() else None
    return cached_snapshot(HubName(preset.hub_id or "", preset.revision), settings.cache)


def _adapter(adapter: str, settings: Settings, progress: ProgressListener) -> Path:
    if not adapter.startswith(PREFIX):
        return adapter_folder(adapter, settings.presets)
    return fetch_snapshot(_adapter_name(adapter), settings.cache, progress)


def _cached_adapter(adapter: str, settings: Settings) -> Path | None:
    return cached_snapshot(_adapter_name(adapter), settings.cache, holding="adapter_config.json")


def _adapter_name(adapter: str) -> HubName:
    name = hub_name(adapter.removeprefix(PREFIX))
    if name is None:
        raise UsageError("adapter_no_hub_id", adapter=adapter)
    return name


def _revision(preset: ModelPreset, folder: Path, settings: Settings) -> str:
    """Which weights these are: a commit of the hub; the name of a merged folder tells apart what was merged."""
    snapshot = cached_snapshot(HubName(preset.hub_id or "", preset.revision), settings.cache) if preset.hub_id else None
    commit = snapshot.name if preset.source == "hub" and snapshot else None
    base = commit or preset.revision or "local"
    return f"{base}+{folder.name}" if preset.adapter else base
