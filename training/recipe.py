"""What to train on and how: the recipe, read from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from techgpt_ui.presets import read_preset
from techgpt_ui.schema import Record

Derivation = Literal[
    "as_is", "terms", "field_of_types", "facts_of_subject", "types_as_fields", "near_the_answer", "end_of_text"
]


class Part(Record):
    """One file of gold in one use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    file: str
    """File name within the folder of gold."""
    read_as: str
    """The task that the file is gold of."""
    derive: Derivation = "as_is"
    """How a document becomes one of another task."""
    tokens: int = Field(ge=0)
    """Tokens of prompts and answers to draw; more than the file has means several passes, each asked differently."""
    longest: int = Field(default=300, ge=32)
    """Tokens of prompt and answer at most; longer documents are left out."""
    nothing: float = Field(default=1.0, ge=0, le=1)
    """Share that is kept of the documents in which there is nothing to find."""
    swap: float = Field(default=0.0, ge=0, le=1)
    """Share of the documents whose names are put in each other's places."""
    schemes: tuple[tuple[str, ...], ...] = ()
    """Types that were annotated together, where a file joins several data sets."""
    terms: tuple[str, ...] = ()
    """Types whose mentions are terms."""
    subjects: dict[str, str] = {}
    """Types that give a text's field away, and that field."""


class Source(Record):
    """Where a file of gold is from, and on what terms; a card must say so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    title: str
    terms: str


class Settings(Record):
    """How to train."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int = Field(ge=1, le=256)
    alpha: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    warmup: float = Field(ge=0, lt=1)
    """Share of the steps in which the rate rises."""
    batch_tokens: int = Field(ge=16)
    """Tokens a step, padding included."""
    most_steps: int = Field(default=1_000_000, ge=1)
    """Examples beyond so many steps are not used."""
    length_power: float = Field(default=0.0, ge=-1, le=0)
    """A token of an answer of n tokens weighs n to this power in the loss: 0 counts tokens alike, -1 answers.

    Below 0 a one-word answer, such as that there is nothing to find, becomes more likely than it should be.
    """
    weight_decay: float = Field(ge=0)
    clip: float = Field(gt=0)
    """Norm that gradients are cut to."""
    check_every: int = Field(ge=1)
    """Steps between two looks at the validation set and two checkpoints."""
    patience: int = Field(ge=1)
    """Looks without a better validation loss before training ends."""
    validation: int = Field(ge=1)
    """Validation examples a part at most."""
    seed: int


class Recipe(Record):
    """Parts and settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preset: str
    """Id of the model preset that is trained for; its prompts are the ones that will be used."""
    base: str
    """Id of the model preset that is trained from."""
    settings: Settings
    sources: tuple[Source, ...]
    parts: tuple[Part, ...] = Field(min_length=1)
    general: int = Field(default=0, ge=0)
    """How many general prompts the base model answers itself, so that it keeps its way of answering."""

    @model_validator(mode="after")
    def _every_file_has_a_source(self) -> Recipe:
        if unknown := {part.file for part in self.parts} - {source.file for source in self.sources}:
            raise ValueError(f"no source says where {min(unknown)} is from")
        return self


def read_recipe(path: Path) -> Recipe:
    """The recipe in a YAML file; UsageError names the line of what is wrong."""
    return read_preset(path, Recipe)
