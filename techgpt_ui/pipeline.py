"""The one road: inputs → prompt → engine → parse → ground → Result. Every surface calls this."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from techgpt_ui.documents import length_of
from techgpt_ui.engines.base import CancelToken, Delta, Engine, Finished, GenerationRequest, Waiting
from techgpt_ui.errors import UsageError
from techgpt_ui.examples import own_examples
from techgpt_ui.inputs import check_inputs
from techgpt_ui.parsers import NONE_WORDS, PARSERS
from techgpt_ui.presets import FewShotExample, Inputs, ModelPreset, Sampling, Task
from techgpt_ui.prompts import Prompt, build_prompt
from techgpt_ui.reading import Reading, read_answer
from techgpt_ui.schema import Label, ModelInfo, Notice, Record, Result
from techgpt_ui.texts import text

REFRESH_S = 0.35
"""Seconds between two readings of an answer that is still being written."""

Phase = Literal["waiting", "generating", "done"]


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


def prepare(
    task: Task,
    inputs: Mapping[str, object],
    *,
    model: ModelPreset,
    engine: Engine,
    sampling: Sampling,
    variant: str | None = None,
    answer_so_far: str = "",
    examples: Sequence[FewShotExample] | None = None,
) -> Prompt:
    """The exact prompt that ``run`` would send."""
    checked = check_inputs(task, inputs)
    given = examples
    if given is None:
        given = own_examples(task, checked) if model.prompting == "few_shot" else ()
    return build_prompt(
        task,
        checked,
        model=model,
        tokens=engine,
        writer=PARSERS[task.format],
        max_new_tokens=sampling.max_new_tokens,
        variant=variant,
        answer_so_far=answer_so_far,
        examples=given,
        examples_may_leave=examples is not None,
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
    variant: str | None = None,
    answer_so_far: str = "",
    examples: Sequence[FewShotExample] | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[Update]:
    """Run one task, or go on with an answer; the last update carries the Result, of the whole answer.

    ``examples`` stand in for the task's own few-shot examples, where the model is prompted by such.
    """
    cancel = cancel or CancelToken()
    prompt = prepare(
        task, inputs, model=model, engine=engine, sampling=sampling, variant=variant, answer_so_far=answer_so_far,
        examples=examples,
    )  # fmt: skip
    # A grammar knows whole answers only.
    bound = grounded and task.grounded and engine.grounds and not answer_so_far
    request = _request(task, prompt, model, sampling, seed, bound=bound, answer_so_far=answer_so_far)
    raw = answer_so_far
    reading: Reading | None = None
    read_at = time.monotonic()
    yield Update(phase="generating", prompt=prompt)
    for event in engine.stream(request, cancel):
        if isinstance(event, Finished):
            unbound = grounded and task.grounded and not engine.grounds
            result = _result(task, prompt, event, engine.info, request, unbound=unbound)
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


def parse_answer(task: Task, source: str, raw: str, stops: Sequence[str], labels: Sequence[str] = ()) -> Result:
    """The Result of an answer that was written elsewhere; needs no model."""
    cut = min((at for stop in stops if (at := raw.find(stop)) >= 0), default=len(raw))
    reading = read_answer(task, raw[:cut], source, labels)
    return Result(
        task=task.id, prompt="", raw=raw, seed=None, sampling={}, model=None, notices=reading.notices, **reading.parts()
    )


def _request(
    task: Task,
    prompt: Prompt,
    model: ModelPreset,
    sampling: Sampling,
    seed: int,
    *,
    bound: bool,
    answer_so_far: str,
) -> GenerationRequest:
    """Free, masked by a grammar, or, where the answer is one of a list, a choice that is scored rather than drawn."""
    answer_format = PARSERS[task.format]
    grammar = answer_format.grammar(prompt.source, prompt.labels, prompt.dialect) if bound else None
    separator = answer_format.separator(prompt.dialect) if bound else ""
    scored = bound and "labels" in answer_format.fills
    return GenerationRequest(
        prompt_ids=prompt.ids,
        segments=prompt.segments,
        messages=prompt.messages,
        sampling=sampling,
        seed=seed,
        stops=model.stops,
        grammar=None if scored else grammar,
        separator=separator,
        end_penalty=model.end_penalty if separator else 0.0,
        none_word=NONE_WORDS.get(prompt.dialect, ""),
        none_penalty=model.none_penalty.get(task.id, 0.0) if bound else 0.0,
        choices=prompt.labels if scored else (),
        answer_so_far=answer_so_far,
    )


def _result(
    task: Task, prompt: Prompt, finished: Finished, info: ModelInfo, request: GenerationRequest, *, unbound: bool
) -> Result:
    reading = read_answer(task, finished.text, prompt.source, prompt.labels, finished.trace)
    if finished.scores:
        reading = reading.model_copy(update={"labels": _scored(request.choices, finished.scores)})
    return Result(
        task=task.id,
        prompt=prompt.text,
        raw=finished.text,
        seed=request.seed,
        sampling=request.sampling.model_dump(),
        model=info,
        notices=(
            *prompt.notices,
            *([Notice(code="grounded_afterwards", text=text("notice.grounded_afterwards"))] if unbound else ()),
            *finished.notices,
            *_length_notices(task, prompt.inputs, reading, finished, request),
            *reading.notices,
        ),
        finish_reason=finished.finish_reason,
        usage=finished.usage,
        **reading.parts(),
    )


def _scored(choices: Sequence[str], logprobs: Sequence[float]) -> tuple[Label, ...]:
    """All labels, most probable first; each score is its share of what the model gives to all of them."""
    top = max(logprobs)
    weights = [math.exp(logprob - top) for logprob in logprobs]
    ranked = sorted(zip(weights, choices, strict=True), key=lambda entry: -entry[0])
    return tuple(Label(text=choice, score=round(weight / sum(weights), 6)) for weight, choice in ranked)


def _length_notices(
    task: Task, inputs: Inputs, reading: Reading, finished: Finished, request: GenerationRequest
) -> Iterator[Notice]:
    if finished.finish_reason == "length":
        yield Notice(code="cut_off", text=text("notice.cut_off", limit=request.sampling.max_new_tokens))
    if task.wished_length and reading.text:
        length = length_of(reading.text)
        if length.amount < inputs[task.wished_length]:
            words = text(f"notice.too_short.{length.unit}", count=length.amount, wished=inputs[task.wished_length])
            yield Notice(code="too_short", text=words)
