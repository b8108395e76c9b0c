"""All presets, the built-in ones and the user's own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from techgpt_ui.errors import UsageError
from techgpt_ui.presets.base import Preset
from techgpt_ui.presets.example_sets import ExampleSet
from techgpt_ui.presets.files import read_preset
from techgpt_ui.presets.models import ModelPreset
from techgpt_ui.presets.sampling import SamplingPreset
from techgpt_ui.presets.tasks import Task
from techgpt_ui.schema import Record

BUILT_IN = Path(__file__).resolve().parent.parent.parent / "presets"
PresetT = TypeVar("PresetT", bound=Preset)


class Library(Record):
    """All presets, by id."""

    tasks: dict[str, Task]
    models: dict[str, ModelPreset]
    samplings: dict[str, SamplingPreset]
    example_sets: dict[str, ExampleSet] = {}
    """Those that everybody may use."""

    @property
    def stops(self) -> list[str]:
        """Every stop string that some model has."""
        return sorted({stop for model in self.models.values() for stop in model.stops})

    def task(self, task_id: str) -> Task:
        """The task, or a UsageError that lists the known ones."""
        return _lookup(self.tasks, task_id, "unknown_task")

    def sampling(self, sampling_id: str) -> SamplingPreset:
        """The sampling preset, or a UsageError that lists the known ones."""
        return _lookup(self.samplings, sampling_id, "unknown_sampling")


def load_library(extra: Path | None = None) -> Library:
    """Read the built-in presets and, over them, those of the user's own folder."""
    if extra is not None and not extra.is_dir():
        raise UsageError("presets_folder_missing", path=extra)
    roots = [BUILT_IN, *([extra] if extra else [])]
    library = Library(
        tasks=_read_kind(roots, "tasks", Task),
        models=_read_kind(roots, "models", ModelPreset),
        samplings=_read_kind(roots, "sampling", SamplingPreset),
        example_sets=_read_kind(roots, "examples", ExampleSet),
    )
    for task in library.tasks.values():
        library.sampling(task.sampling)
        for target in task.send_to:
            library.task(target)
    for examples in library.example_sets.values():
        library.task(examples.task)
    return library


def adapter_folder(adapter: str, extra: Path | None = None) -> Path:
    """Where the adapter of a model preset lies: in the user's own presets, or else among the built-in ones."""
    own = extra / adapter if extra else None
    return own if own and own.is_dir() else BUILT_IN / adapter


def _read_kind(roots: Iterable[Path], folder: str, kind: type[PresetT]) -> dict[str, PresetT]:
    paths = [path for root in roots for path in sorted((root / folder).glob("*.yaml"))]
    presets = [read_preset(path, kind) for path in paths]
    return {preset.id: preset for preset in sorted(presets, key=lambda preset: preset.rank)}


def _lookup(presets: dict[str, PresetT], key: str, code: str) -> PresetT:
    if key not in presets:
        raise UsageError(code, name=key, known=", ".join(presets))
    return presets[key]
