"""Label Studio's export, with verdicts: an annotation is set against the prediction that it began from.

A region of an annotation that is in the prediction too is accepted, or edited where it differs; another one was added;
one of the prediction alone was rejected. Tasks of our own export tell in ``meta`` who judged what, and what is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from pydantic import ValidationError

from techgpt_ui.annotations import AnnotatedDocument, Answer, Decision, FieldValue, Kind, Opinion, Piece, Provenance
from techgpt_ui.gold.entries import Entry
from techgpt_ui.gold.label_studio import annotated_text
from techgpt_ui.gold.passages import Passage
from techgpt_ui.gold.source import Source
from techgpt_ui.gold.tally import Tally
from techgpt_ui.importers import base
from techgpt_ui.schema import Item, Label, Mention, Relation

ANNOTATIONS = ("annotations", "completions")
KIND_OF = {"item": "items", "field": "fields"}
"""By the name of our own controls; any other labels mentions."""

Values = dict[str, tuple[Kind, Any]]
"""By the id of a piece: its kind and value."""


class LabelStudio(base.Importer):
    """``[{"data", "predictions", "annotations", "meta"}]``."""

    id: ClassVar[str] = "label_studio"

    def recognises(self, source: Source) -> bool:
        """Whether one of the first rows is a task with annotations or predictions."""
        keys = (*ANNOTATIONS, "predictions")
        return any(
            isinstance(row.get("data"), Mapping) and any(isinstance(row.get(key), list) for key in keys)
            for row in source.probe
        )

    def documents(self, source: Source, tally: Tally) -> Iterator[AnnotatedDocument]:
        """One document a task."""
        for number, entry in enumerate(source.entries(tally), start=1):
            yield _Task(entry, number).document()


class _Annotation(NamedTuple):
    """One person's work on a task."""

    values: Values
    decision: Decision
    """Who did it and when, with the verdict ``accept``."""


