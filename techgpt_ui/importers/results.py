"""Results as JSON or JSONL: our own export with reviews, ``run --json``, and the file of a run from the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import ValidationError

from techgpt_ui.annotations import KINDS, AnnotatedDocument, from_run
from techgpt_ui.documents import settle_line_ends
from techgpt_ui.gold.entries import Entry
from techgpt_ui.gold.places import Place
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers import base
from techgpt_ui.inputs import language_of, text_of
from techgpt_ui.presets import Library
from techgpt_ui.schema import Item, Mention, Result

BESIDE = {"document", "inputs", "provenance", "review"}
"""What stands in a line beside the keys of a Result."""


class Results(base.Importer):
    """Lines with the keys of a Result."""

    id: ClassVar[str] = "jsonl"

    def __init__(self, library: Library | None = None, source: str | None = None) -> None:
        self._library = library
        self._source = source

    def recognises(self, source: Source) -> bool:
        """Whether one of the first rows, or the file as a whole, is a Result or a run."""
        return any(_is_result(row) for row in (*source.probe, source.probed_root))

    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """One document a Result."""
        if (len(source.probe) == 1 and _is_result(source.probed_root)) or not source.probe:
            entries = [Entry(source.root, Place(source.name, 1), tally)]
        else:
            entries = list(source.entries(tally))
        for number, entry in enumerate(entries, start=1):
            yield self._document(entry, number)

    def _document(self, entry: Entry, number: int) -> AnnotatedDocument:
        row = entry.row
        if isinstance(row.get("run"), Mapping):
            return self._document(Entry(_of_run(entry.inner("run").row), entry.place, entry.tally), number)
        try:
            result = Result.from_stored({key: value for key, value in row.items() if key not in BESIDE})
        except ValidationError as error:
            raise entry.place.fault("export_bad_result", why=base.reason(error)) from error
        about = row["document"] if isinstance(row.get("document"), Mapping) else {}
        inputs = row["inputs"] if isinstance(row.get("inputs"), Mapping) else {}
        text = self._text(entry, result, inputs)
        origin = row["provenance"] if isinstance(row.get("provenance"), Mapping) else {}
        try:
            found = from_run(
                result,
                source=text,
                inputs=inputs,
                lang=about.get("lang") or language_of(inputs or {"text": text}),
                document=about.get("id") or base.words_within(origin, "run") or str(number),
                title=base.words_within(about, "title"),
                **{"run": "", **_origin(origin)},
            )
            return _reviewed(found, row.get("review"))
        except ValidationError as error:
            raise entry.place.fault("export_bad_result", why=base.reason(error)) from error

    def _text(self, entry: Entry, result: Result, inputs: Mapping[str, Any]) -> str:
        """The text that offsets count in: the one beside the Result, of its inputs, or given."""
        about = entry.row.get("document")
        if isinstance(about, Mapping) and isinstance(about.get("text"), str):
            return str(about["text"])
        if inputs:
            task = self._library.tasks.get(result.task) if self._library else None
            return text_of(task, inputs)
        if self._source is not None:
            return settle_line_ends(self._source)
        if _has_places(result):
            raise entry.place.fault("export_no_source_text")
        return ""


def _is_result(row: Mapping[str, Any]) -> bool:
    if row.get("format") == "techgpt-run":
        return True
    return isinstance(row.get("task"), str) and "status" in row and "raw" in row


def _of_run(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run of the history as a line of our own."""
    settings = run["settings"] if isinstance(run.get("settings"), Mapping) else {}
    result = run["result"] if isinstance(run.get("result"), Mapping) else {}
    told = {"run": run.get("id"), "created": run.get("created"), "code_version": run.get("code_version")}
    return {**result, "inputs": run.get("inputs"), "provenance": told | {"variant": settings.get("variant")}}


def _origin(told: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: told[name] for name in ("run", "code_version", "variant") if isinstance(told.get(name), str)}
    return known | {"created": base.moment(told.get("created"))}


def _has_places(result: Result) -> bool:
    pieces: list[Mention | Item] = [*(result.mentions or ()), *(result.items or ())]
    pieces += [value for values in (result.fields or {}).values() for value in values]
    return any(piece.start is not None for piece in pieces)


def _reviewed(document: AnnotatedDocument, review: object) -> AnnotatedDocument:
    """The document with the pieces as they were judged; ValidationError where they are not sound."""
    if not isinstance(review, Mapping) or not review:
        return document
    told = {key: review[key] for key in (*KINDS, "decision") if key in review}
    known = document.model_dump()
    return AnnotatedDocument.model_validate({**known, **told})
