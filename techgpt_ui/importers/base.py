"""What an import format is, and how its rows become documents."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import ValidationError

from techgpt_ui.annotations import AnnotatedDocument, Decision
from techgpt_ui.documents import mostly_chinese
from techgpt_ui.gold.passages import Passage
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.schema import Mention


class Importer(ABC):
    """One format of annotated files."""

    id: ClassVar[str]

    @abstractmethod
    def recognises(self, source: Source) -> bool:
        """Whether the content looks like this format; never raises for content that is broken further on."""

    @abstractmethod
    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """The file's documents; UsageError with the place of what is wrong, what is left out is counted."""


def mention(ident: str, passage: Passage, start: int, end: int, kind: str, place: Place) -> Mention:
    """A mention as a tool has it: by its place alone."""
    found = passage.mention(start, end, kind, place)
    words = passage.settled[found.start : found.end]
    return Mention(id=ident, type=kind, surface=words, text=words, start=found.start, end=found.end, status="exact")


def document(place: Place, **values: Any) -> AnnotatedDocument:
    """A document of values that a file had; UsageError with the place where they do not go together."""
    text = values["text"]
    usual = {"lang": "zh" if mostly_chinese(text) else "en", "inputs": {"text": text}}
    values = {key: value for key, value in values.items() if value not in (None, "")}
    try:
        return AnnotatedDocument(**usual | {"text": text} | values)
    except ValidationError as error:
        raise place.fault("import_unsound", why=reason(error)) from error


def decision(row: object, place: Place) -> Decision | None:
    """A decision as our own exports write it; None where there is none."""
    if not row:
        return None
    try:
        return Decision.model_validate(row)
    except ValidationError as error:
        raise place.fault("import_unsound", why=reason(error)) from error


def reason(error: ValidationError) -> str:
    """What is wrong with a record, in one line."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return quoted(f"{where}: {first['msg']}" if where else first["msg"])


def moment(value: object) -> datetime | None:
    """A moment from ISO 8601 or from seconds since 1970; None for what is neither."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def usual_task(values: Mapping[str, Any]) -> str:
    """The task whose pieces these are, where a file does not say."""
    if values.get("relations"):
        return "triples"
    return "domain" if values.get("labels") and not values.get("mentions") else "ner"


def words_within(row: object, key: str) -> str:
    """A string of a mapping; "" where there is none."""
    value = row.get(key) if isinstance(row, Mapping) else None
    return value if isinstance(value, str) else ""
