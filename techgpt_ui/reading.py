"""From a raw answer to records: parse it, then look up in the source what it names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import dedent
from typing import Any

from techgpt_ui.engines.base import TokenTrace
from techgpt_ui.grounding import align, evidence_spans
from techgpt_ui.parsers import PARSERS, ParseContext
from techgpt_ui.presets import Task
from techgpt_ui.schema import (
    Alignment,
    Code,
    Item,
    Label,
    Mention,
    Notice,
    Parsed,
    ParseStatus,
    RawSpan,
    Record,
    Relation,
)
from techgpt_ui.texts import text


class Reading(Record):
    """What was read from an answer and where it stands in the source; None where the task has no such thing."""

    status: ParseStatus
    mentions: tuple[Mention, ...] | None = None
    relations: tuple[Relation, ...] | None = None
    items: tuple[Item, ...] | None = None
    fields: dict[str, tuple[Item, ...]] | None = None
    labels: tuple[Label, ...] | None = None
    text: str | None = None
    code: tuple[Code, ...] | None = None
    unparsed: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    def parts(self) -> dict[str, Any]:
        """What a Result takes over."""
        return {name: getattr(self, name) for name in type(self).model_fields if name != "notices"}


def read_answer(task: Task, raw: str, source: str, labels: Sequence[str], trace: Sequence[TokenTrace] = ()) -> Reading:
    """Parse an answer and ground it in its source."""
    answer_format = PARSERS[task.format]
    parsed = answer_format.parse(raw, ParseContext(source=source, labels=tuple(labels)))
    found: dict[str, Any] = {}
    merged = 0
    if "relations" in answer_format.fills:
        found["mentions"], found["relations"], merged = _ground_relations(parsed, source, trace)
    elif "mentions" in answer_format.fills:
        found["mentions"], merged = _ground_mentions(parsed, source, trace)
    if "fields" in answer_format.fills:
        found["fields"] = _ground_fields(parsed, source)
    if "labels" in answer_format.fills:
        found["labels"] = tuple(Label(text=label, score=None) for label in dict.fromkeys(s.text for s in parsed.labels))
    if "text" in answer_format.fills:
        found["text"] = "\n\n".join(piece.text for piece in parsed.prose)
    if "code" in answer_format.fills:
        # A block inside a list is indented as a whole, which no program means.
        found["code"] = tuple(Code(language=piece.language, source=dedent(piece.source.text)) for piece in parsed.code)
    if "items" in answer_format.fills:
        # An answer in prose names its evidence only by the words it shares with the passage.
        is_prose = "text" in answer_format.fills
        found["items"], merged = (_evidence(parsed, source), 0) if is_prose else _ground_items(parsed, source)
    return Reading(
        status=parsed.status,
        unparsed=tuple(leftover.text for leftover in parsed.leftovers),
        notices=_notices(found, merged),
        **found,
    )


def _notices(found: dict[str, Any], merged: int) -> tuple[Notice, ...]:
    notices = []
    if merged:
        notices.append(Notice(code="duplicates_merged", text=text("notice.duplicates_merged", count=merged)))
    placed = [*found.get("mentions", ()), *(value for values in found.get("fields", {}).values() for value in values)]
    if count := sum(entry.status == "ungrounded" for entry in placed):
        notices.append(Notice(code="ungrounded", text=text("notice.ungrounded", count=count)))
    return tuple(notices)


def _ground_items(parsed: Parsed, source: str) -> tuple[tuple[Item, ...], int]:
    """Keywords or terms in the model's order, which is its ranking; repeated ones merged and counted."""
    unique = {span.text.casefold(): span.text for span in reversed(parsed.items)}
    texts = [unique[key] for key in dict.fromkeys(span.text.casefold() for span in parsed.items)]
    return _items(texts, source), len(parsed.items) - len(texts)


def _ground_fields(parsed: Parsed, source: str) -> dict[str, tuple[Item, ...]]:
    """The values of each field, in the order of the answer; a field that comes twice is one."""
    values: dict[str, list[str]] = {}
    for field in parsed.fields:
        known = values.setdefault(field.name.text, [])
        known += [value.text for value in field.values if value.text not in known]
    items = iter(_items([value for texts in values.values() for value in texts], source))
    return {name: tuple(next(items) for _ in texts) for name, texts in values.items()}


