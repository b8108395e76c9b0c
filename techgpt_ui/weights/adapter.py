"""A model with a LoRA adapter: merged once into a checkpoint of the cache, which is then loaded like any other."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from techgpt_ui.errors import UsageError
from techgpt_ui.weights.files import sha256
from techgpt_ui.weights.headers import is_damaged, is_pointer
from techgpt_ui.weights.locate import require_model_folder
from techgpt_ui.weights.making import KEY_DIGITS, Checkpoint
from techgpt_ui.weights.manifest import sealed_source
from techgpt_ui.weights.merging import WEIGHTS, merge
from techgpt_ui.weights.progress import FetchProgress, ProgressListener

CONFIG = "adapter_config.json"
PICKLED = "adapter_model.bin"
"""Weights in a form that runs code when it is read; never opened here."""
RECIPE = 1
"""Counts up when the merging changes, so that older checkpoints are made anew."""
SPARE = 50_000_000
"""Bytes that a merged folder may take beyond the weights of its base."""


def merged_checkpoint(cache: Path, base: Path, adapter: Path) -> Path | None:
    """The merged checkpoint's folder, or None while it is not complete; never imports torch.

    Raises UsageError where the base or the adapter is not what it should be.
    """
    return _checkpoint(cache, base, adapter).complete()


def merge_adapter(cache: Path, base: Path, adapter: Path, progress: ProgressListener) -> Path:
    """The checkpoint folder of ``base`` with the adapter merged into it, made first where it is missing.

    A change of the adapter or of the base makes a new folder in the place of the old one. Raises UsageError where the
    adapter is not what it should be or belongs to another base, and WorkbenchError ``adapter_merge_failed``,
    ``disk_full``, ``cache_not_writable`` or ``cache_failed``.
    """
    checkpoint = _checkpoint(cache, base, adapter)
    folder = checkpoint.make(
        lambda work: _build(work, base, adapter, progress), lambda: progress(FetchProgress("merge", 0, 0))
    )
    progress(FetchProgress("done", 1, 1))
    return folder


def _checkpoint(cache: Path, base: Path, adapter: Path) -> Checkpoint:
    size = require_model_folder(base).bytes
    _require_adapter(adapter)
    source = f"{_digest(adapter)}/{_source(base)}/{RECIPE}"
    key = hashlib.sha256(source.encode()).hexdigest()[:KEY_DIGITS]
    return Checkpoint(cache, adapter.name, source, room=size + SPARE, key=key)


def _build(work: Path, base: Path, adapter: Path, progress: ProgressListener) -> Path:
    checkpoint = work / "checkpoint"
    shutil.rmtree(checkpoint, ignore_errors=True)  # of a run that was killed
    checkpoint.mkdir(parents=True)
    merge(base, adapter, checkpoint, progress)
    (checkpoint / "NOTICE").write_text(_notice(base, adapter), encoding="utf-8")
    return checkpoint


def _notice(base: Path, adapter: Path) -> str:
    earlier = base / "NOTICE"
    inherited = f"{earlier.read_text(encoding='utf-8')}\n" if earlier.is_file() else ""
    return (
        f"{inherited}The LoRA adapter {adapter.name} (sha256 {_digest(adapter)})\n"
        "was merged into these weights. Its own terms apply as well; the file README.md of the adapter tells them.\n"
    )


def _require_adapter(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError("adapter_missing", path=folder)
    try:
        _check(folder)
    except OSError as reason:
        raise UsageError("model_folder_unreadable", path=folder, why=reason.strerror or reason) from reason


def _check(folder: Path) -> None:
    config, weights = folder / CONFIG, folder / WEIGHTS
    if not weights.is_file() and (folder / PICKLED).is_file():
        raise UsageError("adapter_pickled", path=folder, file=PICKLED, expected=WEIGHTS)
    if absent := [file.name for file in (config, weights) if not file.is_file()]:
        raise UsageError("adapter_incomplete", path=folder, files=", ".join(absent))
    if pointers := [file.name for file in (config, weights) if is_pointer(file)]:
        raise UsageError("model_files_are_pointers", path=folder, files=", ".join(pointers))
    if is_damaged(weights):
        raise UsageError("model_weights_damaged", path=folder, files=WEIGHTS)
    _check_config(config)


def _check_config(config: Path) -> None:
    try:
        kind = json.loads(config.read_bytes())["peft_type"]
    except (ValueError, KeyError, TypeError) as reason:
        raise UsageError(
            "adapter_config_broken", path=config.parent, why=f"{type(reason).__name__}: {reason}"
        ) from reason
    if kind != "LORA":
        raise UsageError("adapter_config_broken", path=config.parent, why=f"peft_type: {kind}")


def _digest(adapter: Path) -> str:
    """Of what decides the weights; a card that is edited changes nothing."""
    digests = [sha256(adapter / name) for name in (CONFIG, WEIGHTS)]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _source(base: Path) -> str:
    """What a base was made from, or, for a folder of the user's, what its files look like from outside."""
    if sealed := sealed_source(base):
        return sealed
    files = sorted((path.name, path.stat()) for path in base.iterdir() if path.is_file())
    seen = [(name, state.st_size, state.st_mtime_ns) for name, state in files]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()
