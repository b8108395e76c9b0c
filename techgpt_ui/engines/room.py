"""Whether a checkpoint has room in memory beside all that is there now."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from techgpt_ui.settings import Settings
from techgpt_ui.weights import choose_target, machine_report, memory_needed, stored_tensors


class Room(NamedTuple):
    """Bytes that a model needs, and bytes that are free on its device; None where the driver does not tell."""

    needed: int
    free: int | None
    dtype: str
    device: str

    @property
    def fits(self) -> bool:
        """Whether the model can be loaded beside what is loaded; False where nobody knows."""
        return self.free is not None and self.needed <= self.free


def room_for(folder: Path, settings: Settings) -> Room:
    """What the checkpoint of a folder needs in the dtype and on the device set; UsageError where there is no folder."""
    machine = machine_report(settings.data)
    target = choose_target(machine, dtype=settings.dtype, device=settings.device)
    if target.gpu is None:
        free: int | None = machine.memory_free
    else:
        free = machine.gpus[target.gpu].memory_free if target.gpu < len(machine.gpus) else None
    needed = memory_needed(stored_tensors(folder), target.dtype).memory
    return Room(needed, free, target.dtype, target.device)
