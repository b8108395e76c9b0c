"""A document with what was found in it, and what a reviewer decided about each piece.

The one record that every export is written from and every import is read to. It is pure: no database, no model, no
file. Offsets are half-open and count Unicode code points of ``AnnotatedDocument.text``.

A piece keeps what the model proposed in ``value`` for good. A reviewer's correction stands beside it in ``edited``; a
piece that the model missed is ``added``, and then ``value`` is the reviewer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, Field, model_validator

from techgpt_ui.schema import (
    FinishReason,
    Item,
    Label,
    Mention,
    ModelInfo,
    Notice,
    ParseStatus,
    ReadingKey,
    Record,
    Relation,
    Result,
    Usage,
)
from techgpt_ui.texts import Lang

Verdict = Literal["accept", "reject", "edit", "skip", "flag"]
Reason = Literal["boundary", "type", "direction", "hallucinated", "duplicate", "other"]
Kind = Literal["mentions", "relations", "items", "fields", "labels", "texts"]
KINDS: tuple[Kind, ...] = ("mentions", "relations", "items", "fields", "labels", "texts")
ID_LETTERS: Mapping[Kind, str] = dict(zip(KINDS, "mriflt", strict=True))
"""How ids of pieces begin that have none of their own."""


class Decision(Record):
    """What a reviewer decided about a piece, or about a document as a whole."""

    verdict: Verdict
    reviewer: str = ""
    time: AwareDatetime | None = None
    reason: Reason | None = None
    comment: str = ""
    carried: bool = False
    """Taken over from a verdict on the same content elsewhere: nobody looked again."""


class FieldValue(Item):
    """A value of a field of an open extraction."""

    field: str


class Answer(Record):
    """Running text (title, abstract, answer, translation), or a piece of program text with its language."""

    text: str
    language: str | None = None
    """Of program text, "" where the fence names none; None for running text."""


ValueT = TypeVar("ValueT", Mention, Relation, Item, FieldValue, Label, Answer)


class Opinion(Record, Generic[ValueT]):
    """What one of several reviewers of a piece said by himself."""

    decision: Decision
    edited: ValueT | None = None
    """His correction, where he made one that can be said in a piece."""


class Piece(Record, Generic[ValueT]):
    """One thing that can be judged. A mention's or a relation's own id is the piece's."""

    id: str = Field(min_length=1)
    value: ValueT
    edited: ValueT | None = None
    """The corrected value; there just where the verdict is ``edit``."""
    decision: Decision | None = None
    """None: nobody has judged it."""
    added: bool = False
    """A reviewer found it; the model had missed it."""
    model: str = ""
    """The model that proposed it, where that is another than the document's."""
    opinions: tuple[Opinion[ValueT], ...] = ()
    """Of those who judged it besides: the decision is the one that stands."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Piece[ValueT]:
        if (self.edited is not None) != (self.verdict == "edit"):
            raise ValueError("an edited value and the verdict edit belong together")
        for value in (self.value, self.edited):
            if isinstance(value, (Mention, Relation)) and value.id != self.id:
                raise ValueError(f"the piece {self.id!r} holds a value with the id {value.id!r}")
        return self

    @property
    def current(self) -> ValueT:
        """The value as it stands after review."""
        return self.value if self.edited is None else self.edited

    @property
    def verdict(self) -> Verdict | None:
        """The verdict alone."""
        return self.decision.verdict if self.decision else None

    @property
    def rejected(self) -> bool:
        """Whether a reviewer said that it is wrong."""
        return self.verdict == "reject"

    @property
    def settled(self) -> bool:
        """Whether a reviewer stands behind its current value."""
        return self.verdict in ("accept", "edit") or (self.added and self.verdict is None)

    @property
    def confidence(self) -> float | None:
        """The model's confidence in what it proposed, in [0, 1]."""
        if isinstance(self.value, (Mention, Relation)):
            return self.value.confidence
        return self.value.score if isinstance(self.value, Label) else None


class Provenance(Record):
    """How the pieces of a document came about; all empty where no model was asked."""

    run: str = ""
    created: AwareDatetime | None = None
    code_version: str = ""
    model: ModelInfo | None = None
    variant: str | None = None
    """The instruction that was used."""
    prompt: str = ""
    raw: str = ""
    status: ParseStatus = "parsed"
    seed: int | None = None
    sampling: dict[str, Any] = Field(default_factory=dict)
    unparsed: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage | None = None
    fills: tuple[ReadingKey, ...] = ()
    """The keys that the Result had, also where nothing was found."""
    field_names: tuple[str, ...] = ()
    """The fields that the Result had, also those without a value."""

    @property
    def model_version(self) -> str:
        """Name and revision of the model; "" where none is known."""
        return "@".join(filter(None, [self.model.name, self.model.revision])) if self.model else ""


