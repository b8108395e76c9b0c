"""Example sets: solved examples of one task, which a tab can put into its prompts instead of the task's own."""

from __future__ import annotations

from pydantic import Field

from techgpt_ui.presets.base import Preset
from techgpt_ui.presets.tasks import FewShotExample


class ExampleSet(Preset):
    """Solved examples of a task under one name."""

    task: str
    examples: tuple[FewShotExample, ...] = Field(min_length=1, max_length=10_000)
