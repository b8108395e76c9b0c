"""Look at a model folder without loading it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from techgpt_ui.errors import UsageError
from techgpt_ui.schema import Record
from techgpt_ui.texts import Text, text

TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json")


class FolderReport(Record):
    """What a model folder holds; ``problems`` is empty when it can be loaded."""

    architecture: str
    bytes: int
    problems: tuple[Text, ...]


def inspect_folder(folder: Path) -> FolderReport:
    """Check that configuration, weights and tokenizer are there; UsageError when ``folder`` is no folder."""
    if not folder.exists():
        raise UsageError("model_folder_missing", path=folder)
    if not folder.is_dir():
        raise UsageError("model_folder_is_file", path=folder)
    config, problems = _read_config(folder)
    weights, weight_problems = _find_weights(folder)
    problems += weight_problems
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        problems.append(text("folder.no_tokenizer"))
    architectures = config.get("architectures") or [config.get("model_type", "?")]
    return FolderReport(
        architecture=str(architectures[0]),
        bytes=sum(path.stat().st_size for path in weights),
        problems=tuple(problems),
    )


def require_model_folder(folder: Path) -> FolderReport:
    """The report of a folder that can be loaded; UsageError says what is missing."""
    report = inspect_folder(folder)
    if report.problems:
        raise UsageError("model_folder_broken", path=folder, why=report.problems[0].en, why_zh=report.problems[0].zh)
    return report


def _read_config(folder: Path) -> tuple[dict[str, Any], list[Text]]:
    path = folder / "config.json"
    if not path.is_file():
        return {}, [text("folder.no_config")]
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}, [text("folder.broken_json", name=path.name)]
    return (config, []) if isinstance(config, dict) else ({}, [text("folder.broken_json", name=path.name)])


def _find_weights(folder: Path) -> tuple[list[Path], list[Text]]:
    for index in ("model.safetensors.index.json", "pytorch_model.bin.index.json"):
        if (folder / index).is_file():
            return _sharded(folder, index)
    single = [folder / name for name in ("model.safetensors", "pytorch_model.bin") if (folder / name).is_file()]
    if single:
        return single[:1], []
    if any(folder.glob("*.enc")):
        return [], [text("folder.encrypted")]
    return [], [text("folder.no_weights")]


def _sharded(folder: Path, index: str) -> tuple[list[Path], list[Text]]:
    try:
        names = sorted(set(json.loads((folder / index).read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return [], [text("folder.broken_json", name=index)]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        return [], [text("folder.missing_shard", name=missing[0], count=len(missing))]
    return [folder / name for name in names], []
