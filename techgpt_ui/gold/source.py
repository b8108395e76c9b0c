"""A gold file, or a folder of them: its bytes, decoded and taken apart when a reader asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any

from techgpt_ui.documents import settle_line_ends
from techgpt_ui.errors import UsageError
from techgpt_ui.gold import json_text
from techgpt_ui.gold.entries import Entry
from techgpt_ui.gold.json_text import Row
from techgpt_ui.gold.places import Place
from techgpt_ui.gold.tally import Tally

PROBED = 20
"""How many rows of a file are looked at to know its format."""


class Source:
    """What a reader reads: one file, or several by name (a folder, an archive)."""

    def __init__(self, name: str, members: Mapping[str, bytes], sha256: str) -> None:
        self.name = name
        self.members = members
        self.sha256 = sha256

    @cached_property
    def text(self) -> str:
        """The only file's text with BOM and line ends settled; UsageError where it is not UTF-8."""
        if len(self.members) != 1:
            raise UsageError("gold_many_files", file=self.name, count=len(self.members))
        return settle_line_ends(decoded(next(iter(self.members.values())), self.name))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The values of a JSONL file, or the elements of one JSON array; UsageError names the line that is broken."""
        if self.text.lstrip().startswith("["):
            return tuple(json_text.rows_of_array(self.text, self.name))
        return tuple(json_text.rows_of_lines(self.text, self.name))

    @cached_property
    def root(self) -> Any:
        """The value of a file that is one JSON text; UsageError names the line that is broken."""
        return json_text.parse(self.text, Place(self.name, 1))

    @cached_property
    def probe(self) -> tuple[Mapping[str, Any], ...]:
        """The first objects among the rows, to know the format by; what is broken is passed over here."""
        return tuple(islice((value for value in self._readable_rows() if isinstance(value, Mapping)), PROBED))

    @cached_property
    def probed_root(self) -> Mapping[str, Any]:
        """The one object that the file is; empty where it is something else or broken."""
        try:
            root = self.root if len(self.members) == 1 else None
        except UsageError:
            return {}
        return root if isinstance(root, Mapping) else {}

    def entries(self, tally: Tally) -> Iterator[Entry]:
        """Every row, which must be an object."""
        for row in self.rows:
            yield Entry(row.value, row.place, tally)

    def complain(self) -> None:
        """UsageError for the first broken line, where the file begins as JSON does."""
        if len(self.members) != 1 or self.text.lstrip()[:1] not in ("{", "["):
            return
        if self.probe:
            tuple(self.entries(Tally()))
        else:
            _ = self.root

    def _readable_rows(self) -> Iterator[Any]:
        if len(self.members) != 1:
            return
        if self.text.lstrip().startswith("["):
            with suppress(UsageError):
                yield from (row.value for row in json_text.rows_of_array(self.text, self.name))
            return
        for line in self.text.split("\n", PROBED * 2)[: PROBED * 2]:
            with suppress(UsageError):
                yield json_text.parse(line, Place(self.name, 1))


def decoded(content: bytes, file: str) -> str:
    """Bytes as UTF-8; UsageError names the line with the first byte that is none."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        place = Place(file, content.count(b"\n", 0, error.start) + 1)
        raise place.fault("gold_not_utf8", byte=f"0x{content[error.start]:02X}") from error


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
