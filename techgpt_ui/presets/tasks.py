"""Tasks: what a user fills in, the prompts, how the answer is read and shown."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from techgpt_ui.errors import UsageError
from techgpt_ui.presets.base import Preset, WordLists, Words
from techgpt_ui.schema import Record
from techgpt_ui.templates import placeholders
from techgpt_ui.texts import Lang

FAMILIES = ("extraction", "reading", "generation", "dialogue")
Inputs = dict[str, Any]
InputKind = Literal["passage", "line", "labels", "number", "choice", "system", "turns"]


class Option(Record):
    """One entry of a choice."""

    id: str = Field(min_length=1, max_length=40)
    label: Words
    prompt: Words | None = None
    """How prompts name it, where that is not the label."""

    def named(self, lang: Lang) -> str:
        """The option in the words of a prompt."""
        return (self.prompt or self.label).text.within(lang)


class InputField(Record):
    """One input of a task.

    ``passage`` is long text that may be cut to fit the context; ``line`` is shorter text that is kept whole;
    ``labels`` is a list of short names; ``number`` a whole number; ``choice`` one of ``options``; ``system`` a
    system line, for models that have one; ``turns`` the earlier turns of a dialogue.
    """

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    kind: InputKind
    label: Words
    help: Words | None = None
    required: bool = False
    default: WordLists | int | str | None = None
    minimum: int = 1
    maximum: int = 10_000
    options: tuple[Option, ...] = ()
    custom: bool = False
    """Whether a choice may also be the user's own words."""
    lines: int = Field(default=0, ge=0, le=40)
    """Height of the box; 0 leaves it to the kind."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> InputField:
        if (self.kind == "choice") != bool(self.options):
            raise ValueError("options belong to kind: choice, and it needs them")
        fitting: dict[str, type] = {"labels": WordLists, "number": int, "choice": str}
        wanted = fitting.get(self.kind)
        if self.default is not None and not (wanted and isinstance(self.default, wanted)):
            raise ValueError(f"this default does not fit kind: {self.kind}")
        if self.kind in ("number", "choice") and self.default is None:
            raise ValueError(f"kind: {self.kind} needs a default")
        return self

    @property
    def blank(self) -> Any:
        """What the input holds while nothing is filled in."""
        if self.kind in ("labels", "turns"):
            return []
        return self.default if self.kind in ("number", "choice") else ""

    def option(self, value: str) -> Option | None:
        """The option with this id or label."""
        wanted = value.strip().casefold()
        names = ((option, {option.id, option.label.zh, option.label.en}) for option in self.options)
        return next((option for option, known in names if wanted in {name.casefold() for name in known}), None)

    def default_within(self, lang: Lang) -> Any:
        """The default in one language; None where there is none."""
        return list(self.default.within(lang)) if isinstance(self.default, WordLists) else self.default


class FewShotExample(Record):
    """One solved example of a few-shot prompt; ``answer`` is running text or pieces that the task's format writes."""

    inputs: Inputs
    answer: str | tuple[tuple[str, ...], ...]


class Variant(Record):
    """One instruction for models trained on instructions, to the character."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    title: Words
    origin: Literal["published", "published-2.0", "ours"]
    lang: Lang | None = None
    """The language of the inputs that it is made for; None for any."""
    instruction: str


class TrainedPrompt(Record):
    """The instructions that TechGPT was trained on, or ours where none is published; the first that fits is used."""

    dialect: str
    variants: tuple[Variant, ...] = Field(min_length=1)

    def variant(self, wanted: str | None, lang: Lang) -> Variant:
        """The variant of this id, or the first for inputs in ``lang``; UsageError lists the known ones."""
        for variant in self.variants:
            if variant.id == wanted or (not wanted and variant.lang in (None, lang)):
                return variant
        if not wanted:
            return self.variants[0]
        raise UsageError("unknown_variant", name=wanted, known=", ".join(variant.id for variant in self.variants))


class FewShotPrompt(Record):
    """A prompt for a general chat model: a system line, solved examples, then the request."""

    dialect: str
    system: str
    """Template of the system line over the input names; left out where it comes out blank."""
    request: str
    """Template of the user's turn over the input names."""
    examples: tuple[FewShotExample, ...] = Field(default=(), max_length=40)
    shots: int = Field(default=4, ge=0, le=12)
    """How many of the examples a prompt holds: those that fit the request best."""


class Prompts(Record):
    """The prompts of a task, by kind."""

    trained: TrainedPrompt
    few_shot: FewShotPrompt


class Sample(Record):
    """An example for the tab; ``answer`` is a sample answer in TechGPT's format, run through the real parser."""

    lang: Lang
    field: Words
    inputs: Inputs
    answer: str


class Task(Preset):
    """A capability: what the user fills in, the prompts, how the answer is read and shown."""

    family: Literal["extraction", "reading", "generation", "dialogue"]
    order: int = 0
    help: Words
    inputs: tuple[InputField, ...] = Field(min_length=1)
    prompts: Prompts
    format: str
    """Id of the answer format (parser and grammar)."""
    renderer: str
    grounded: bool = False
    """Whether decoding may be, and by default is, bound to the source or the labels."""
    sampling: str
    wished_length: str | None = None
    """Name of the number input that says how long the answer should be at least."""
    send_to: tuple[str, ...] = ()
    """Tasks that a result is usually handed to."""
    samples: tuple[Sample, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _templates_use_declared_inputs(self) -> Task:
        names = {field.name for field in self.inputs}
        used = [("an example", set(example.inputs)) for example in self.prompts.few_shot.examples]
        used += [("a sample", set(sample.inputs)) for sample in self.samples]
        used += [("an instruction", placeholders(one.instruction)) for one in self.prompts.trained.variants]
        used += [("the request", placeholders(self.prompts.few_shot.request))]
        used += [("the system line", placeholders(self.prompts.few_shot.system))]
        used += [("wished_length", {self.wished_length} if self.wished_length else set())]
        for place, given in used:
            if unknown := given - names:
                raise ValueError(f"unknown input {sorted(unknown)[0]!r} in {place}")
        return self

    @property
    def rank(self) -> tuple[int, int]:
        """Families in their order, tasks in theirs."""
        return (FAMILIES.index(self.family), self.order)

    @property
    def source_input(self) -> str | None:
        """Name of the input that answers are grounded in and that may be cut: the first passage."""
        return self._first("passage")

    @property
    def main_input(self) -> str:
        """Name of the input that a text from elsewhere goes to: the passage, or the first line of one's own."""
        return self.source_input or self._first("line") or self.inputs[0].name

    @property
    def label_input(self) -> str | None:
        """Name of the input that lists allowed types, predicates, fields or labels, if the task has one."""
        return self._first("labels")

    @property
    def turns_input(self) -> str | None:
        """Name of the input that holds the earlier turns of a dialogue, if the task is one."""
        return self._first("turns")

    def default_inputs(self, lang: Lang) -> Inputs:
        """Inputs that have a default, in one language."""
        return {field.name: field.default_within(lang) for field in self.inputs if field.default is not None}

    def entry(self) -> dict[str, Any]:
        """The task as lists of tasks show it."""
        return {
            "id": self.id,
            "family": self.family,
            "title": self.title.model_dump(),
            "help": self.help.model_dump(),
            "inputs": [field.name for field in self.inputs],
            "variants": [{"id": variant.id, "origin": variant.origin} for variant in self.prompts.trained.variants],
        }

    def _first(self, kind: InputKind) -> str | None:
        return next((field.name for field in self.inputs if field.kind == kind), None)
