"""Words for the types and predicates of data sets, so that a prompt can ask for what a jammed name means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from techgpt_ui.texts import Lang

MAX_LABEL = 40
"""Characters of a name in a prompt, as ``documents.import_labels`` allows."""

_NAMELESS = "type"
_MARKS = r"<>＜＞:：,，;；|、/／\x00-\x1f\x7f-\x9f"
_HAN = "\u4e00-\u9fff"
_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])[{_MARKS}]+(?=[{_HAN}])")


def words_for(kind: str, lang: Lang = "en") -> str:
    """The words for one name: as listed, else the name with its underscores as spaces."""
    listed: dict[str, str] = _names()["everywhere"].get(kind, {})
    return listed.get(lang) or listed.get("en") or kind.replace("_", " ").strip()


def wording(kinds: Iterable[str], lang: Lang = "en") -> dict[str, str]:
    """Words for the names of one data set, by name: each a legal label, no two alike, not even by case."""
    known = dict.fromkeys(kinds)
    together = _together(set(known))
    wished = {kind: _legal(together.get(kind) or words_for(kind, lang)) for kind in known}
    found: dict[str, str] = {}
    taken: set[str] = set()
    # A name that already is its own words keeps them; one that is put in other words gives way.
    for kind in sorted(known, key=lambda kind: wished[kind] != kind):
        found[kind] = next(
            words for words in _candidates(wished[kind], _legal(kind)) if words and words.casefold() not in taken
        )
        taken.add(found[kind].casefold())
    return {kind: found[kind] for kind in known}


def _candidates(wished: str, own: str) -> Iterable[str]:
    yield wished
    yield own
    number = 2
    while True:
        suffix = f" {number}"
        yield (wished or _NAMELESS)[: MAX_LABEL - len(suffix)].rstrip() + suffix
        number += 1


def _legal(words: str) -> str:
    joined = _BETWEEN_HAN.sub("和", words)
    return " ".join(re.sub(f"[{_MARKS}]", " ", joined).split())[:MAX_LABEL].strip()


def _together(kinds: set[str]) -> dict[str, str]:
    for names in _names()["together"].values():
        if kinds <= set(names) and 2 * len(kinds) > len(names):
            return names
    return {}


@cache
def _names() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((Path(__file__).parent / "type_names.yaml").read_text(encoding="utf-8"))
