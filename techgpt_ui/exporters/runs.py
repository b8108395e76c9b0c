"""Runs of the history as documents."""

from __future__ import annotations

from pydantic import ValidationError

from techgpt_ui.annotations import AnnotatedDocument, from_run
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.inputs import language_of, text_of
from techgpt_ui.presets import Library
from techgpt_ui.schema import Result
from techgpt_ui.store import RunRecord


def document_of(record: RunRecord, library: Library) -> AnnotatedDocument:
    """A kept run as a document that nobody has judged; WorkbenchError where its Result does not fit its text."""
    variant = record.settings.get("variant")
    try:
        return from_run(
            Result.from_stored(record.result),
            source=text_of(library.tasks.get(record.task), record.inputs),
            inputs=record.inputs,
            lang=language_of(record.inputs),
            run=record.id,
            variant=variant if isinstance(variant, str) else None,
            created=record.created,
            code_version=record.code_version,
        )
    except ValidationError as error:
        raise WorkbenchError("export_bad_run", run=record.id, why=error.errors()[0]["msg"]) from error