def _items(texts: Sequence[str], source: str) -> tuple[Item, ...]:
    aligned = zip(texts, align(source, texts), strict=True)
    return tuple(Item(text=words, start=at.start, end=at.end, status=at.status) for words, at in aligned)


def _evidence(parsed: Parsed, source: str) -> tuple[Item, ...]:
    """Where the words of an answer stand in the passage."""
    if parsed.says_none or not source:
        return ()
    answer = " ".join(piece.text for piece in parsed.prose)
    spans = evidence_spans(answer, source)
    return tuple(Item(text=source[start:end], start=start, end=end, status="exact") for start, end in spans)


def _ground_mentions(parsed: Parsed, source: str, trace: Sequence[TokenTrace]) -> tuple[tuple[Mention, ...], int]:
    """Mentions in the order of the text, ungrounded ones last; duplicates (place and type) merged and counted."""
    # Two types of one surface span (机构/人物) are one claim on the text, not two.
    spans = list(dict.fromkeys(piece.surface for piece in parsed.mentions))
    alignments = dict(zip(spans, align(source, [span.text for span in spans]), strict=True))
    unique: dict[tuple[object, ...], tuple[RawSpan, str, Alignment]] = {}
    for piece in parsed.mentions:
        found = alignments[piece.surface]
        place: object = piece.surface.text if found.start is None else (found.start, found.end)
        unique.setdefault((place, piece.type), (piece.surface, piece.type, found))
    ordered = sorted(unique.values(), key=lambda entry: _text_order(entry[2]))
    mentions = tuple(
        _mention(f"m{at}", surface, kind, found, source, trace)
        for at, (surface, kind, found) in enumerate(ordered, start=1)
    )
    return mentions, len(parsed.mentions) - len(mentions)


def _ground_relations(
    parsed: Parsed, source: str, trace: Sequence[TokenTrace]
) -> tuple[tuple[Mention, ...], tuple[Relation, ...], int]:
    """Equal ends of several triples are one mention; equal triples are merged and counted."""
    surfaces: dict[str, RawSpan] = {}
    for triple in parsed.relations:
        for end in (triple.head, triple.tail):
            surfaces.setdefault(end.text, end)
    alignments = zip(surfaces.values(), align(source, list(surfaces)), strict=True)
    ordered = sorted(alignments, key=lambda entry: _text_order(entry[1]))
    mentions = tuple(
        _mention(f"m{at}", span, "", found, source, trace) for at, (span, found) in enumerate(ordered, start=1)
    )
    ids = {mention.surface: mention.id for mention in mentions}
    unique: dict[tuple[str, str, str], float | None] = {}
    for triple in parsed.relations:
        key = ids[triple.head.text], triple.predicate.text, ids[triple.tail.text]
        unique.setdefault(key, _confidence(triple.head.start, triple.tail.end, trace))
    relations = tuple(
        Relation(id=f"r{at}", head=head, predicate=predicate, tail=tail, confidence=confidence)
        for at, ((head, predicate, tail), confidence) in enumerate(unique.items(), start=1)
    )
    return mentions, relations, len(parsed.relations) - len(relations)


def _mention(
    ident: str, surface: RawSpan, kind: str, found: Alignment, source: str, trace: Sequence[TokenTrace]
) -> Mention:
    return Mention(
        id=ident,
        type=kind,
        surface=surface.text,
        text="" if found.start is None else source[found.start : found.end],
        start=found.start,
        end=found.end,
        status=found.status,
        confidence=_confidence(surface.start, surface.end, trace),
    )


def _text_order(found: Alignment) -> tuple[bool, int, int]:
    return found.start is None, found.start or 0, -(found.end or 0)


def _confidence(start: int, end: int, trace: Sequence[TokenTrace]) -> float | None:
    """Geometric mean of the model's own probabilities of the tokens that wrote ``raw[start:end]``."""
    logprobs = []
    begin = 0
    for token in trace:
        if begin < end and token.end > start:
            logprobs.append(token.logprob)
        begin = token.end
    return round(math.exp(sum(logprobs) / len(logprobs)), 4) if logprobs else None
