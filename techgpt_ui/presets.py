"""Read the YAML presets: tasks (capabilities), models and samplings.

Unknown keys and wrong values are errors that name the file and the line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import ConfigDict, Field, ValidationError, model_validator

from techgpt_ui.errors import UsageError
from techgpt_ui.schema import Record
from techgpt_ui.texts import Lang, Text

BUILT_IN = Path(__file__).resolve().parent.parent / "presets"

FAMILIES = ("extraction", "reading", "generation", "dialogue")
Inputs = dict[str, Any]
PresetT = TypeVar("PresetT", bound="Preset")


class Words(Record):
    """A string in both languages, as YAML writes it."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def text(self) -> Text:
        """As a Text."""
        return Text(zh=self.zh, en=self.en)


class WordLists(Record):
    """Default entries of a list input, by language."""

    zh: tuple[str, ...]
    en: tuple[str, ...]

    def within(self, lang: Lang) -> tuple[str, ...]:
        """The entries of one language."""
        return self.zh if lang == "zh" else self.en


class Preset(Record):
    """Base of the three kinds of preset."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    title: Words

    @property
    def rank(self) -> tuple[int, int]:
        """Place among its kind."""
        return (0, 0)


class InputField(Record):
    """One input of a task: a ``passage`` may be cut to fit the context, ``labels`` is a list of short names."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    kind: Literal["passage", "labels"]
    label: Words
    help: Words | None = None
    required: bool = False
    default: WordLists | None = None


class FewShotExample(Record):
    """One solved example of a few-shot prompt; ``answer`` holds pieces that the task's format writes."""

    inputs: Inputs
    answer: tuple[tuple[str, ...], ...]


class TrainedPrompt(Record):
    """The instruction that TechGPT was trained on, to the character."""

    instruction: str
    dialect: str


