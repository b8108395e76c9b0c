"""Types and predicates in formats that allow fewer characters than people use."""

from __future__ import annotations

import re
from collections.abc import Iterable

from techgpt_ui.exporters.base import Losses

_NOT_A_NAME = re.compile(r"[^\w-]+")
_NAMELESS = "unnamed"


def safe_names(names: Iterable[str], losses: Losses | None = None) -> dict[str, str]:
    """A name of letters, digits, ``_`` and ``-`` for every name, no two alike; changed ones are counted as renamed."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    # A name that may stay as it is comes first, so that no other one takes it.
    for name in sorted(dict.fromkeys(names), key=lambda name: _plain(name) != name):
        wished, number = _plain(name), 2
        while wished.casefold() in taken:
            wished, number = f"{_plain(name)}_{number}", number + 1
        taken.add(wished.casefold())
        found[name] = wished
        if losses and wished != name:
            losses.add("renamed")
    return found


def _plain(name: str) -> str:
    return _NOT_A_NAME.sub("_", name).strip("_-") or _NAMELESS
