"""What readers of files with one JSON object a document share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

from techgpt_ui.gold.entries import Entry
from techgpt_ui.gold.readers import GoldReader
from techgpt_ui.gold.records import GoldDocument
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally


class JsonRows(GoldReader):
    """A format that is known by the keys of its rows and read row by row."""

    @abstractmethod
    def served(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """The tasks that a row has gold for; empty where it is not in this format."""

    @abstractmethod
    def read(self, entry: Entry, task: str) -> Iterator[GoldDocument]:
        """The documents of a row."""

    def recognises(self, source: Source) -> bool:
        """Whether one of the first rows is in this format."""
        return any(self.served(row) for row in source.probe)

    def tasks(self, source: Source) -> tuple[str, ...]:
        """The tasks that some row has gold for, in the order of first sight."""
        return tuple(dict.fromkeys(task for entry in source.entries(Tally()) for task in self.served(entry.row)))

    def documents(self, source: Source, task: str, tally: Tally) -> Iterator[GoldDocument]:
        """All rows in their order."""
        for entry in source.entries(tally):
            yield from self.read(entry, task)
