"""The runs of the user: search, open again, compare, export, import, delete."""

from __future__ import annotations

from techgpt_ui.ui.workbench import Workbench


def build_history_tab(bench: Workbench) -> None:
    """The list left, the chosen run right."""
