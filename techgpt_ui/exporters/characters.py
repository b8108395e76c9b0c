"""Characters that a file format cannot hold."""

from __future__ import annotations

import re

from techgpt_ui.exporters.base import Losses

REPLACEMENT = "\ufffd"
_NOT_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str, losses: Losses | None = None) -> str:
    """The text with control characters and lone surrogates as U+FFFD, one for one; counted as lost."""
    cleaned, count = _NOT_TEXT.subn(REPLACEMENT, text)
    if losses and count:
        losses.add("characters", count)
    return cleaned
