"""What an endpoint takes and what it says of itself, for the API page and for programs that read tool descriptions.

The words are English with the Chinese title beside them: they are read by models and by programmers.
"""

from __future__ import annotations

from inspect import Parameter, Signature
from keyword import iskeyword
from typing import Any, Literal, NamedTuple

import gradio as gr

from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import InputField, InputKind, Library, Option, Task, Words
from techgpt_ui.schema import ChatMessage

CALLER = Parameter("_caller", Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
"""Filled in by Gradio; input names start with a letter, so none can be the same."""

Kind = Literal["text", "names", "number", "switch", "turns"]
KINDS: dict[InputKind, Kind] = {
    "passage": "text",
    "line": "text",
    "system": "text",
    "labels": "names",
    "number": "number",
    "choice": "text",
    "turns": "turns",
}
TYPES: dict[Kind, Any] = {"text": str, "names": list[str], "number": int, "switch": bool, "turns": list[ChatMessage]}
ALWAYS_GIVEN = (
    "`status`, `unparsed`, `warnings`, `prompt`, `raw`, `seed`, `sampling`, `model`, `finish_reason`, `usage`"
)


class Argument(NamedTuple):
    """One parameter of an endpoint; ``required`` ones have no default."""

    name: str
    kind: Kind
    type: Any
    """Its type hint, from which Gradio makes the schema; one that admits null makes a schema that few programs read."""
    says: str
    default: Any = None
    required: bool = False

    @property
    def parameter(self) -> Parameter:
        """As Python's signatures have it."""
        default = Parameter.empty if self.required else self.default
        return Parameter(self.name, Parameter.POSITIONAL_OR_KEYWORD, annotation=self.type, default=default)


def run_options(task: Task, library: Library) -> list[Argument]:
    """The parameters of a run that every task has, with the defaults of the command line."""
    samplings = ", ".join(library.samplings)
    variants = ", ".join(variant.id for variant in task.prompts.trained.variants)
    bound = "true: the answer is bound to the text or the labels; false: it is free. Omit it for the usual, true."
    return [
        Argument("seed", "number", int, "Seed of what is drawn at random.", 0),
        Argument("sampling", "text", str, f"Sampling preset ({samplings}); empty for {task.sampling}.", ""),
        Argument(
            "grounded", "switch", bool, bound if task.grounded else "Without effect: answers of this task are free."
        ),
        Argument(
            "variant",
            "text",
            str,
            f"Instruction for models trained on instructions ({variants}); empty: the usual.",
            "",
        ),
        Argument(
            "max_new_tokens",
            "number",
            int,
            "Most tokens that the answer may have; 0 leaves it to the sampling preset.",
            0,
        ),
    ]


def input_arguments(task: Task, taken: set[str]) -> dict[str, Argument]:
    """The parameters of a task's inputs by input name, required ones first; ``taken`` names get a suffix."""
    arguments = {field.name: _input_argument(field, taken) for field in task.inputs}
    return dict(sorted(arguments.items(), key=lambda entry: not entry[1].required))


def task_words(task: Task) -> str:
    """What a task is for and what it gives."""
    keys = ", ".join(f"`{key}`" for key in PARSERS[task.format].fills)
    return (
        f"{_both(task.title)}. {_sentence(task.help)} "
        f"Gives a JSON object with {keys} beside {ALWAYS_GIVEN}; offsets count Unicode code points."
    )


def describe(function: Any, name: str, words: str, arguments: list[Argument], gives: Any) -> None:
    """Dress a function as an endpoint: its name, signature, types and docstring."""
    parameters = [CALLER, *(argument.parameter for argument in arguments)]
    function.__name__ = function.__qualname__ = name
    function.__signature__ = Signature(parameters, return_annotation=gives)
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": gives}
    lines = [words, "", "Args:", *(f"    {argument.name}: {_one_line(argument.says)}" for argument in arguments)]
    function.__doc__ = "\n".join(lines)


def _input_argument(field: InputField, taken: set[str]) -> Argument:
    name = f"{field.name}_input" if field.name in taken or iskeyword(field.name) else field.name
    words = " ".join(filter(None, [f"{_both(field.label)}.", _sentence(field.help), _bounds(field)]))
    kind = KINDS[field.kind]
    hint = TYPES[kind]
    if field.kind == "choice" and not field.custom:
        hint = Literal[tuple(option.id for option in field.options)]
    # Omitted names are the usual ones of the text's language, an empty list is none at all.
    default = field.default if field.kind in ("choice", "number") else "" if kind == "text" else None
    return Argument(name, kind, hint, words, default, required=field.required and field.default is None)


def _bounds(field: InputField) -> str:
    if field.kind == "choice":
        known = "; ".join(map(_option, field.options))
        return f"{known}{'; or words of your own' if field.custom else ''}."
    if field.kind == "number":
        return f"{field.minimum} to {field.maximum}."
    if field.kind == "labels" and field.default is not None:
        return f"Omit it for: {', '.join(field.default_within('en'))} (Chinese ones for a Chinese text)."
    if field.kind == "turns":
        return "User and assistant by turns, the user first."
    return ""


def _option(option: Option) -> str:
    same = option.id.casefold() == option.label.en.casefold()
    return option.id if same else f"{option.id} = {option.label.en}"


def _both(words: Words) -> str:
    return words.en if words.en == words.zh else f"{words.en} ({words.zh})"


def _sentence(words: Words | None) -> str:
    return "" if words is None else _one_line(words.en).rstrip(".") + "."


def _one_line(words: str) -> str:
    return " ".join(words.split())
