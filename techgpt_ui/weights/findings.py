"""What a look at a folder or a machine found: a verdict, words in both languages, and what to do."""

from __future__ import annotations

from typing import Literal

from techgpt_ui.schema import Record
from techgpt_ui.texts import Text, text

Severity = Literal["error", "warning", "ok"]
NOTHING_TO_DO = Text(zh="", en="")


class Finding(Record):
    """One thing worth saying; ``params`` are what its words were filled with."""

    severity: Severity
    code: str
    params: dict[str, str]
    text: Text
    hint: Text


def error(code: str, **params: str) -> Finding:
    """Something that must be mended first; shares its words with the exception of the same code."""
    words, hint = text(f"error.{code}", **params), text(f"error.{code}.hint", **params)
    return Finding(severity="error", code=code, params=params, text=words, hint=hint)


def warning(code: str, **params: str) -> Finding:
    """Something that works, but not as well as it could."""
    words, hint = text(f"finding.{code}", **params), text(f"finding.{code}.hint", **params)
    return Finding(severity="warning", code=code, params=params, text=words, hint=hint)


def fine(code: str, **params: str) -> Finding:
    """Something that is as it should be."""
    return Finding(severity="ok", code=code, params=params, text=text(f"finding.{code}", **params), hint=NOTHING_TO_DO)
