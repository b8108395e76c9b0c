"""Samplings: how tokens are drawn, and named ones with the reason for them."""

from __future__ import annotations

from pydantic import Field, model_validator

from techgpt_ui.presets.base import Preset, Words
from techgpt_ui.schema import Record


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
