"""What a user filled in, as a task wants it: checked, with defaults, in one language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from techgpt_ui.documents import import_labels, import_text, mostly_chinese, settle_line_ends
from techgpt_ui.errors import UsageError
from techgpt_ui.presets import InputField, Inputs, Option, Task
from techgpt_ui.schema import ChatMessage
from techgpt_ui.texts import Lang

MAX_CUSTOM_CHOICE = 60


def check_inputs(task: Task, inputs: Mapping[str, object]) -> Inputs:
    """The inputs as the task wants them; UsageError names the first that is unknown, missing or bad."""
    known = {field.name: field for field in task.inputs}
    for name in inputs:
        if name not in known:
            raise UsageError("unknown_input", name=name, known=", ".join(known))
    return {name: _checked(field, inputs.get(name)) for name, field in known.items()}


def with_defaults(task: Task, inputs: Mapping[str, object]) -> Inputs:
    """The inputs with the task's defaults, in the inputs' language, where nothing was given."""
    return task.default_inputs(language_of(inputs)) | dict(inputs)


def source_of(task: Task, inputs: Mapping[str, object]) -> str:
    """The passage among unchecked inputs, with the line ends that offsets count; "" for a task without one."""
    return settle_line_ends(str(inputs.get(task.source_input or "") or ""))


def text_of(task: Task | None, inputs: Mapping[str, object]) -> str:
    """The passage, or what was filled in otherwise where there is none; for a task that is gone, the longest text."""
    if task is None:
        texts = [value for value in inputs.values() if isinstance(value, str)]
        return settle_line_ends(max(texts, key=len, default=""))
    return source_of(task, inputs) or settle_line_ends(str(inputs.get(task.main_input) or ""))


def language_of(inputs: Mapping[str, object]) -> Lang:
    """The language that most of the text in the inputs is in."""
    texts = [value for value in inputs.values() if isinstance(value, str)]
    return "zh" if mostly_chinese("".join(texts)) else "en"


def worded(task: Task, inputs: Inputs, lang: Lang) -> dict[str, str]:
    """Checked inputs as prompts spell them."""
    fields = {field.name: field for field in task.inputs}
    return {name: _worded(fields[name], value, lang) for name, value in inputs.items()}


def _worded(field: InputField, value: Any, lang: Lang) -> str:
    if field.kind == "choice":
        option = field.option(value)
        return option.named(lang) if option else str(value)
    if field.kind == "turns":
        return ""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _checked(field: InputField, value: object) -> Any:
    if field.kind == "labels":
        return import_labels(value or (), field.name)
    if field.kind == "number":
        return _number(field, value)
    if field.kind == "choice":
        return _choice(field, value)
    if field.kind == "turns":
        return check_turns(value, field.name)
    text = import_text(str(value or ""), field.name)
    if field.required and not text.strip():
        raise UsageError("input_blank", name=field.label.en, name_zh=field.label.zh)
    return text


def _number(field: InputField, value: object) -> int:
    if value is None or not str(value).strip():
        value = field.default
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if not field.minimum <= number <= field.maximum or not number.is_integer():
        raise UsageError(
            "bad_number", name=field.label.en, name_zh=field.label.zh, value=str(value)[:40], minimum=field.minimum,
            maximum=field.maximum,
        )  # fmt: skip
    return int(number)


def _choice(field: InputField, value: object) -> str:
    text = import_text(str(value or "").strip() or str(field.default), field.name)
    option: Option | None = field.option(text)
    if option:
        return option.id
    if not field.custom or len(text) > MAX_CUSTOM_CHOICE or "\n" in text:
        known = ", ".join(option.id for option in field.options)
        raise UsageError("bad_choice", name=field.label.en, name_zh=field.label.zh, value=text[:60], known=known)
    return text


def check_turns(value: object, name: str) -> tuple[ChatMessage, ...]:
    """Earlier turns, user and assistant by turns, from a list or its JSON; UsageError says what is wrong."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else ()
        except ValueError as error:
            raise UsageError("bad_turns", name=name) from error
    turns = list(value) if isinstance(value, (list, tuple)) else [value] if value else []
    if len(turns) % 2:
        raise UsageError("bad_turns", name=name)
    return tuple(_turn(turn, ("user", "assistant")[at % 2], name) for at, turn in enumerate(turns))


def _turn(turn: object, role: str, name: str) -> ChatMessage:
    if not isinstance(turn, Mapping) or turn.get("role") != role or not isinstance(turn.get("content"), str):
        raise UsageError("bad_turns", name=name)
    content = turn["content"]
    # What a model wrote is not refused for a stray control character; what a user wrote is.
    return {"role": role, "content": import_text(content, name) if role == "user" else content}
