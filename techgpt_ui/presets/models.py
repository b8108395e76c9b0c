"""Model presets: where the weights are and how to talk to them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from techgpt_ui.presets.base import Preset, Words
from techgpt_ui.schema import Record
from techgpt_ui.templates import placeholders


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
    adapter: str | None = None
    """A LoRA adapter that is merged into the weights of the source: a folder relative to the presets, an absolute one,
    or ``hub:OWNER/NAME`` (``hub:OWNER/NAME@REVISION``)."""
    prompting: Literal["trained", "few_shot"]
    instructions: dict[str, str] = {}
    """By task, the instruction (a variant's id) that the model was trained on where it is not the task's first."""
    wire: str | None = None
    """Single-turn wire format over ``{input}`` and perhaps ``{system}``; None uses the tokenizer's chat template.
    Special tokens that it names are those tokens."""
    wire_turn: str | None = None
    """An earlier turn in that format, over ``{input}`` and ``{answer}``; it begins as ``wire`` does."""
    wire_later: str | None = None
    """What stands before ``{input}`` in every turn but the first, where that is not what ``wire`` begins with."""
    system: str | None = None
    """The system line where the user gives none."""
    tokens: SpecialTokens = SpecialTokens()
    add_bos: bool = False
    stops: tuple[str, ...] = ()
    context: int = Field(ge=256)
    """Tokens for prompt and answer together; the checkpoint's own limit goes before it where that is smaller."""
    context_scale: float = Field(default=1.0, ge=1.0, le=64.0)
    """Factor of linear position interpolation (Chen et al., 2023) that the weights were trained with and their
    configuration does not tell."""
    end_penalty: float = Field(default=0.0, ge=0.0, le=10.0)
    """Taken from the logit of the end of a grounded list, for a model that ends its lists too soon."""
    none_penalty: dict[str, float] = {}
    """By task, taken from the logit of the word for "nothing" at the beginning of a grounded answer, for a model that
    says it too soon."""
    dtype: Literal["auto", "fp16", "bf16", "fp32", "int8", "nf4"] = "auto"
    about: Words
    limits: Words
    licence: Words
    origin: str

    @model_validator(mode="after")
    def _source_is_complete(self) -> ModelPreset:
        if self.source == "hub" and not self.hub_id:
            raise ValueError("a preset with source: hub needs hub_id")
        return self

    @model_validator(mode="after")
    def _wire_is_complete(self) -> ModelPreset:
        if (self.wire is None) != (self.wire_turn is None):
            raise ValueError("wire and wire_turn come together")
        if self.wire is None or self.wire_turn is None:
            return self
        if self.wire.count("{input}") != 1 or not placeholders(self.wire) <= {"input", "system"}:
            raise ValueError("wire must contain {input} exactly once, and nothing else but {system}")
        head, _, rest = self.wire_turn.partition("{input}")
        if head != self.wire.partition("{input}")[0] or placeholders(rest) != {"answer"}:
            raise ValueError("wire_turn must begin as wire does and contain {input} and {answer}")
        if placeholders(self.wire_later or ""):
            raise ValueError("wire_later has no placeholders")
        return self

    @property
    def has_system(self) -> bool:
        """Whether the model's wire format has a place for a system line."""
        return self.wire is None or "{system}" in self.wire
