"""A tab for a task with earlier turns: a dialogue, and a document beside it where the task has one."""

from __future__ import annotations

from techgpt_ui.presets import Task
from techgpt_ui.ui.workbench import Workbench


def build_dialogue_tab(bench: Workbench, task: Task) -> None:
    """Conversations left, the dialogue right."""
