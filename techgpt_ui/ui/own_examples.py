"""The example sets that people made for themselves: presets in a folder of each person's own.

The folder has the shape of ``TECHGPT_PRESETS``, so whoever runs the server can hand a set to everybody by copying it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters.few_shot import preset_bytes
from techgpt_ui.presets import ExampleSet, Library, read_preset
from techgpt_ui.weights.files import sync_folder

log = logging.getLogger(__name__)

SETS_LIMIT = 200
"""Sets that a person may keep."""
TRIES = 10_000


class OwnExamples:
    """Example sets by person; nobody sees or changes another's."""

    def __init__(self, data: Path, library: Library) -> None:
        self._root = data / "presets"
        self._library = library

    def of(self, owner: str, task: str | None = None) -> dict[str, ExampleSet]:
        """The person's sets by id, of one task or all; a file that cannot be read is left out, and logged."""
        paths = sorted(self._folder(owner).glob("*.yaml")) if owner else ()
        sets = (made for path in paths if (made := _read(path)))
        return {made.id: made for made in sets if task in (None, made.task)}

    def offered(self, owner: str) -> dict[str, dict[str, ExampleSet]]:
        """What the tab of each task offers a person, by task: everybody's sets, and his own."""
        found: dict[str, dict[str, ExampleSet]] = {}
        for ident, made in (self._library.example_sets | self.of(owner)).items():
            found.setdefault(made.task, {})[ident] = made
        return found

    def keep(self, owner: str, examples: ExampleSet) -> ExampleSet:
        """Add a set under a free id that begins as its own; nothing is ever overwritten.

        UsageError where the person keeps too many, WorkbenchError where the folder cannot be written.
        """
        if not owner:
            raise UsageError("review_no_cookie")
        folder = self._folder(owner)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if sum(1 for _ in folder.glob("*.yaml")) >= SETS_LIMIT:
                raise UsageError("examples_too_many", limit=SETS_LIMIT)
            return _added(folder, examples)
        except OSError as error:
            raise WorkbenchError("file_not_written", path=folder, why=error.strerror or error) from error

    def delete(self, owner: str, ident: str) -> None:
        """Delete one of the person's sets; one that is not there is as good as deleted."""
        if ident in self.of(owner):
            (self._folder(owner) / f"{ident}.yaml").unlink(missing_ok=True)

    def _folder(self, owner: str) -> Path:
        """Named by a digest: an owner's key opens his history, so no file name may hold it."""
        return self._root / hashlib.sha256(owner.encode()).hexdigest()[:32] / "examples"


def _read(path: Path) -> ExampleSet | None:
    try:
        state = path.stat()
        return _read_once(path, state.st_mtime_ns, state.st_size)
    except (UsageError, OSError) as error:
        log.warning("an example set is left out: %s", error)
        return None


@lru_cache(maxsize=1024)
def _read_once(path: Path, changed_ns: int, size: int) -> ExampleSet:
    """A file never changes once it is there, and YAML is slow to read."""
    return read_preset(path, ExampleSet)


def _added(folder: Path, examples: ExampleSet) -> ExampleSet:
    for number in range(1, TRIES):
        named = examples.model_copy(update={"id": f"{examples.id}-{number}"})
        if not (folder / f"{named.id}.yaml").exists() and _linked(folder, named):
            return named
    raise UsageError("examples_too_many", limit=TRIES)


def _linked(folder: Path, examples: ExampleSet) -> bool:
    """Write a file aside and give it its name, which fails where somebody else was faster."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".new.") as aside:
        aside.write(preset_bytes(examples))
        aside.flush()
        os.fsync(aside.fileno())
        try:
            os.link(aside.name, folder / f"{examples.id}.yaml")
        except FileExistsError:
            return False
    sync_folder(folder)
    return True