class _Task:
    """A task, read piece by piece."""

    def __init__(self, entry: Entry, number: int) -> None:
        self._entry = entry
        self._number = number
        self._meta: Mapping[str, Any] = entry.row["meta"] if isinstance(entry.row.get("meta"), Mapping) else {}
        self._predictions = list(_entries(entry, "predictions"))
        every = [one for key in ANNOTATIONS for one in _entries(entry, key)]
        self._cancelled = [one for one in every if one.row.get("was_cancelled") is True]
        self._annotations = [one for one in every if one.row.get("was_cancelled") is not True]
        results = [result for one in (*self._annotations, *self._predictions) for result in _entries(one, "result")]
        self._text = annotated_text(entry, results)
        self._passage = Passage(self._text, Tally())
        review = self._meta.get("review")
        self._review: Mapping[str, Any] = review if isinstance(review, Mapping) else {}
        pending = self._meta.get("pending")
        self._pending = set(map(str, pending)) if isinstance(pending, list) else set()

    def document(self) -> AnnotatedDocument:
        """The task as a document."""
        proposed = self._values(self._predictions[0], {}) if self._predictions else {}
        annotations = [self._annotation(one, proposed) for one in self._counted()]
        pieces: dict[str, list[Any]] = {}
        for kind, piece in self._pieces(proposed, annotations):
            pieces.setdefault(kind, []).append(self._with_opinions(piece))
        found = {kind: tuple(group) for kind, group in pieces.items()}
        meta = self._meta
        return base.document(
            self._entry.place,
            id=base.words_within(meta, "document") or str(self._entry.row.get("id", self._number)),
            text=self._passage.settled,
            lang=base.words_within(meta, "lang"),
            title=base.words_within(self._entry.row.get("data"), "title"),
            task=base.words_within(meta, "task") or base.usual_task(found),
            decision=self._whole(annotations),
            provenance=meta.get("provenance") or Provenance(),
            **found,
        )

    def _counted(self) -> list[Entry]:
        """The annotations that count: all of our own export, else the ground truth or the first."""
        if self._review or self._pending or len(self._annotations) < 2:
            return self._annotations
        self._entry.tally.add("further_annotations", len(self._annotations) - 1)
        truth = [one for one in self._annotations if one.row.get("ground_truth") is True]
        return (truth or self._annotations)[:1]

    def _whole(self, annotations: list[_Annotation]) -> Decision | None:
        if told := base.decision(self._meta.get("decision"), self._entry.place):
            return told
        if self._cancelled and not annotations and not self._review:
            return _by(self._cancelled[0]).model_copy(update={"verdict": "skip"})
        return None

    def _annotation(self, entry: Entry, proposed: Values) -> _Annotation:
        return _Annotation(self._values(entry, proposed), _by(entry))

    def _pieces(self, proposed: Values, annotations: list[_Annotation]) -> Iterator[tuple[Kind, Piece[Any]]]:
        drawn: dict[str, tuple[Any, Decision]] = {}
        for annotation in annotations:
            for ident, (_, value) in annotation.values.items():
                drawn[ident] = (value, annotation.decision)
        kinds = {ident: kind for one in annotations for ident, (kind, _) in one.values.items()}
        for ident, (kind, value) in proposed.items():
            yield kind, self._judged(ident, value, drawn.get(ident), bool(annotations))
        for ident in (one for one in kinds if one not in proposed):
            value, decision = drawn[ident]
            given = self._told(ident) if "review" in self._meta else decision
            if given and given.verdict == "edit":
                yield kinds[ident], Piece(id=ident, value=value, edited=value, decision=given, added=True)
            else:
                yield kinds[ident], Piece(id=ident, value=value, decision=given, added=True)

    def _judged(self, ident: str, value: Any, drawn: tuple[Any, Decision] | None, judged: bool) -> Piece[Any]:
        told = self._told(ident)
        if drawn is None:
            absent = told if told and told.verdict not in ("accept", "edit") else None
            if absent is None and judged and ident not in self._pending:
                absent = Decision(verdict="reject")
            return Piece(id=ident, value=value, decision=absent)
        current, decision = drawn
        if _same(value, current) and not (told and told.verdict == "edit"):
            if ident in self._pending or (told and told.verdict not in ("accept", "edit")):
                # Drawn only because a relation ends there.
                return Piece(id=ident, value=value, decision=told)
            return Piece(id=ident, value=value, decision=told if told and told.verdict == "accept" else decision)
        edit = decision.model_copy(update={"verdict": "edit"})
        return Piece(id=ident, value=value, edited=current, decision=told if told and told.verdict == "edit" else edit)

    def _told(self, ident: str) -> Decision | None:
        return base.decision(self._review.get(ident), self._entry.place.within("meta"))

    def _with_opinions(self, piece: Piece[Any]) -> Piece[Any]:
        """The piece with what others said of it, which only our own export tells."""
        told = self._meta.get("opinions")
        rows = told.get(piece.id) if isinstance(told, Mapping) else None
        if not isinstance(rows, list):
            return piece
        opinion: Any = Opinion.__class_getitem__(type(piece.value))
        try:
            return piece.model_copy(update={"opinions": tuple(map(opinion.model_validate, rows))})
        except ValidationError as error:
            raise self._entry.place.within("meta").fault("import_unsound", why=base.reason(error)) from error

    def _values(self, entry: Entry, proposed: Values) -> Values:
        """What the results of a prediction or an annotation say, relations last."""
        found: Values = {}
        results = list(_entries(entry, "result"))
        for result in results:
            if result.row.get("type") != "relation":
                found |= self._value(result)
        known = found | proposed
        for number, result in enumerate((one for one in results if one.row.get("type") == "relation"), start=1):
            found |= self._relations(result, number, known)
        return found

    def _value(self, result: Entry) -> Values:
        kind = result.row.get("type")
        if kind == "labels":
            return self._spans(result)
        values = {"choices": "choices", "textarea": "text"}
        if kind not in values:
            result.tally.add("other_results")
            return {}
        words = result.inner("value").get(values[kind])
        texts = [str(word) for word in words] if isinstance(words, list) else [str(words)]
        ident = str(result.row.get("id", kind))
        if kind == "choices":
            named = {_numbered(ident, at): Label(text=word, score=_score(result)) for at, word in enumerate(texts)}
            return {key: ("labels", value) for key, value in named.items()}
        return {_numbered(ident, at): ("texts", Answer(text=word)) for at, word in enumerate(texts)}

    def _spans(self, result: Entry) -> Values:
        value = result.inner("value")
        labels = value.strings("labels")
        result.tally.add("unlabelled_spans", not labels)
        start, end = value.whole("start"), value.whole("end")
        found: Values = {}
        for at, label in enumerate(labels):
            ident = _numbered(result.words("id"), at)
            mention = base.mention(ident, self._passage, start, end, label, value.place)
            kind = KIND_OF.get(str(result.row.get("from_name")))
            if kind is None:
                found[ident] = ("mentions", mention.model_copy(update={"confidence": _score(result)}))
                continue
            place = {"text": mention.text, "start": mention.start, "end": mention.end, "status": "exact"}
            item = Item.model_validate(place)
            found[ident] = ("items", item) if kind == "items" else ("fields", FieldValue(field=label, **place))
        return found

    def _relations(self, result: Entry, number: int, known: Values) -> Values:
        ends = [result.words(key) for key in ("from_id", "to_id")]
        labels = result.strings("labels") if result.row.get("labels") else []
        result.tally.add("unlabelled_relations", not labels)
        if any(not isinstance(known.get(end, ("", None))[1], Mention) for end in ends):
            result.tally.add("relations_of_left_out")
            return {}
        turned = result.row.get("direction") == "left"
        head, tail = reversed(ends) if turned else ends
        found: Values = {}
        for at, label in enumerate(labels):
            same = (
                key
                for key, (_, value) in known.items()
                if isinstance(value, Relation) and (value.head, value.predicate, value.tail) == (head, label, tail)
            )
            # Label Studio gives relations no ids of its own.
            own = str(result.row["id"]) if result.row.get("id") else next(same, f"relation-{number}")
            ident = _numbered(own, at)
            relation = Relation(id=ident, head=head, predicate=label, tail=tail, confidence=_score(result))
            found[ident] = ("relations", relation)
        return found


def _entries(entry: Entry, key: str) -> Iterator[Entry]:
    return entry.entries(key) if entry.row.get(key) else iter(())


def _numbered(ident: str, at: int) -> str:
    return ident if at == 0 else f"{ident}-{at + 1}"


def _score(result: Entry) -> float | None:
    score = result.row.get("score")
    return float(score) if isinstance(score, (int, float)) and not isinstance(score, bool) else None


def _same(one: Any, other: Any) -> bool:
    loose = {"confidence": None, "score": None}
    return _without(one, loose) == _without(other, loose)


def _without(value: Any, loose: Mapping[str, Any]) -> dict[str, Any]:
    return {key: content for key, content in value.model_dump().items() if key not in loose}


def _by(annotation: Entry) -> Decision:
    """Who annotated and when: by e-mail where the export has it, else by number."""
    who = annotation.row.get("completed_by")
    name = words if (words := base.words_within(who, "email")) else who.get("id") if isinstance(who, Mapping) else who
    when = base.moment(annotation.row.get("updated_at") or annotation.row.get("created_at"))
    return Decision(verdict="accept", reviewer="" if name is None else str(name), time=when)