class FewShotPrompt(Record):
    """A prompt for a general chat model: a system line, solved examples, then the request."""

    dialect: str
    system: str
    request: str
    """Template of the user's turn over the input names."""
    request_open: str | None = None
    """The same when the label list is empty."""
    examples: tuple[FewShotExample, ...] = Field(min_length=2, max_length=4)


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
    inputs: tuple[InputField, ...]
    prompts: Prompts
    format: str
    """Id of the answer format (parser and grammar)."""
    renderer: str
    grounded: bool
    """Whether decoding may be, and by default is, bound to the source."""
    sampling: str
    samples: tuple[Sample, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _templates_use_declared_inputs(self) -> Task:
        names = {field.name for field in self.inputs}
        given = [sample.inputs for sample in self.samples]
        given += [example.inputs for example in self.prompts.few_shot.examples]
        for inputs in given:
            if unknown := set(inputs) - names:
                raise ValueError(f"unknown input {sorted(unknown)[0]!r} in an example")
        return self

    @property
    def rank(self) -> tuple[int, int]:
        """Families in their order, tasks in theirs."""
        return (FAMILIES.index(self.family), self.order)

    @property
    def source_input(self) -> str:
        """Name of the input that answers are grounded in: the first passage."""
        return next(field.name for field in self.inputs if field.kind == "passage")

    @property
    def label_input(self) -> str | None:
        """Name of the input that lists allowed types or predicates, if the task has one."""
        return next((field.name for field in self.inputs if field.kind == "labels"), None)

    def default_inputs(self, lang: Lang) -> Inputs:
        """Inputs that have a default, in one language."""
        return {field.name: list(field.default.within(lang)) for field in self.inputs if field.default}


class SpecialTokens(Record):
    """Ids that the tokenizer's own are overridden with; None leaves the tokenizer's."""

    pad: int | None = None
    bos: int | None = None
    eos: int | None = None


class ModelPreset(Preset):
    """How to find a model and how to talk to it."""

    source: Literal["demo", "hub", "folder"]
    hub_id: str | None = None
    revision: str | None = None
    prompting: Literal["trained", "few_shot"]
    wire: str | None = None
    """Single-turn wire format over ``{input}``; None uses the tokenizer's chat template."""
    tokens: SpecialTokens = SpecialTokens()
    add_bos: bool = False
    stops: tuple[str, ...] = ()
    context: int = Field(ge=256)
    dtype: Literal["auto", "fp16", "bf16", "fp32"] = "auto"
    about: Words
    limits: Words
    licence: Words
    origin: str

    @model_validator(mode="after")
    def _source_is_complete(self) -> ModelPreset:
        if self.source == "hub" and not self.hub_id:
            raise ValueError("a preset with source: hub needs hub_id")
        if self.wire is not None and self.wire.count("{input}") != 1:
            raise ValueError("wire must contain {input} exactly once")
        return self


class Sampling(Record):
    """How tokens are drawn; the bounds are the ones the controls show."""

    do_sample: bool = False
    temperature: float = Field(default=1.0, ge=0.01, le=5.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    top_k: int = Field(default=50, ge=0, le=1000)
    """0 switches the limit off."""
    repetition_penalty: float = Field(default=1.0, ge=0.5, le=3.0)
    min_new_tokens: int = Field(default=0, ge=0, le=4096)
    max_new_tokens: int = Field(default=256, ge=1, le=4096)
    num_beams: int = Field(default=1, ge=1, le=16)

    @model_validator(mode="after")
    def _min_not_above_max(self) -> Sampling:
        if self.min_new_tokens > self.max_new_tokens:
            raise ValueError("min_new_tokens is above max_new_tokens")
        return self


class SamplingPreset(Preset):
    """A named sampling with the reason for it."""

    reason: Words
    values: Sampling


class Library(Record):
    """All presets, by id."""

    tasks: dict[str, Task]
    models: dict[str, ModelPreset]
    samplings: dict[str, SamplingPreset]

    def task(self, task_id: str) -> Task:
        """The task, or a UsageError that lists the known ones."""
        return _lookup(self.tasks, task_id, "unknown_task")

    def sampling(self, sampling_id: str) -> SamplingPreset:
        """The sampling preset, or a UsageError that lists the known ones."""
        return _lookup(self.samplings, sampling_id, "unknown_sampling")


def load_library(extra: Path | None = None) -> Library:
    """Read the built-in presets and, over them, those of the user's own folder."""
    if extra is not None and not extra.is_dir():
        raise UsageError("presets_folder_missing", path=extra)
    roots = [BUILT_IN, *([extra] if extra else [])]
    return Library(
        tasks=_read_kind(roots, "tasks", Task),
        models=_read_kind(roots, "models", ModelPreset),
        samplings=_read_kind(roots, "sampling", SamplingPreset),
    )


def read_preset(path: Path, kind: type[PresetT]) -> PresetT:
    """Read one YAML preset; a UsageError names file, line and key of what is wrong."""
    try:
        content = path.read_text(encoding="utf-8")
        root = yaml.compose(content, Loader=yaml.SafeLoader)
        data = yaml.safe_load(content)
    except UnicodeDecodeError as error:
        raise UsageError("preset_broken", path=path, line=1, why="the file is not UTF-8") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise UsageError("preset_broken", path=path, line=line, why=getattr(error, "problem", str(error))) from error
    if not isinstance(data, dict):
        raise UsageError("preset_broken", path=path, line=1, why="the file holds no mapping of keys")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        line = _line_of(root, first["loc"])
        raise UsageError("preset_broken", path=path, line=line, why=f"{where}: {first['msg']}") from error


def _read_kind(roots: Iterable[Path], folder: str, kind: type[PresetT]) -> dict[str, PresetT]:
    paths = [path for root in roots for path in sorted((root / folder).glob("*.yaml"))]
    presets = [read_preset(path, kind) for path in paths]
    return {preset.id: preset for preset in sorted(presets, key=lambda preset: preset.rank)}


def _line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """1-based line of the deepest node that ``location`` leads to."""
    line = 1
    for part in location:
        child, line = _descend(node, part, line)
        if child is None:
            return line
        node = child
    return line


def _descend(node: yaml.Node | None, part: int | str, line: int) -> tuple[yaml.Node | None, int]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child, child.start_mark.line + 1
    return None, line


def _lookup(presets: dict[str, PresetT], key: str, code: str) -> PresetT:
    if key not in presets:
        raise UsageError(code, name=key, known=", ".join(presets))
    return presets[key]
