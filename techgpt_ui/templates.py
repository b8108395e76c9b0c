"""Fill prompt templates: ``{name}`` is a value, ``⟦…⟧`` is left out when a value inside it is blank.

A template is read once; what a value contains is never a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_OPTIONAL = re.compile(r"⟦([^⟦⟧]*)⟧")


def placeholders(template: str) -> set[str]:
    """The names of the values that a template uses."""
    return set(_PLACEHOLDER.findall(template))


def required(template: str) -> set[str]:
    """The names whose values the template cannot do without."""
    return placeholders(_OPTIONAL.sub("", template))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put the values into the template; a name without a value stays as it is."""
    # Capturing split: every second piece is the inside of an optional part.
    pieces = _OPTIONAL.split(template)
    return "".join(_filled(piece, values) for at, piece in enumerate(pieces) if at % 2 == 0 or _given(piece, values))


def _given(part: str, values: Mapping[str, str]) -> bool:
    return all(values.get(name, "").strip() for name in placeholders(part))


def _filled(part: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), part)
