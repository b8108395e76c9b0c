"""What is said of each weight file, and how far the work on them is."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal, TypeVar

from techgpt_ui.schema import Record
from techgpt_ui.weights.findings import Finding

FileState = Literal[
    "right", "kept", "unchecked", "encrypted", "unknown",
    "damaged", "wrong_key", "wrong", "missing", "in_the_way", "not_tried",
]  # fmt: skip
Stage = Literal["check", "decrypt"]


class FileOutcome(Record):
    """What became of a file, or what it was found to be; md5 as hexadecimal digits, None where it was not computed."""

    name: str
    state: FileState
    finding: Finding
    size: int = 0
    md5: str | None = None
    md5_encrypted: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing needs to be mended."""
        return self.finding.severity != "error"


@dataclass(frozen=True)
class WeightsStep:
    """One sign of life: bytes of all files of this stage; ``outcome`` where a file is settled."""

    stage: Stage
    file: str
    done: int
    total: int
    outcome: FileOutcome | None = None


Result = TypeVar("Result")


def relayed(
    work: Generator[int, None, Result], stage: Stage, file: str, done: int, total: int
) -> Generator[WeightsStep, None, Result]:
    """Tell of work on one file as part of a stage, of which ``done`` bytes lie behind it; returns its result."""
    with closing(work):
        while True:
            try:
                count = next(work)
            except StopIteration as end:
                return end.value
            yield WeightsStep(stage, file, done + count, total)
