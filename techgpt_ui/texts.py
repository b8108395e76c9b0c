"""Every visible string, in Chinese and English.

The strings live in ``locales/*.yaml`` as ``key: {zh: …, en: …}``; code names them by key.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import yaml

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
LOCALES = Path(__file__).parent / "locales"
YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's loader of plain data, in C where it was built so: that takes a tenth of the time."""


class Text(NamedTuple):
    """One string in both languages."""

    zh: str
    en: str

    def format(self, **params: object) -> Text:
        """Fill the named ``{placeholders}`` of both languages."""
        return Text(self.zh.format(**params), self.en.format(**params))

    def within(self, lang: Lang) -> str:
        """The string in one language."""
        return self.zh if lang == "zh" else self.en


@cache
def catalogue() -> dict[str, Text]:
    """All strings by key; raises ValueError for a key that stands in two files or lacks a language."""
    found: dict[str, Text] = {}
    for path in sorted(LOCALES.glob("*.yaml")):
        for key, entry in yaml.load(path.read_text(encoding="utf-8"), Loader=YAML).items():
            if key in found:
                raise ValueError(f"{path.name}: the key {key!r} is defined twice")
            # An unquoted comma inside {…} ends a string in YAML and leaves its rest as a key.
            if set(entry) != set(LANGS):
                raise ValueError(f"{path.name}: {key!r} must hold just zh and en")
            found[key] = Text(zh=entry["zh"], en=entry["en"])
    return found


def text(key: str, **params: object) -> Text:
    """The string ``key`` with its placeholders filled; KeyError for an unknown key."""
    entry = catalogue()[key]
    return entry.format(**params) if params else entry
