"""The workbench's own gold files: JSONL, one document a line, with the keys of its task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

from techgpt_ui.gold.entries import Entry, string
from techgpt_ui.gold.passages import Passage, in_order
from techgpt_ui.gold.readers import GoldReader
from techgpt_ui.gold.records import GoldDocument, GoldTriple
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally

Fields = dict[str, Any]
Read = Callable[[Entry], Fields]


class Shape(NamedTuple):
    """How the lines of a task look."""

    keys: Mapping[str, tuple[type, ...]]
    """The keys that tell it (``|`` parts alternatives), with the kinds of value that tell it from other forms."""
    read: Read
    own: str | None = None
    """A key that makes this task the obvious one among those that fit."""

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Whether a line has the keys, with values of the kind that tells this form from others'."""
        return all(any(isinstance(row.get(name), kinds) for name in key.split("|")) for key, kinds in self.keys.items())


class ContractJsonl(GoldReader):
    """``{"text": …, "mentions": …}`` and its like; keys that no task asks for are ignored."""

    id: ClassVar[str] = "jsonl"

    def recognises(self, source: Source) -> bool:
        """Whether one of the first lines has the keys of some task."""
        return any(shape.fits(row) for row in source.probe for shape in SHAPES.values())

    def tasks(self, source: Source) -> tuple[str, ...]:
        """The tasks that the lines name where they name several, else those whose keys they have."""
        rows = [entry.row for entry in source.entries(Tally())]
        named = {_named(row) for row in rows}
        if len(named) > 1:
            return tuple(task for task in SHAPES if task in named)
        return tuple(task for task, shape in SHAPES.items() if any(shape.fits(row) for row in rows))

    def obvious(self, source: Source) -> str | None:
        """The task that the lines name, the only one that fits, or the one whose own word the keys are."""
        held = self.tasks(source)
        rows = [entry.row for entry in source.entries(Tally())]
        named = {_named(row) for row in rows}
        candidates = [task for task in held if task in named] if len(named) == 1 else []
        candidates = candidates or [task for task in held if all(SHAPES[task].own in row for row in rows)] or list(held)
        return candidates[0] if len(candidates) == 1 else None

    def documents(self, source: Source, task: str, tally: Tally) -> Iterator[GoldDocument]:
        """One document a line; in a file of several tasks only the lines of this one."""
        lines = list(source.entries(tally))
        mixed = len({_named(line.row) for line in lines}) > 1
        for line in lines:
            if not mixed or (_named(line.row) or task) == task:
                yield GoldDocument(line=line.place.line or 0, **SHAPES[task].read(line))


def _named(row: Mapping[str, Any]) -> str | None:
    name = row.get("task")
    return name if isinstance(name, str) and name in SHAPES else None


def _ner(line: Entry) -> Fields:
    passage = Passage(string(line.get("text"), "text", line.place), line.tally)
    mentions = (
        passage.mention(one.whole("start"), one.whole("end"), one.words("type"), one.place)
        for one in line.entries("mentions")
    )
    return {"inputs": {"text": passage.settled}, "mentions": in_order(mentions, line.tally)}


def _triples(line: Entry) -> Fields:
    triples = (
        GoldTriple(head=one.words("head"), predicate=one.words("predicate"), tail=one.words("tail"))
        for one in line.entries("relations")
    )
    return {"inputs": {"text": line.given("text")}, "relations": line.tally.unique(triples, "repeated_triples")}


def _items(line: Entry) -> Fields:
    items = line.tally.filled(line.strings("items"), "blank_items")
    return {"inputs": {"text": line.given("text")}, "items": line.tally.unique(items, "repeated_items")}


def _domain(line: Entry) -> Fields:
    return {"inputs": {"text": line.given("text")}, "label": line.words("label")}


def _title(line: Entry) -> Fields:
    return {"inputs": {"abstract": line.given("abstract")}, "texts": (line.words("title"),)}


def _abstract(line: Entry) -> Fields:
    return {"inputs": {"title": line.given("title")}, "texts": (line.words("abstract"),)}


def _answers(line: Entry, passage: str) -> Fields:
    given = next((key for key in (passage, "passage", "context") if key in line), passage)
    return {
        "inputs": {passage: line.given(given), "question": line.given("question")},
        "texts": line.tally.filled(line.strings("answers"), "blank_answers"),
    }


def _translation(line: Entry) -> Fields:
    several = isinstance(line.get("reference"), list)
    references = (
        line.tally.filled(line.strings("reference"), "blank_answers") if several else (line.words("reference"),)
    )
    if not references:
        raise line.place.fault("gold_blank", name="reference")
    return {"inputs": {"text": line.given("text"), "direction": line.words("direction")}, "texts": references}


def _open_ie(line: Entry) -> Fields:
    fields = line.inner("fields")
    if not fields.row:
        raise line.place.fault("gold_blank", name="fields")
    pairs = [
        (name, value)
        for name, found in fields.row.items()
        for value in ([fields.words(name)] if isinstance(found, str) else fields.strings(name))
    ]
    filled = [pair for pair in pairs if pair[1].strip()]
    line.tally.add("blank_items", len(pairs) - len(filled))
    inputs = {"text": line.given("text"), "fields": list(fields.row)}
    return {"inputs": inputs, "fields": line.tally.unique(filled, "repeated_items")}


def _code(line: Entry) -> Fields:
    language = {"language": line.words("language")} if "language" in line else {}
    return {"inputs": language | {"request": line.given("request")}}


_PASSAGE = {"passage|context": (str,), "question": (str,), "answers": (list,)}
_TITLE = {"abstract": (str,), "title": (str,)}
_ITEMS = {"text": (str,), "items": (list,)}

SHAPES: dict[str, Shape] = {
    "ner": Shape({"text": (str,), "mentions": (list,)}, _ner),
    "triples": Shape({"text": (str,), "relations": (list,)}, _triples),
    "terms": Shape(_ITEMS, _items),
    "keywords": Shape(_ITEMS, _items),
    "domain": Shape({"text": (str,), "label": (str,)}, _domain),
    "abstract_to_title": Shape(_TITLE, _title),
    "title_to_abstract": Shape(_TITLE, _abstract),
    "mrc": Shape(_PASSAGE, partial(_answers, passage="passage"), own="passage"),
    "context_qa": Shape(_PASSAGE, partial(_answers, passage="context"), own="context"),
    "translation": Shape({"text": (str,), "direction": (str,), "reference": (str, list)}, _translation),
    "open_ie": Shape({"text": (str,), "fields": (dict,)}, _open_ie),
    "code": Shape({"request": (str,)}, _code),
}
"""By the task's id."""
