"""From a task and its inputs to the exact prompt, within the model's context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from techgpt_ui.errors import UsageError
from techgpt_ui.inputs import language_of, worded
from techgpt_ui.presets import FewShotExample, FewShotPrompt, Inputs, ModelPreset, Task, Variant
from techgpt_ui.schema import ChatMessage, Notice, Record, Segment
from techgpt_ui.templates import fill, required
from techgpt_ui.texts import Text, text

# Private-use characters stand for contents while a chat template is rendered, so that what the user
# wrote can be told from what the template wrote.
_SLOT = re.compile("\ue000(\\d+)\ue001")


class Tokens(Protocol):
    """What prompt building asks of a tokenizer."""

    @property
    def context(self) -> int:
        """Tokens for prompt and answer together."""

    def encode(self, segments: Sequence[Segment]) -> list[int]:
        """Ids of a prompt."""

    def offsets(self, text: str) -> list[int]:
        """End offsets of a text's tokens."""

    def chat_markup(self, messages: Sequence[ChatMessage]) -> str:
        """Chat template over messages."""


class Writer(Protocol):
    """What prompt building asks of an answer format."""

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Pieces in the dialect."""


class Prompt(Record):
    """A prompt ready for the engine; ``source`` is the passage as the model sees it (perhaps cut)."""

    inputs: Inputs
    """What was filled in, checked, before anything was cut."""
    text: str
    ids: tuple[int, ...]
    segments: tuple[Segment, ...] = ()
    """The same text, control text told from what was filled in."""
    messages: tuple[dict[str, str], ...] = ()
    """The turns (role, content), where the text was made by a chat template."""
    source: str
    labels: tuple[str, ...]
    dialect: str
    variant: str | None = None
    """The instruction that was used, for models trained on instructions."""
    cut_at: int | None = None
    """Where the passage was cut, in code points; None when it is whole."""
    dropped_turns: int = 0
    """Earlier turns, question and answer each, that had to leave."""
    notices: tuple[Notice, ...] = ()


class _Plan(NamedTuple):
    """What all prompts of one run share, whatever has to be cut."""

    task: Task
    model: ModelPreset
    tokens: Tokens
    writer: Writer
    variant: Variant | None
    dialect: str
    answer_so_far: str
    examples: tuple[FewShotExample, ...]


def build_prompt(
    task: Task,
    inputs: Inputs,
    *,
    model: ModelPreset,
    tokens: Tokens,
    writer: Writer,
    max_new_tokens: int,
    variant: str | None = None,
    answer_so_far: str = "",
    examples: Sequence[FewShotExample] = (),
    examples_may_leave: bool = False,
) -> Prompt:
    """The prompt for checked inputs; it ends with ``answer_so_far``, for the model to go on.

    ``examples`` are for models that are prompted by such, the most useful one last. When the prompt is too long, those
    that may leave go first, then the oldest turns, then the passage is cut; the instruction never is.
    """
    plan = _plan(task, inputs, model, tokens, writer, variant, examples)._replace(answer_so_far=answer_so_far)
    fitted = _fitted(plan, inputs, max_new_tokens, examples_may_leave)
    source = fitted.inputs[task.source_input] if task.source_input else ""
    cut = bool(task.source_input) and len(source) < len(inputs[task.source_input or ""])
    dropped = len(inputs[task.turns_input]) - len(fitted.inputs[task.turns_input]) if task.turns_input else 0
    fewer = len(plan.examples) - len(fitted.plan.examples)
    cut_at = len(source) if cut else None
    return Prompt(
        inputs=inputs,
        text="".join(segment.text for segment in fitted.segments),
        ids=tuple(fitted.ids),
        segments=tuple(fitted.segments),
        messages=() if model.wire is not None else _turns(fitted),
        source=source,
        labels=inputs[task.label_input] if task.label_input else (),
        dialect=plan.dialect,
        variant=plan.variant.id if plan.variant else None,
        cut_at=cut_at,
        dropped_turns=dropped,
        notices=_notices(plan, inputs, cut_at=cut_at, over=fitted.over, dropped=dropped, fewer=fewer),
    )


class _Fitted(NamedTuple):
    """What is left of a plan and its inputs once they fit the context."""

    plan: _Plan
    inputs: Inputs
    segments: list[Segment]
    ids: list[int]
    over: int
    """Tokens by which the whole was too long."""


def _fitted(plan: _Plan, inputs: Inputs, max_new_tokens: int, examples_may_leave: bool) -> _Fitted:
    task, tokens = plan.task, plan.tokens
    budget = min(tokens.context, plan.model.context) - max_new_tokens
    kept = dict(inputs)
    over = 0
    while True:
        segments = _segments(plan, kept)
        ids = tokens.encode(segments)
        surplus = len(ids) - budget
        if surplus <= 0:
            return _Fitted(plan, kept, segments, ids, over)
        over = over or surplus
        if examples_may_leave and plan.examples:
            plan = plan._replace(examples=plan.examples[1:])
        elif task.turns_input and kept[task.turns_input]:
            kept[task.turns_input] = kept[task.turns_input][2:]
        else:
            kept = _shortened(task, kept, tokens, surplus, budget, max_new_tokens)


def _plan(
    task: Task,
    inputs: Inputs,
    model: ModelPreset,
    tokens: Tokens,
    writer: Writer,
    wanted: str | None,
    examples: Sequence[FewShotExample],
) -> _Plan:
    if model.prompting == "few_shot":
        return _Plan(task, model, tokens, writer, None, task.prompts.few_shot.dialect, "", tuple(examples))
    variant = task.prompts.trained.variant(wanted or model.instructions.get(task.id), language_of(inputs))
    values = worded(task, inputs, variant.lang or "zh")
    for field in task.inputs:
        if field.name in required(variant.instruction) and not values[field.name].strip():
            raise UsageError("input_blank", name=field.label.en, name_zh=field.label.zh)
    return _Plan(task, model, tokens, writer, variant, task.prompts.trained.dialect, "", ())


def _notices(
    plan: _Plan, inputs: Inputs, *, cut_at: int | None, over: int, dropped: int, fewer: int
) -> tuple[Notice, ...]:
    found: list[tuple[str, Text]] = []
    if fewer:
        found.append(("examples_dropped", text("notice.examples_dropped", count=fewer)))
    if dropped:
        found.append(("turns_dropped", text("notice.turns_dropped", count=dropped // 2)))
    if cut_at is not None:
        found.append(("passage_cut", text("notice.passage_cut", tokens=over, kept=cut_at)))
    given = any(field.kind == "system" and inputs[field.name].strip() for field in plan.task.inputs)
    if given and not plan.model.has_system:
        found.append(("system_left_out", text("notice.system_left_out")))
    return tuple(Notice(code=code, text=words) for code, words in found)


def _shortened(task: Task, inputs: Inputs, tokens: Tokens, surplus: int, budget: int, max_new_tokens: int) -> Inputs:
    """The inputs with a shorter passage; UsageError when nothing would be left of it."""
    passage = inputs[task.source_input] if task.source_input else ""
    ends = tokens.offsets(passage)
    keep = len(ends) - surplus
    if keep <= 0:
        raise UsageError("context_too_small", context=budget + max_new_tokens, reserved=max_new_tokens)
    shorter = passage[: ends[keep - 1]]
    return inputs | {task.source_input or "": shorter if len(shorter) < len(passage) else passage[:-1]}


def _segments(plan: _Plan, inputs: Inputs) -> list[Segment]:
    messages = _messages(plan, inputs)
    if plan.model.wire is None:
        return [*_through_template(messages, plan.tokens), *_begun(plan.answer_so_far)]
    # A begun answer stands where an earlier one would: there the format may have a space that it lacks at its end.
    opening = (plan.model.wire_turn or "").partition("{answer}")[0] if plan.answer_so_far else plan.model.wire
    prompt = _on_the_wire(messages, opening, plan.model.wire_turn or "")
    return [Segment(text=prompt), *_begun(plan.answer_so_far)]


def _messages(plan: _Plan, inputs: Inputs) -> list[ChatMessage]:
    turns: Sequence[ChatMessage] = inputs[plan.task.turns_input] if plan.task.turns_input else ()
    return _instructed(plan, inputs, turns) if plan.variant else _few_shot(plan, inputs, turns)


def _turns(fitted: _Fitted) -> tuple[dict[str, str], ...]:
    return tuple({"role": one["role"], "content": one["content"]} for one in _messages(fitted.plan, fitted.inputs))


def _begun(answer: str) -> list[Segment]:
    return [Segment(text=answer)] if answer else []


def _instructed(plan: _Plan, inputs: Inputs, turns: Sequence[ChatMessage]) -> list[ChatMessage]:
    variant = plan.variant
    assert variant is not None
    request = fill(variant.instruction, worded(plan.task, inputs, variant.lang or "zh"))
    system = [inputs[field.name] for field in plan.task.inputs if field.kind == "system" and plan.model.has_system]
    opening: list[ChatMessage] = [{"role": "system", "content": line} for line in system if line.strip()]
    return [*opening, *turns, {"role": "user", "content": request}]


def _few_shot(plan: _Plan, inputs: Inputs, turns: Sequence[ChatMessage]) -> list[ChatMessage]:
    task, prompt = plan.task, plan.task.prompts.few_shot
    system = fill(prompt.system, worded(task, inputs, "en"))
    messages: list[ChatMessage] = [{"role": "system", "content": system}] if system.strip() else []
    for example in plan.examples:
        messages.append({"role": "user", "content": _request(task, prompt, inputs, example)})
        messages.append({"role": "assistant", "content": _solved(plan, example)})
    return [*messages, *turns, {"role": "user", "content": fill(prompt.request, worded(task, inputs, "en"))}]


def _request(task: Task, prompt: FewShotPrompt, inputs: Inputs, example: FewShotExample) -> str:
    """An example's request; what the user left blank is left out of it, so that both look alike."""
    given = {name: value for name, value in example.inputs.items() if inputs[name] or name == task.main_input}
    blank: Inputs = {field.name: () if field.kind == "labels" else "" for field in task.inputs}
    return fill(prompt.request, worded(task, blank | given, "en"))


def _solved(plan: _Plan, example: FewShotExample) -> str:
    return example.answer if isinstance(example.answer, str) else plan.writer.write(example.answer, plan.dialect)


def _on_the_wire(messages: Sequence[ChatMessage], wire: str, wire_turn: str) -> str:
    """Messages in a format that knows only questions and answers; a system line goes before the first question."""
    prompt = ""
    question = ""
    for message in messages:
        if message["role"] == "assistant":
            prompt += fill(wire_turn, {"input": question, "answer": message["content"]})
            question = ""
        else:
            question += ("\n\n" if question else "") + message["content"]
    return prompt + fill(wire, {"input": question})


def _through_template(messages: Sequence[ChatMessage], tokens: Tokens) -> list[Segment]:
    contents = [message["content"] for message in messages]
    slots: list[ChatMessage] = [
        {"role": message["role"], "content": f"\ue000{at}\ue001"} for at, message in enumerate(messages)
    ]
    pieces = _SLOT.split(tokens.chat_markup(slots))
    return [
        Segment(text=contents[int(piece)]) if at % 2 else Segment(text=piece, control=True)
        for at, piece in enumerate(pieces)
        if piece
    ]
