"""The one road: inputs → prompt → engine → parse → ground → Result. Every surface calls this."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from techgpt_ui.engines.base import CancelToken, Delta, Engine, Finished, GenerationRequest, TokenTrace, Waiting
from techgpt_ui.errors import UsageError
from techgpt_ui.grounding import align
from techgpt_ui.parsers import PARSERS, ParseContext
from techgpt_ui.presets import ModelPreset, Sampling, Task
from techgpt_ui.prompts import Prompt, build_prompt, check_inputs
from techgpt_ui.schema import (
    Alignment,
    Mention,
    ModelInfo,
    Notice,
    Parsed,
    ParseStatus,
    RawSpan,
    Record,
    Relation,
    Result,
)
from techgpt_ui.texts import text

REFRESH_S = 0.35
"""Seconds between two readings of an answer that is still being written."""

Phase = Literal["waiting", "generating", "done"]


class Reading(Record):
    """What was read from an answer and where it stands in the source."""

    status: ParseStatus
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    unparsed: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


class Update(Record):
    """One moment of a run; ``reading`` is refreshed a few times a second, ``result`` comes last."""

    phase: Phase
    place: int = 0
    raw: str = ""
    prompt: Prompt | None = None
    reading: Reading | None = None
    result: Result | None = None


def make_sampling(base: Sampling, changes: Mapping[str, Any]) -> Sampling:
    """``base`` with some values changed; UsageError names the value that is out of bounds."""
    try:
        return Sampling.model_validate(base.model_dump() | dict(changes))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "min_new_tokens"
        value = first["input"] if first["loc"] else changes.get(name)
        raise UsageError("bad_sampling", name=name, value=value, why=first["msg"]) from error


def prepare(task: Task, inputs: Mapping[str, object], model: ModelPreset, engine: Engine, sampling: Sampling) -> Prompt:
    """The exact prompt that ``run`` would send."""
    return build_prompt(
        task,
        check_inputs(task, inputs),
        model=model,
        tokens=engine,
        writer=PARSERS[task.format],
        max_new_tokens=sampling.max_new_tokens,
    )


def run(
    task: Task,
    inputs: Mapping[str, object],
    *,
    model: ModelPreset,
    engine: Engine,
    sampling: Sampling,
    seed: int,
    grounded: bool,
    cancel: CancelToken | None = None,
) -> Iterator[Update]:
    """Run one task; the last update carries the Result."""
    cancel = cancel or CancelToken()
    prompt = prepare(task, inputs, model, engine, sampling)
    bound = grounded and task.grounded and engine.grounds
    grammar = PARSERS[task.format].grammar(prompt.source, prompt.labels, prompt.dialect) if bound else None
    request = GenerationRequest(prompt_ids=prompt.ids, sampling=sampling, seed=seed, stops=model.stops, grammar=grammar)
    raw = ""
    reading: Reading | None = None
    read_at = time.monotonic()
    yield Update(phase="generating", prompt=prompt)
    for event in engine.stream(request, cancel):
        if isinstance(event, Finished):
            result = _result(task, prompt, event, engine.info, sampling, seed)
            yield Update(phase="done", raw=event.text, prompt=prompt, result=result)
            return
        if isinstance(event, Waiting):
            yield Update(phase="waiting", place=event.place, prompt=prompt)
            continue
        if isinstance(event, Delta):
            raw += event.text
            if time.monotonic() - read_at > REFRESH_S:
                reading = read_answer(task, raw, prompt.source, prompt.labels)
                read_at = time.monotonic()
        yield Update(phase="generating", raw=raw, prompt=prompt, reading=reading)


def complete(task: Task, inputs: Mapping[str, object], **options: Any) -> Result:
    """``run`` to its end."""
    for update in run(task, inputs, **options):
        if update.result is not None:
            return update.result
    raise RuntimeError("the engine ended without a Finished event")


def parse_answer(task: Task, source: str, raw: str, stops: Sequence[str]) -> Result:
    """The Result of an answer that was written elsewhere; needs no model."""
    cut = min((at for stop in stops if (at := raw.find(stop)) >= 0), default=len(raw))
    reading = read_answer(task, raw[:cut], source, ())
    parts = _parts(task, reading)
    return Result(
        task=task.id, prompt="", raw=raw, seed=None, sampling={}, model=None, notices=reading.notices, **parts
    )


def read_answer(task: Task, raw: str, source: str, labels: Sequence[str], trace: Sequence[TokenTrace] = ()) -> Reading:
    """Parse an answer and ground it in its source."""
    parsed = PARSERS[task.format].parse(raw, ParseContext(source=source, labels=tuple(labels)))
    if parsed.relations:
        mentions, relations, merged = _ground_relations(parsed, source, trace)
    else:
        mentions, merged = _ground_mentions(parsed, source, trace)
        relations = ()
    notices = []
    if merged:
        notices.append(Notice(code="duplicates_merged", text=text("notice.duplicates_merged", count=merged)))
    if count := sum(mention.status == "ungrounded" for mention in mentions):
        notices.append(Notice(code="ungrounded", text=text("notice.ungrounded", count=count)))
    return Reading(
        status=parsed.status,
        mentions=mentions,
        relations=relations,
        unparsed=tuple(leftover.text for leftover in parsed.leftovers),
        notices=tuple(notices),
    )


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


def _result(task: Task, prompt: Prompt, finished: Finished, info: ModelInfo, sampling: Sampling, seed: int) -> Result:
    reading = read_answer(task, finished.text, prompt.source, prompt.labels, finished.trace)
    notices = prompt.notices
    if finished.finish_reason == "length":
        limit = text("notice.cut_off", limit=sampling.max_new_tokens)
        notices = (*notices, Notice(code="cut_off", text=limit))
    return Result(
        task=task.id,
        prompt=prompt.text,
        raw=finished.text,
        seed=seed,
        sampling=sampling.model_dump(),
        model=info,
        notices=(*notices, *reading.notices),
        finish_reason=finished.finish_reason,
        usage=finished.usage,
        **_parts(task, reading),
    )


def _parts(task: Task, reading: Reading) -> dict[str, Any]:
    """What a Result takes over from a reading; relations only where the task has them."""
    return {
        "status": reading.status,
        "mentions": reading.mentions,
        "relations": reading.relations if task.format == "triple_lines" else None,
        "unparsed": reading.unparsed,
    }
