"""Raw answers as JSON or JSONL, each read by its task's own parser, as the command ``parse`` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument, from_run
from techgpt_ui.errors import UsageError
from techgpt_ui.gold.entries import Entry, string
from techgpt_ui.gold.places import Place, quoted
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers import base
from techgpt_ui.inputs import check_inputs, language_of, text_of, with_defaults
from techgpt_ui.pipeline import parse_answer
from techgpt_ui.presets import Library, Task
from techgpt_ui.schema import ModelInfo

ANSWERS = ("answer", "raw")
"""Under which names a line may have its answer."""


class Answers(base.Importer):
    """Lines with a task, its inputs and the answer of a model.

    ``task`` is that of lines that name none.
    """

    id: ClassVar[str] = "answers"

    def __init__(self, library: Library | None = None, task: str = "") -> None:
        self._library = library
        self._task = task

    def recognises(self, source: Source) -> bool:
        """Whether one of the first rows has an answer in words and no reading of it."""
        return any(_is_answer(row) for row in source.probe)

    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """One document an answer; what nothing can be read from is counted."""
        for number, entry in enumerate(source.entries(tally), start=1):
            yield self._document(entry, number)

    def _document(self, entry: Entry, number: int) -> AnnotatedDocument:
        row, place = entry.row, entry.place
        task = self._task_of(entry)
        key = next((key for key in ANSWERS if key in row), ANSWERS[0])
        raw = string(entry.get(key), key, place)
        inputs = _inputs(entry, task)
        source = text_of(task, inputs)
        labels = tuple(inputs.get(task.label_input or "", ()))
        stops = self._library.stops if self._library else ()
        result = parse_answer(task, source, raw, stops, labels)
        entry.tally.add("unread_answers", result.status == "unparsed")
        model = base.words_within(row, "model")
        named = ModelInfo(name=model, revision="", dtype="") if model else None
        return from_run(
            result.model_copy(update={"model": named}),
            source=source,
            inputs=inputs,
            lang=language_of(inputs),
            document=_ident(row.get("id")) or str(number),
            title=base.words_within(row, "title") if "title" not in inputs else "",
        )

    def _task_of(self, entry: Entry) -> Task:
        known = self._library.tasks if self._library else {}
        name = string(entry.row.get("task") or self._task, "task", entry.place)
        if name not in known:
            code = "answers_unknown_task" if name else "answers_no_task"
            raise entry.place.fault(code, name=quoted(name), known=", ".join(known))
        return known[name]


def _inputs(entry: Entry, task: Task) -> dict[str, Any]:
    """The inputs as the task wants them, from ``inputs`` or from the line itself."""
    place = entry.place
    given = entry.inner("inputs").row if "inputs" in entry else _beside(entry.row, task)
    try:
        return check_inputs(task, with_defaults(task, given))
    except UsageError as error:
        raise _at(place, error) from error


def _beside(row: Mapping[str, Any], task: Task) -> dict[str, Any]:
    names = {field.name for field in task.inputs}
    return {name: value for name, value in row.items() if name in names}


def _at(place: Place, error: UsageError) -> UsageError:
    """The error of an input, with the place where it stands."""
    return place.fault("answers_bad_inputs", why=error.words("en"), why_zh=error.words("zh"))


def _ident(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _is_answer(row: Mapping[str, Any]) -> bool:
    """A line of Prodigy has a verdict for an answer, and one of our own a reading of it."""
    answer = next((row[key] for key in ANSWERS if key in row), None)
    told = "inputs" in row or "task" in row or isinstance(row.get("text"), str)
    return isinstance(answer, str) and told and "status" not in row and "spans" not in row
