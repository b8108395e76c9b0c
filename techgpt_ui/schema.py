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


class Parsed(Record):
    """What a parser read from a raw answer.

    Pieces and ``leftovers`` do not overlap; what lies between them is white space or separators.
    """

    mentions: tuple[ParsedMention, ...] = ()
    relations: tuple[ParsedRelation, ...] = ()
    leftovers: tuple[RawSpan, ...] = ()
    says_none: bool = False
    """The answer is a plain "there is nothing" (无, 没有…, none)."""

    @property
    def status(self) -> ParseStatus:
        """``parsed``, ``partial`` (something read, something left over) or ``unparsed``."""
        if self.mentions or self.relations:
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
    unparsed: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    finish_reason: FinishReason | None = None
    usage: Usage | None = None

    def to_json(self, lang: Lang) -> dict[str, Any]:
        """The public form: a key that the task does not use is absent, notices become ``warnings``."""
        data = self.model_dump(mode="json", exclude={"notices"})
        data["warnings"] = [notice.text.within(lang) for notice in self.notices]
        return {key: value for key, value in data.items() if value is not None}
