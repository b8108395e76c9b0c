"""Frozen records that travel through the product, from a parsed answer to the Result of a run.

Offsets are half-open and count Unicode code points.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict

from techgpt_ui.texts import Lang, Text

AlignmentStatus = Literal["exact", "normalized", "fuzzy", "ambiguous", "ungrounded"]
ParseStatus = Literal["parsed", "partial", "unparsed"]
FinishReason = Literal["stop", "length", "cancelled"]
ReadingKey = Literal["mentions", "relations", "items", "fields", "labels", "text", "code"]
"""The keys of a Result that hold what was read from an answer."""


class Record(BaseModel):
    """Base of all records: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class ChatMessage(TypedDict):
    """One turn as chat templates expect it."""

    role: str
    content: str


class Segment(Record):
    """A stretch of a prompt: ``control`` text may name special tokens, the rest is plain text to the letter."""

    text: str
    control: bool = False


class RawSpan(Record):
    """A piece of the model's raw answer: ``raw[start:end] == text``."""

    text: str
    start: int
    end: int


class ParsedMention(Record):
    """A mention as the model wrote it, before it is grounded in the source."""

    surface: RawSpan
    type: str
    start: int
    """Where the whole piece (keys, bullets and brackets included) starts in the raw answer."""
    end: int


class ParsedRelation(Record):
    """A triple as the model wrote it, before its ends are grounded in the source."""

    head: RawSpan
    predicate: RawSpan
    tail: RawSpan
    start: int
    end: int


class ParsedField(Record):
    """One field of an open extraction with its values, none where the answer says that there is none."""

    name: RawSpan
    values: tuple[RawSpan, ...]
    start: int
    end: int


class ParsedCode(Record):
    """A block of code; ``language`` is as the fence names it, or "" where nothing does."""

    language: str
    source: RawSpan
    start: int
    end: int


class Parsed(Record):
    """What a parser read from a raw answer.

    Pieces and ``leftovers`` do not overlap; what lies between them is white space or separators.
    """

    mentions: tuple[ParsedMention, ...] = ()
    relations: tuple[ParsedRelation, ...] = ()
    items: tuple[RawSpan, ...] = ()
    """Keywords or terms."""
    fields: tuple[ParsedField, ...] = ()
    labels: tuple[RawSpan, ...] = ()
    prose: tuple[RawSpan, ...] = ()
    """Running text, in its order; several pieces only around code."""
    code: tuple[ParsedCode, ...] = ()
    leftovers: tuple[RawSpan, ...] = ()
    says_none: bool = False
    """The answer is a plain "there is nothing" (无, 没有…, none)."""

    @property
    def pieces(self) -> tuple[tuple[int, int], ...]:
        """The ranges of the raw answer that were read, in its order."""
        found: tuple[ParsedMention | ParsedRelation | ParsedField | ParsedCode | RawSpan, ...] = (
            *self.mentions, *self.relations, *self.items, *self.fields, *self.labels, *self.prose, *self.code,
        )  # fmt: skip
        return tuple(sorted({(piece.start, piece.end) for piece in found}))

    @property
    def status(self) -> ParseStatus:
        """``parsed``, ``partial`` (something read, something left over) or ``unparsed``."""
        if self.pieces:
            return "partial" if self.leftovers else "parsed"
        return "parsed" if self.says_none and not self.leftovers else "unparsed"


class Alignment(Record):
    """Where a surface stands in the source; both offsets are None when it is ungrounded."""

    start: int | None
    end: int | None
    status: AlignmentStatus


class Mention(Record):
    """An entity mention; ``text`` is always ``source[start:end]``, or "" when ungrounded."""

    id: str
    type: str
    surface: str
    text: str
    start: int | None
    end: int | None
    status: AlignmentStatus
    confidence: float | None = None
    """Geometric mean of the token probabilities of the surface, in [0, 1]; None when unknown."""


class Relation(Record):
    """A triple; ``head`` and ``tail`` are mention ids."""

    id: str
    head: str
    predicate: str
    tail: str
    confidence: float | None = None


class Item(Record):
    """A keyword, a term, a field's value or a piece of evidence; ungrounded where it does not stand in the source."""

    text: str
    start: int | None
    end: int | None
    status: AlignmentStatus


class Label(Record):
    """A label of the text; ``score`` is its share among all labels in [0, 1], None where it was not scored."""

    text: str
    score: float | None


class Code(Record):
    """A piece of program text, never executed."""

    language: str
    source: str


class ModelInfo(Record):
    """Which weights answered."""

    name: str
    revision: str
    dtype: str


class Usage(Record):
    """Token counts, and seconds from the moment the device was free for this run."""

    prompt_tokens: int
    completion_tokens: int
    ttft_s: float | None
    total_s: float


class Notice(Record):
    """Something the user should know about a run, in both languages."""

    code: str
    text: Text


class Result(Record):
    """The outcome of one run, the same on every surface."""

    task: str
    status: ParseStatus
    prompt: str
    raw: str
    seed: int | None
    sampling: dict[str, Any]
    model: ModelInfo | None
    mentions: tuple[Mention, ...] | None = None
    relations: tuple[Relation, ...] | None = None
    items: tuple[Item, ...] | None = None
    fields: dict[str, tuple[Item, ...]] | None = None
    labels: tuple[Label, ...] | None = None
    text: str | None = None
    code: tuple[Code, ...] | None = None
    unparsed: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage | None = None

    def to_json(self, lang: Lang) -> dict[str, Any]:
        """The public form: a key that the task does not use is absent, notices become ``warnings``."""
        data = self.model_dump(mode="json", exclude={"notices"})
        data["warnings"] = [notice.text.within(lang) for notice in self.notices]
        return {key: value for key, value in data.items() if value is not None}

    def to_stored(self) -> dict[str, Any]:
        """The public form with the notices in both languages beside it."""
        notices = [notice.model_dump(mode="json") for notice in self.notices]
        return self.to_json("en") | {"notices": notices}

    @classmethod
    def from_stored(cls, data: dict[str, Any]) -> Result:
        """A Result from ``to_stored``, or from the public form: then its warnings stand in one language."""
        told = {key: value for key, value in data.items() if key != "warnings"}
        if "notices" not in told:
            told["notices"] = [
                {"code": "stored", "text": {"zh": warning, "en": warning}} for warning in data.get("warnings", ())
            ]
        return cls.model_validate({"seed": None, "model": None} | told)
