"""From a task and its inputs to the exact prompt, within the model's context."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from techgpt_ui.documents import import_labels, import_text
from techgpt_ui.errors import UsageError
from techgpt_ui.presets import FewShotPrompt, Inputs, ModelPreset, Task
from techgpt_ui.schema import ChatMessage, Notice, Record, Segment
from techgpt_ui.texts import text

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
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

    text: str
    ids: tuple[int, ...]
    source: str
    labels: tuple[str, ...]
    dialect: str
    cut_at: int | None = None
    """Where the passage was cut, in code points; None when it is whole."""
    notices: tuple[Notice, ...] = ()


def check_inputs(task: Task, inputs: Mapping[str, object]) -> Inputs:
    """The inputs as the task wants them; UsageError names the first that is unknown, missing or bad."""
    known = {field.name: field for field in task.inputs}
    for name in inputs:
        if name not in known:
            raise UsageError("unknown_input", name=name, known=", ".join(known))
    checked: Inputs = {}
    for name, field in known.items():
        value = inputs.get(name)
        if field.kind == "labels":
            checked[name] = import_labels(value or (), name)
            continue
        checked[name] = import_text(str(value or ""), name)
        if field.required and not checked[name].strip():
            raise UsageError("input_blank", name=field.label.en, name_zh=field.label.zh)
    return checked


def build_prompt(
    task: Task, inputs: Inputs, *, model: ModelPreset, tokens: Tokens, writer: Writer, max_new_tokens: int
) -> Prompt:
    """The prompt for checked inputs; the passage is cut, never the instruction, when it is too long."""
    budget = min(tokens.context, model.context) - max_new_tokens
    passage = inputs[task.source_input]
    kept = passage
    over = 0
    while True:
        segments = _segments(task, inputs | {task.source_input: kept}, model, tokens, writer)
        ids = tokens.encode(segments)
        surplus = len(ids) - budget
        if surplus <= 0:
            break
        over = over or surplus
        kept = _shortened(kept, tokens, surplus, budget, max_new_tokens)
    notices: tuple[Notice, ...] = ()
    if over:
        notice = text("notice.passage_cut", tokens=over, kept=len(kept))
        notices = (Notice(code="passage_cut", text=notice),)
    label_input = task.label_input
    return Prompt(
        text="".join(segment.text for segment in segments),
        ids=tuple(ids),
        source=kept,
        labels=inputs[label_input] if label_input else (),
        dialect=_dialect(task, model),
        cut_at=len(kept) if over else None,
        notices=notices,
    )


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put the values into a template in one pass: what a value contains is never a placeholder."""
    return _PLACEHOLDER.sub(lambda found: _worded(values[found[1]]) if found[1] in values else found[0], template)


def _shortened(passage: str, tokens: Tokens, surplus: int, budget: int, max_new_tokens: int) -> str:
    ends = tokens.offsets(passage)
    keep = len(ends) - surplus
    if keep <= 0:
        raise UsageError("context_too_small", context=budget + max_new_tokens, reserved=max_new_tokens)
    shorter = passage[: ends[keep - 1]]
    return shorter if len(shorter) < len(passage) else passage[:-1]


def _dialect(task: Task, model: ModelPreset) -> str:
    return task.prompts.trained.dialect if model.prompting == "trained" else task.prompts.few_shot.dialect


def _segments(task: Task, inputs: Inputs, model: ModelPreset, tokens: Tokens, writer: Writer) -> list[Segment]:
    if model.prompting == "trained":
        messages: list[ChatMessage] = [{"role": "user", "content": fill(task.prompts.trained.instruction, inputs)}]
    else:
        messages = _few_shot(task, task.prompts.few_shot, inputs, writer)
    if model.wire is None:
        return _through_template(messages, tokens)
    before, after = model.wire.split("{input}")
    body = "\n\n".join(message["content"] for message in messages)
    return [Segment(text=before + body + after)]


def _few_shot(task: Task, prompt: FewShotPrompt, inputs: Inputs, writer: Writer) -> list[ChatMessage]:
    messages: list[ChatMessage] = [{"role": "system", "content": prompt.system}]
    for example in prompt.examples:
        messages.append({"role": "user", "content": _request(task, prompt, inputs, example.inputs)})
        messages.append({"role": "assistant", "content": writer.write(example.answer, prompt.dialect)})
    return [*messages, {"role": "user", "content": _request(task, prompt, inputs, inputs)}]


def _request(task: Task, prompt: FewShotPrompt, inputs: Inputs, values: Inputs) -> str:
    label_input = task.label_input
    is_open = label_input is not None and not inputs[label_input]
    return fill(prompt.request_open if is_open and prompt.request_open else prompt.request, values)


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


def _worded(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