class AnnotatedDocument(Record):
    """One text with its pieces. Ids are unique within the document; relations end at mentions of it."""

    id: str = Field(min_length=1)
    text: str
    """What offsets count in: the passage, or what else was filled in where the task has none."""
    lang: Lang
    title: str = ""
    task: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    mentions: tuple[Piece[Mention], ...] = ()
    relations: tuple[Piece[Relation], ...] = ()
    items: tuple[Piece[Item], ...] = ()
    """Keywords, terms, or the evidence of an answer."""
    fields: tuple[Piece[FieldValue], ...] = ()
    labels: tuple[Piece[Label], ...] = ()
    texts: tuple[Piece[Answer], ...] = ()
    decision: Decision | None = None
    """About the document as a whole; ``skip`` where a reviewer passed it over."""
    provenance: Provenance = Provenance()

    @model_validator(mode="after")
    def _is_sound(self) -> AnnotatedDocument:
        pieces = [piece for _, piece in self.pieces()]
        if len({piece.id for piece in pieces}) < len(pieces):
            raise ValueError("two pieces have one id")
        known = {mention.id for mention in self.mentions}
        for relation in self.relations:
            for value in filter(None, (relation.value, relation.edited)):
                if not {value.head, value.tail} <= known:
                    raise ValueError(f"the relation {relation.id!r} ends at no mention of the document")
        for piece in pieces:
            for value in filter(None, (piece.value, piece.edited)):
                if isinstance(value, (Mention, Item)):
                    self._check_place(piece.id, value)
        return self

    def _check_place(self, piece: str, value: Mention | Item) -> None:
        start, end = value.start, value.end
        if start is None or end is None:
            if (start, end) != (None, None) or value.status != "ungrounded":
                raise ValueError(f"the piece {piece!r} has half a place, or none without being ungrounded")
            return
        if value.status == "ungrounded" or not 0 <= start < end <= len(self.text):
            raise ValueError(f"the piece {piece!r} stands at {start}–{end}, outside a text of {len(self.text)}")
        if isinstance(value, Mention) and value.text != self.text[start:end]:
            raise ValueError(f"the text does not say at {start}–{end} what the piece {piece!r} says")

    def pieces(self) -> Iterator[tuple[Kind, Piece[Any]]]:
        """Every piece with its kind."""
        for kind in KINDS:
            for piece in getattr(self, kind):
                yield kind, piece

    @property
    def reviewed(self) -> bool:
        """Whether anybody has judged anything here."""
        return self.decision is not None or any(piece.decision or piece.added for _, piece in self.pieces())

    def result(self) -> Result:
        """What the model said, in the public form of a run; a reviewer's work is not in it."""
        found: dict[str, Any] = {}
        added = {piece.id for piece in self.mentions if piece.added}
        for kind, piece in self.pieces():
            ends = {piece.value.head, piece.value.tail} if kind == "relations" else set()
            if not piece.added and not ends & added:
                _put(found, kind, piece.value)
        known = self.provenance
        for key in known.fills:
            found.setdefault(key, {} if key == "fields" else "" if key == "text" else ())
        if known.field_names:
            fields = found.get("fields", {})
            found["fields"] = {name: fields.get(name, ()) for name in (*known.field_names, *fields)}
        kept = known.model_dump(include={"status", "prompt", "raw", "seed", "sampling", "unparsed", "finish_reason"})
        return Result(
            task=self.task, model=known.model, notices=known.notices, usage=known.usage, **kept, **found
        )  # fmt: skip


def from_run(
    result: Result,
    *,
    source: str,
    inputs: Mapping[str, Any],
    lang: Lang,
    run: str = "",
    document: str = "",
    title: str = "",
    variant: str | None = None,
    created: datetime | None = None,
    code_version: str = "",
) -> AnnotatedDocument:
    """The document of a run: ``source`` is the text that its offsets count in, nothing is judged yet.

    Raises ValueError where the result names places that the source does not have.
    """
    fields = [
        FieldValue(field=name, **value.model_dump())
        for name, values in (result.fields or {}).items()
        for value in values
    ]
    texts = [Answer(text=result.text)] if result.text else []
    texts += [Answer(text=code.source, language=code.language) for code in result.code or ()]
    kept = result.model_dump(include=Provenance.model_fields.keys() & Result.model_fields.keys())
    fills = [key for key in _READING_KEYS if getattr(result, key) is not None]
    return AnnotatedDocument(
        id=document or run or "1",
        text=source,
        lang=lang,
        title=title,
        task=result.task,
        inputs=dict(inputs),
        mentions=tuple(Piece[Mention](id=mention.id, value=mention) for mention in result.mentions or ()),
        relations=tuple(Piece[Relation](id=relation.id, value=relation) for relation in result.relations or ()),
        items=tuple(Piece[Item](id=f"i{at}", value=item) for at, item in enumerate(result.items or (), 1)),
        fields=tuple(Piece[FieldValue](id=f"f{at}", value=value) for at, value in enumerate(fields, 1)),
        labels=tuple(Piece[Label](id=f"l{at}", value=label) for at, label in enumerate(result.labels or (), 1)),
        texts=tuple(Piece[Answer](id=f"t{at}", value=answer) for at, answer in enumerate(texts, 1)),
        provenance=Provenance(
            run=run, created=created, code_version=code_version, variant=variant, fills=fills,
            field_names=tuple(result.fields or ()), **kept
        ),
    )  # fmt: skip


_READING_KEYS: tuple[ReadingKey, ...] = ("mentions", "relations", "items", "fields", "labels", "text", "code")


def _put(found: dict[str, Any], kind: Kind, value: Any) -> None:
    """Add a value under the key that a Result has for it."""
    if isinstance(value, FieldValue):
        fields = found.setdefault("fields", {})
        fields[value.field] = (*fields.get(value.field, ()), Item(**value.model_dump(exclude={"field"})))
    elif isinstance(value, Answer):
        if value.language is None:
            found["text"] = "\n\n".join(filter(None, [found.get("text"), value.text]))
        else:
            found["code"] = (*found.get("code", ()), {"language": value.language, "source": value.text})
    else:
        found[kind] = (*found.get(kind, ()), value)
