"""doccano's JSONL: what stands there after people worked on it, which is taken for accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument, Decision, Piece
from techgpt_ui.gold.doccano import LABEL_KEYS, TEXT_KEYS
from techgpt_ui.gold.doccano import Doccano as Gold
from techgpt_ui.gold.entries import Entry, cells, string, whole, words
from techgpt_ui.gold.passages import Passage
from techgpt_ui.gold.places import quoted
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers import base
from techgpt_ui.schema import Label, Mention, Relation

ACCEPTED = Decision(verdict="accept")


class Doccano(base.Importer):
    """Entities with relations, spans as lists, or labels of the whole text."""

    id: ClassVar[str] = "doccano"

    def recognises(self, source: Source) -> bool:
        """As for gold."""
        return Gold().recognises(source)

    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """One document a row."""
        for number, entry in enumerate(source.entries(tally), start=1):
            yield _document(entry, number)


def _document(entry: Entry, number: int) -> AnnotatedDocument:
    key = next((key for key in TEXT_KEYS if isinstance(entry.row.get(key), str)), TEXT_KEYS[0])
    passage = Passage(string(entry.get(key), key, entry.place), entry.tally)
    found = _related(entry, passage) if "entities" in entry else _labelled(entry, passage)
    return base.document(
        entry.place,
        id=base.words_within(entry.row, "document") or str(entry.row.get("id", number)),
        text=passage.settled,
        title=base.words_within(entry.row, "title"),
        task=base.usual_task(found),
        **found,
    )


def _related(entry: Entry, passage: Passage) -> dict[str, tuple[Piece[Any], ...]]:
    ids: dict[str, str] = {}
    mentions = []
    for at, one in enumerate(entry.entries("entities"), start=1):
        ids[str(one.row.get("id", at - 1))] = ident = f"m{at}"
        start, end = one.whole("start_offset"), one.whole("end_offset")
        value = base.mention(ident, passage, start, end, one.words("label"), one.place)
        mentions.append(Piece[Mention](id=ident, value=value, decision=ACCEPTED))
    relations = []
    for at, one in enumerate(entry.entries("relations") if entry.row.get("relations") else (), start=1):
        ends = [str(one.get(key)) for key in ("from_id", "to_id")]
        if unknown := [name for name in ends if name not in ids]:
            raise one.place.fault("gold_unknown_id", name=quoted(unknown[0]))
        relation = Relation(id=f"r{at}", head=ids[ends[0]], predicate=one.words("type"), tail=ids[ends[1]])
        relations.append(Piece[Relation](id=f"r{at}", value=relation, decision=ACCEPTED))
    return {"mentions": tuple(mentions), "relations": tuple(relations)}


def _labelled(entry: Entry, passage: Passage) -> dict[str, tuple[Piece[Any], ...]]:
    key = next((key for key in LABEL_KEYS if isinstance(entry.row.get(key), list)), LABEL_KEYS[0])
    mentions: list[Piece[Any]] = []
    labels: list[Piece[Any]] = []
    for at, found in enumerate(entry.values(key), start=1):
        place = entry.place.within(key, at - 1)
        if isinstance(found, str):
            labels.append(Piece[Label](id=f"l{at}", value=Label(text=found, score=None), decision=ACCEPTED))
            continue
        start, end, kind = cells(found, 3, key, place)[:3]
        value = base.mention(
            f"m{at}", passage, whole(start, key, place), whole(end, key, place), words(kind, key, place), place
        )
        mentions.append(Piece[Mention](id=f"m{at}", value=value, decision=ACCEPTED))
    return {"mentions": tuple(mentions), "labels": tuple(labels)}
