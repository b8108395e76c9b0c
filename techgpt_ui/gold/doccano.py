"""doccano's JSONL: spans as objects with relations, as ``[start, end, type]``, or labels of the whole text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from techgpt_ui.gold.entries import Entry, cells, string, whole, words
from techgpt_ui.gold.json_rows import JsonRows
from techgpt_ui.gold.passages import Passage, in_order
from techgpt_ui.gold.records import GoldDocument, GoldMention, GoldTriple
from techgpt_ui.gold.source import Source

TEXT_KEYS = ("text", "data")
LABEL_KEYS = ("label", "labels")


class Doccano(JsonRows):
    """``{"text": …, "entities": […], "relations": […]}`` or ``{"text": …, "label": [[0, 4, "ORG"]]}``."""

    id: ClassVar[str] = "doccano"

    def recognises(self, source: Source) -> bool:
        """Whether one of the first rows has a span as doccano writes it, or a list of labels."""
        return any(self.served(row) and _is_own(row) for row in source.probe)

    def served(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Entities and triples, or the one label of a text."""
        if _key(row, TEXT_KEYS, str) is None:
            return ()
        if isinstance(row.get("entities"), list):
            return ("ner", "triples") if row.get("relations") else ("ner",)
        label = row.get(_key(row, LABEL_KEYS, list) or "")
        if not label:
            return ()
        return ("domain",) if isinstance(label[0], str) else ("ner",)

    def read(self, entry: Entry, task: str) -> Iterator[GoldDocument]:
        """One document a row; a text without a label is counted and left out."""
        key = _key(entry.row, TEXT_KEYS, str) or "text"
        document = GoldDocument(line=entry.place.line or 0, inputs={"text": entry.given(key)})
        if task == "domain":
            yield from _labelled(document, entry)
            return
        passage = Passage(string(entry.get(key), key, entry.place), type(entry.tally)())
        if task == "ner":
            spans = _entities(entry, passage).values() if "entities" in entry else _triplets(entry, passage)
            yield document.model_copy(update={"mentions": in_order(spans, entry.tally)})
        else:
            triples = entry.tally.unique(_relations(entry, passage), "repeated_triples")
            yield document.model_copy(update={"relations": triples})


def _is_own(row: Mapping[str, Any]) -> bool:
    entities = row.get("entities")
    if isinstance(entities, list):
        return any(isinstance(entity, Mapping) and "start_offset" in entity for entity in entities)
    return not row.keys() & {"mentions", "relations", "items"}


def _labelled(document: GoldDocument, entry: Entry) -> Iterator[GoldDocument]:
    labels = entry.strings(_label_key(entry))
    if len(labels) > 1:
        raise entry.place.fault("gold_several_labels", count=len(labels))
    if labels:
        yield document.model_copy(update={"label": words(labels[0], "label", entry.place)})
    entry.tally.add("unannotated", not labels)


def _triplets(entry: Entry, passage: Passage) -> Iterator[GoldMention]:
    key = _label_key(entry)
    for index, span in enumerate(entry.values(key)):
        place = entry.place.within(key, index)
        start, end, kind = cells(span, 3, key, place)[:3]
        yield passage.mention(whole(start, key, place), whole(end, key, place), words(kind, key, place), place)


def _entities(entry: Entry, passage: Passage) -> dict[str, GoldMention]:
    return {
        str(one.row.get("id", index)): passage.mention(
            one.whole("start_offset"), one.whole("end_offset"), one.words("label"), one.place
        )
        for index, one in enumerate(entry.entries("entities"))
    }


def _relations(entry: Entry, passage: Passage) -> Iterator[GoldTriple]:
    surfaces = {key: passage.surface(mention) for key, mention in _entities(entry, passage).items()}
    for relation in entry.entries("relations"):
        ends = [str(relation.get(key)) for key in ("from_id", "to_id")]
        for end in ends:
            if end not in surfaces:
                raise relation.place.fault("gold_unknown_id", name=end)
        yield GoldTriple(head=surfaces[ends[0]], predicate=relation.words("type"), tail=surfaces[ends[1]])


def _label_key(entry: Entry) -> str:
    return _key(entry.row, LABEL_KEYS, list) or "label"


def _key(row: Mapping[str, Any], keys: tuple[str, ...], kind: type) -> str | None:
    return next((key for key in keys if isinstance(row.get(key), kind)), None)
