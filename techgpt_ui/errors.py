"""The one root of the product's exceptions: a code, a message and a hint in both languages.

Rooms raise these where things go wrong; only the surfaces (page, command line) turn them into words.
The words of code ``C`` are the strings ``error.C`` and ``error.C.hint``.
"""

from __future__ import annotations

from techgpt_ui.texts import Lang, Text, text


class WorkbenchError(Exception):
    """The work failed for a reason that can be told; the command line exits with 1."""

    exit_code = 1

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        self.message: Text = text(f"error.{code}", **params)
        self.hint: Text = text(f"error.{code}.hint", **params)
        super().__init__(self.message.en)

    def words(self, lang: Lang) -> str:
        """Message and hint as one line for people."""
        return f"{self.message.within(lang)} {self.hint.within(lang)}".strip()


class UsageError(WorkbenchError):
    """The request itself is wrong and the user can mend it; the command line exits with 2."""

    exit_code = 2
