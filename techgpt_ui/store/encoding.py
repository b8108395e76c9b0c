"""Text and JSON in forms that every database and every reader of a file takes.

A model can write lone surrogates and NUL. UTF-8 has no room for the former, PostgreSQL's text none for the latter.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

MAX_DEPTH = 100
"""How deep JSON may be nested; well below what Python's recursion allows."""

_ESCAPE = re.compile(r"\\(?:\\|u([0-9a-f]{4}))")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Inside a JSON string, but a line break to readers that split as Python's str.splitlines does.
_LINE_BREAKS = {ord(mark): f"\\u{ord(mark):04x}" for mark in "\x85\u2028\u2029"}


def escape(text: str) -> str:
    r"""The text with NUL and lone surrogates as ``\uXXXX`` and backslashes doubled; the rest stays legible."""
    doubled = text.replace("\\", r"\\").replace("\x00", r"\u0000")
    return doubled.encode("utf-8", "backslashreplace").decode("utf-8")


def unescape(stored: str) -> str:
    """The text that ``escape`` was given."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else "\\", stored)


def plain_json(value: object) -> Any:
    """The value as JSON keeps it: tuples become lists, NaN becomes null; ValueError for what is no JSON."""
    try:
        plain = json.loads(json.dumps(value), parse_constant=lambda _: None)
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if any(depth > MAX_DEPTH for depth, _ in _walk(plain)):
        raise ValueError(f"nested more than {MAX_DEPTH} deep")
    return plain


def texts_within(value: object) -> Iterator[str]:
    """Every string of a JSON value in its order, keys aside."""
    return (item for _, item in _walk(value) if isinstance(item, str))


def _walk(value: object) -> Iterator[tuple[int, object]]:
    """Every value inside a JSON value with its depth, the value itself first."""
    waiting = [(0, value)]
    while waiting:
        depth, item = waiting.pop()
        yield depth, item
        children = list(item.values()) if isinstance(item, dict) else item if isinstance(item, list) else []
        waiting += [(depth + 1, child) for child in reversed(children)]


def json_bytes(value: object, *, indent: int | None = None) -> bytes:
    """JSON in UTF-8 that people can read; only what UTF-8 or a line cannot hold is escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return text.translate(_LINE_BREAKS).encode("utf-8", "backslashreplace")


def search_form(parts: Iterable[str]) -> str:
    """The parts folded for searching: width and case do not count, and no match reaches across two parts."""
    return "\x1f".join(_folded(part) for part in parts)


def _folded(text: str) -> str:
    storable = _UNSTORABLE.sub("\ufffd", text)
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", storable).casefold())
