"""Objects of JSON gold files, read key by key; what is missing or of another kind is told with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from techgpt_ui.documents import settle_line_ends
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.tally import Tally


class Entry:
    """One object; its methods raise UsageError with its place."""

    def __init__(self, row: object, place: Place, tally: Tally) -> None:
        if not isinstance(row, Mapping):
            raise place.fault("gold_no_object")
        self.row: Mapping[str, Any] = row
        self.place = place
        self.tally = tally

    def __contains__(self, key: str) -> bool:
        return key in self.row

    def get(self, key: str) -> Any:
        """The value of a key that must be there."""
        if key not in self.row:
            raise self.place.fault("gold_missing_key", name=key, found=quoted(", ".join(self.row)) or "–")
        return self.row[key]

    def given(self, key: str) -> str:
        """A text that a task is given, line ends settled; a blank one is kept and counted: its run will fail."""
        return given(string(self.get(key), key, self.place), self.tally)

    def words(self, key: str) -> str:
        """A string with something in it, line ends settled."""
        return words(self.get(key), key, self.place)

    def whole(self, key: str) -> int:
        """A whole number."""
        return whole(self.get(key), key, self.place)

    def values(self, key: str) -> list[Any]:
        """A list."""
        return listed(self.get(key), key, self.place)

    def strings(self, key: str) -> list[str]:
        """A list of strings, blank ones too, line ends settled."""
        return [settle_line_ends(string(value, key, self.place)) for value in self.values(key)]

    def inner(self, key: str) -> Entry:
        """The object of a key."""
        return Entry(self.get(key), self.place.within(key), self.tally)

    def entries(self, key: str) -> Iterator[Entry]:
        """The objects of a list."""
        for index, value in enumerate(self.values(key)):
            yield Entry(value, self.place.within(key, index), self.tally)


def given(own: str, tally: Tally) -> str:
    """A text that a task is given, line ends settled; a blank one is kept and counted."""
    tally.add("blank_inputs", not own.strip())
    return settle_line_ends(own)


def whole(value: object, key: str, place: Place) -> int:
    """A whole number; true and 1.0 are none."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise place.wrong_kind(key, "whole_number")
    return value


def string(value: object, key: str, place: Place) -> str:
    """A string, perhaps a blank one."""
    if not isinstance(value, str):
        raise place.wrong_kind(key, "string")
    return value


def words(value: object, key: str, place: Place) -> str:
    """A string with something in it, line ends settled."""
    found = settle_line_ends(string(value, key, place))
    if not found.strip():
        raise place.fault("gold_blank", name=quoted(key))
    return found


def listed(value: object, key: str, place: Place) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise place.wrong_kind(key, "list")
    return value


def cells(value: object, count: int, key: str, place: Place) -> list[Any]:
    """A list of at least so many values."""
    found = listed(value, key, place)
    if len(found) < count:
        raise place.fault("gold_few_cells", name=quoted(key), count=count)
    return found
