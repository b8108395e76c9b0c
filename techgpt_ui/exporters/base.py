"""What an export format is, and the report of what it could not hold."""

from __future__ import annotations

import io
import zipfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar, Literal

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library
from techgpt_ui.schema import Record
from techgpt_ui.texts import Text, text

Aspect = Literal[
    "mentions", "relations", "items", "fields", "labels", "texts",
    "ungrounded", "alignment", "confidence",
    "verdict", "rejected", "reviewer", "time", "reason", "comment", "original", "added", "skipped",
    "carried", "opinions", "title", "provenance",
]  # fmt: skip
"""Something of a document that a format holds or loses."""

PIECES: frozenset[Aspect] = frozenset(("mentions", "relations", "items", "fields", "labels", "texts"))
REVIEW: frozenset[Aspect] = frozenset(
    ("verdict", "rejected", "reviewer", "time", "reason", "comment", "original", "added", "skipped", "carried")
)
EVERYTHING: frozenset[Aspect] = (
    PIECES | REVIEW | frozenset(("ungrounded", "alignment", "confidence", "opinions", "title", "provenance"))
)

EXTRA = "requirements-export.txt"
"""The file with the libraries that some formats need."""
EPOCH = (1980, 1, 1, 0, 0, 0)


class Loss(Record):
    """How often a format could not hold something, said in both languages."""

    code: str
    count: int
    text: Text


class Losses:
    """Counts by code; the words of code ``C`` are the string ``loss.C``."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, code: str, count: int = 1) -> None:
        """Count something that is lost."""
        self._counts[code] += count

    @property
    def report(self) -> tuple[Loss, ...]:
        """One entry a code, in the order of first count."""
        return tuple(
            Loss(code=code, count=count, text=text(f"loss.{code}", count=count))
            for code, count in self._counts.items()
            if count
        )


class Export(Record):
    """The files of an export, the chief one first, and what they could not hold."""

    files: dict[str, bytes]
    losses: tuple[Loss, ...] = ()

    @property
    def content(self) -> bytes:
        """The only file, or a zip archive of all of them; the same files give the same bytes."""
        return next(iter(self.files.values())) if len(self.files) == 1 else zipped(self.files)

    @property
    def name(self) -> str:
        """What to call ``content``."""
        return next(iter(self.files)) if len(self.files) == 1 else "export.zip"


class Context(Record):
    """What writing needs besides the documents."""

    library: Library


class Exporter(ABC):
    """One format. ``files`` is given documents without the pieces that the format does not want."""

    id: ClassVar[str]
    holds: ClassVar[frozenset[Aspect]]
    """What is kept of a document; all else is counted as lost."""
    needs: ClassVar[str | None] = None
    """The module of an optional library."""

    def wants_settled(self, document: AnnotatedDocument) -> bool:
        """Whether only what a reviewer stands behind may go into it."""
        return False

    @abstractmethod
    def files(self, documents: Sequence[AnnotatedDocument], context: Context, losses: Losses) -> dict[str, bytes]:
        """The export's files by name, the chief one first."""


def library_for(name: str) -> Any:
    """An optional library by its module's name; WorkbenchError names the command that installs it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise WorkbenchError("export_needs_library", name=name.partition(".")[0], file=EXTRA) from error


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive without the time of day."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return sink.getvalue()
