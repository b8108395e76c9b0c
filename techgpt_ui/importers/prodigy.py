"""Prodigy's JSONL: the answer of an example is the verdict on what it holds; examples of one document become one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from techgpt_ui.annotations import AnnotatedDocument, Decision, Kind, Piece, Verdict
from techgpt_ui.gold.entries import Entry
from techgpt_ui.gold.passages import Passage
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers import base
from techgpt_ui.schema import Label, Mention, Relation

VERDICTS: dict[str, Verdict] = {"accept": "accept", "reject": "reject", "ignore": "skip"}


class Prodigy(base.Importer):
    """``{"text", "spans", "relations", "accept", "answer"}``."""

    id: ClassVar[str] = "prodigy"

    def recognises(self, source: Source) -> bool:
        """Whether one of the first rows has an answer or tokens beside its spans."""
        return any(
            isinstance(row.get("text"), str)
            and (row.get("answer") in VERDICTS or isinstance(row.get("tokens"), list) or "_task_hash" in row)
            for row in source.probe
        )

    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """One document for all examples that name it, or else for all of one text."""
        builders: dict[str, _Builder] = {}
        for number, entry in enumerate(source.entries(tally), start=1):
            named = base.words_within(entry.row.get("meta"), "document")
            text = entry.words("text")
            key = f"id {named}" if named else f"text {text}"
            builders.setdefault(key, _Builder(entry, named or str(number))).add(entry)
        for builder in builders.values():
            yield builder.document()


class _Builder:
    """Gathers the examples of one document."""

    def __init__(self, entry: Entry, ident: str) -> None:
        self._place = entry.place
        self._ident = ident
        self._passage = Passage(entry.words("text"), entry.tally)
        self._meta = entry.row.get("meta")
        self._pieces: dict[str, tuple[Kind, Piece[Any]]] = {}
        self._whole: Decision | None = None

    def add(self, entry: Entry) -> None:
        """Take over what an example holds; what another one said before is replaced where this one decides."""
        answer = _answer(entry)
        before = len(self._pieces)
        for span in _listed(entry, "spans"):
            self._span(span, answer)
        for relation in _listed(entry, "relations"):
            self._relation(relation, answer)
        for option in entry.strings("accept") if entry.row.get("accept") else ():
            self._put("labels", f"l {option}", Label(text=option, score=None), answer, entry)
        empty = before == len(self._pieces) and not entry.row.get("spans")
        told = entry.row["meta"].get("decision") if isinstance(entry.row.get("meta"), Mapping) else None
        if told:
            self._whole = base.decision(told, entry.place)
        elif empty and answer and answer.verdict == "skip":
            self._whole = answer

    def document(self) -> AnnotatedDocument:
        """All of it."""
        found: dict[str, tuple[Piece[Any], ...]] = {}
        for kind, piece in self._pieces.values():
            found[kind] = (*found.get(kind, ()), piece)
        return base.document(
            self._place,
            id=self._ident,
            text=self._passage.settled,
            lang=base.words_within(self._meta, "lang"),
            title=base.words_within(self._meta, "title"),
            task=base.words_within(self._meta, "task") or base.usual_task(found),
            decision=self._whole,
            **found,
        )

    def _span(self, span: Entry, answer: Decision | None) -> str:
        start, end, kind = span.whole("start"), span.whole("end"), span.words("label")
        ident = str(span.row.get("id") or f"{start}-{end} {kind}")
        value = base.mention(ident, self._passage, start, end, kind, span.place)
        score = span.row.get("score")
        if isinstance(score, (int, float)) and not isinstance(score, bool):
            value = value.model_copy(update={"confidence": float(score)})
        self._put("mentions", ident, value, answer, span)
        return ident

    def _relation(self, relation: Entry, answer: Decision | None) -> None:
        # The ends of a relation that was rejected alone are not rejected with it.
        standing = answer if answer and answer.verdict == "accept" else None
        ends = [self._span(relation.inner(key), standing) for key in ("head_span", "child_span")]
        label = relation.words("label")
        ident = str(relation.row.get("id") or f"{ends[0]} {label} {ends[1]}")
        value = Relation(id=ident, head=ends[0], predicate=label, tail=ends[1])
        self._put("relations", ident, value, answer, relation)

    def _put(self, kind: Kind, ident: str, value: Any, answer: Decision | None, entry: Entry) -> None:
        known = self._pieces.get(ident)
        told = base.decision(entry.row.get("decision"), entry.place)
        decision = told or (None if entry.row.get("pending") is True else answer)
        if known and (decision is None or known[1].decision):
            return
        edited = value if decision and decision.verdict == "edit" else None
        added = entry.row.get("added") is True
        piece: Piece[Any] = _TYPES[kind](id=ident, value=value, edited=edited, decision=decision, added=added)
        self._pieces[ident] = (kind, piece)


_TYPES: Mapping[str, type[Piece[Any]]] = {
    "mentions": Piece[Mention],
    "relations": Piece[Relation],
    "labels": Piece[Label],
}


def _listed(entry: Entry, key: str) -> Iterator[Entry]:
    return entry.entries(key) if entry.row.get(key) else iter(())


def _answer(entry: Entry) -> Decision | None:
    verdict = VERDICTS.get(str(entry.row.get("answer")))
    if verdict is None:
        return None
    who = next((entry.row[key] for key in ("_annotator_id", "_session_id") if entry.row.get(key)), "")
    return Decision(verdict=verdict, reviewer=str(who), time=base.moment(entry.row.get("_timestamp")))
