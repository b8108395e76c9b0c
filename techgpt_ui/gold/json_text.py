"""JSON as gold files must hold it: no key twice, no NaN, only text that is valid; every failure told with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, NoReturn

from techgpt_ui.gold.places import Place, quoted

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BLANK = re.compile(r"[ \t\n\r]*")


class Row(NamedTuple):
    """One value of a file that holds many, and where it begins."""

    place: Place
    value: Any


class _RefusedError(ValueError):
    """JSON that Python reads, but that is ambiguous or no JSON at all."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def parse(content: str, place: Place) -> Any:
    """One JSON text; UsageError with ``place``, or with the line in it where ``content`` is a whole file (line 1)."""
    try:
        value = _DECODER.decode(content)
    except (ValueError, RecursionError) as error:
        raise _told(error, place) from error
    return _valid(value, content, place)


def rows_of_array(content: str, file: str) -> Iterator[Row]:
    """The elements of a file that is one JSON array, each with the line where it begins."""
    at, line, counted = _after_blank(content, content.index("[") + 1), 1, 0
    closed = content[at : at + 1] == "]"
    after = at
    while not closed:
        line, counted = line + content.count("\n", counted, at), at
        place = Place(file, line)
        try:
            value, end = _DECODER.raw_decode(content, at)
            after = _after_blank(content, end)
            closed = content[after : after + 1] == "]"
            if not closed and content[after : after + 1] != ",":
                raise json.JSONDecodeError("Expecting ',' delimiter", content, after)
        except (ValueError, RecursionError) as error:
            raise _told(error, place, whole_file=True) from error
        yield Row(place, _valid(value, content[at:end], place))
        at = _after_blank(content, after + 1)
    if content[after + 1 :].strip():
        broken = json.JSONDecodeError("Extra data", content, _after_blank(content, after + 1))
        raise _told(broken, Place(file, line), whole_file=True)


def rows_of_lines(content: str, file: str) -> Iterator[Row]:
    """The values of a file with one JSON text a line; blank lines are passed over."""
    for number, line in enumerate(content.split("\n"), start=1):
        if line.strip():
            place = Place(file, number)
            yield Row(place, parse(line, place))


def _after_blank(content: str, at: int) -> int:
    match = _BLANK.match(content, at)
    return match.end() if match else at


def _told(error: Exception, place: Place, *, whole_file: bool = False) -> Exception:
    if isinstance(error, _RefusedError):
        return place.fault(error.code, **error.params)
    if isinstance(error, json.JSONDecodeError):
        line = error.lineno if whole_file or place.line == 1 else place.line
        return Place(place.file, line).fault("gold_not_json", why=error.msg, column=error.colno)
    return place.fault("gold_not_json", why=quoted(error), column=1)


def _valid(value: Any, content: str, place: Place) -> Any:
    # A pair of escapes is one character of UTF-16; half a pair is no text, and only an escape can write it.
    if _SURROGATE.search(content):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise place.fault("gold_surrogate") from error
    return value


def _without_twins(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _RefusedError("gold_duplicate_key", name=quoted(key))
        found[key] = value
    return found


def _no_number(constant: str) -> NoReturn:
    raise _RefusedError("gold_not_a_number", value=constant)


_DECODER = json.JSONDecoder(object_pairs_hook=_without_twins, parse_constant=_no_number)
