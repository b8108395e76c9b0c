"""What a reader of gold files is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from techgpt_ui.gold.records import GoldDocument
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally


class GoldReader(ABC):
    """One format of gold files."""

    id: ClassVar[str]

    @abstractmethod
    def recognises(self, source: Source) -> bool:
        """Whether the content looks like this format; never raises for content that is broken further on."""

    @abstractmethod
    def tasks(self, source: Source) -> tuple[str, ...]:
        """The tasks that the file has gold for; empty where it is not in this format after all."""

    def obvious(self, source: Source) -> str | None:
        """The task to take where none was asked for; None where that is for the user to say."""
        held = self.tasks(source)
        return held[0] if len(held) == 1 else None

    @abstractmethod
    def documents(self, source: Source, task: str, tally: Tally) -> Iterator[GoldDocument]:
        """The file's documents for a task that it serves; UsageError with the place of what is wrong."""
