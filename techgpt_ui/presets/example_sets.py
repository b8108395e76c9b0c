"""Example sets: solved examples of one task, which a tab can put into its prompts instead of the task's own."""

from __future__ import annotations

from pydantic import Field

from techgpt_ui.presets.base import Preset
from techgpt_ui.presets.tasks import FewShotExample

SET_LIMIT = 500
"""Examples of one set: a prompt takes the few that fit best, and more are no help to find them."""


class ExampleSet(Preset):
    """Solved examples of a task under one name."""

    task: str
    examples: tuple[FewShotExample, ...] = Field(min_length=1, max_length=SET_LIMIT)
