"""Handlers whose errors are put on the page instead of being thrown at Gradio."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.renderers import error_html
from techgpt_ui.ui.history_open import sendable

log = logging.getLogger(__name__)

Changes = dict[Any, Any]


class Actions(Protocol):
    """What the handlers of a tab belong to."""

    title: str
    """How the log names the tab."""

    @property
    def notice(self) -> Any:
        """Where errors are told."""

    def unsent(self) -> Changes:
        """Empty values for what is on its way elsewhere, so that a failed call sends nothing twice."""


def told(method: Callable[..., Changes]) -> Callable[..., Changes]:
    """The method with its errors put on the page."""

    @wraps(method)
    def guarded(self: Actions, *args: Any) -> Changes:
        try:
            return {self.notice: ""} | method(self, *args)
        except WorkbenchError as error:
            trouble = error
        except Exception as error:
            log.exception("%s failed", self.title)
            trouble = WorkbenchError("unexpected", why=type(error).__name__)
        return {self.notice: sendable(error_html(trouble))} | self.unsent()

    return guarded
