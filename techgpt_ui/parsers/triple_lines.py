"""Triples, a line each: ``<陈奕迅, 出生日期, 1974年>``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from techgpt_ui.parsers.base import NONE_WORDS, AnswerFormat, ParseContext, leftovers, lines, says_none, trimmed
from techgpt_ui.parsers.spans import label_terminal, lines_of, span_terminals
from techgpt_ui.schema import Parsed, ParsedRelation, RawSpan, ReadingKey

# Opening and closing marks of a triple, the model's own first.
_BRACKETS = (("<＜", ">＞"), ("(（", ")）"), ("[【", "]】"))
_PROTECTING = {"《": "》", "“": "”", "「": "」", "（": "）", "(": ")", "『": "』"}
_SEPARATORS = (re.compile(r",\s+|，"), re.compile(r"[,，]"), re.compile(r"\|"), re.compile(r"[;；]"), re.compile(r"、"))
_EDGE = "\"'“”‘’`*"
_BEFORE_BRACKET = re.compile(r"\s*(?:[-*•]|\d{1,3}[.、)）]|[①-⑳]|.*[:：])?\s*")
MAX_PART = 200
MAX_PARTS = 12

Range = tuple[int, int]


class TripleLines(AnswerFormat):
    """The triple format; both dialects write it alike and differ in the word for none."""

    fills: tuple[ReadingKey, ...] = ("mentions", "relations")

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Read triples; one without its closing bracket at the end of the answer counts as cut off."""
        relations = []
        for start, end in lines(raw):
            relations += _read_line(raw, start, end, context)
        if not relations and says_none(raw):
            return Parsed(says_none=True)
        consumed = [(relation.start, relation.end) for relation in relations]
        return Parsed(relations=tuple(relations), leftovers=leftovers(raw, consumed))

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(head, predicate, tail)`` pieces."""
        return "\n".join(f"<{head}, {predicate}, {tail}>" for head, predicate, tail in pieces) or NONE_WORDS[dialect]

    def separator(self, dialect: str) -> str:
        """A line break in every dialect."""
        return "\n"

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str:
        """Triples with head and tail from ``source`` and predicates from ``labels`` (any when empty)."""
        spans = span_terminals(source, r"[<>＜＞]")
        return (
            lines_of('"<" HEAD LINK TAIL', NONE_WORDS[dialect], possible=bool(spans))
            + label_terminal("PREDICATE", labels, r"[^\s<>＜＞,，;；|、()（）\[\]][^\n<>＜＞,，;；|、()（）\[\]]{0,23}")
            + f'HEAD: SPAN ", "\nLINK: PREDICATE ", "\nTAIL: SPAN ">"\n{spans}'
        )


def _read_line(raw: str, start: int, end: int, context: ParseContext) -> list[ParsedRelation]:
    last = end == len(raw.rstrip())
    for opening, closing in _BRACKETS:
        bodies = list(_bodies(raw, start, end, opening, closing, last=last))
        found = [relation for body in bodies if (relation := _triple(raw, body, context))]
        if found:
            return found
    bare = re.match(r"\s*(?:[-*•]|\d{1,3}[.、)）](?!\d)|[①-⑳])?\s*", raw[start:end])
    relation = _triple(raw, (start + (bare.end() if bare else 0), end), context)
    return [relation] if relation and not _open(raw[start:end]) and _is_plausible(relation, context) else []


def _open(line: str) -> bool:
    return any(mark in line for mark in "<＜")


def _bodies(raw: str, start: int, end: int, opening: str, closing: str, *, last: bool) -> Iterator[Range]:
    """The insides of the brackets on one line; a missing closing bracket is forgiven unless the answer ends there."""
    first = next((at for at in range(start, end) if raw[at] in opening), None)
    if first is None:
        return
    # A round or square bracket after words belongs to the words.
    if opening[0] != "<" and not _BEFORE_BRACKET.fullmatch(raw[start:first]):
        return
    border = re.compile(rf"[{re.escape(closing)}]\s*[,，;；、]?\s*[{re.escape(opening)}]")
    at = first + 1
    for found in border.finditer(raw, at, end):
        yield at, found.start()
        at = found.end()
    close = max((raw.rfind(mark, at, end) for mark in closing), default=-1)
    if close >= 0:
        yield at, close
    elif not last:
        yield at, end


def _triple(raw: str, body: Range, context: ParseContext) -> ParsedRelation | None:
    for separator in _SEPARATORS:
        parts = _split(raw, body, separator)
        if len(parts) == 3:
            return _relation(raw, parts)
        if 3 < len(parts) <= MAX_PARTS and (resolved := _resolve(raw, parts, context)):
            return _relation(raw, resolved)
    return None


def _split(raw: str, body: Range, separator: re.Pattern[str]) -> list[Range]:
    """Cut at the separators that no quotation, title mark or bracket protects."""
    start, end = body
    if end - start > 4 * MAX_PART:
        return []
    shields = _protected(raw, start, end)
    parts = []
    at = start
    for found in separator.finditer(raw, start, end):
        if any(low < found.start() < high for low, high in shields):
            continue
        parts.append((at, found.start()))
        at = found.end()
    return [*parts, (at, end)]


def _protected(raw: str, start: int, end: int) -> list[Range]:
    found = []
    at = start
    while at < end:
        closing = _PROTECTING.get(raw[at])
        close = raw.find(closing, at + 1, end) if closing else -1
        if close > 0:
            found.append((at, close))
            at = close
        at += 1
    return found


def _resolve(raw: str, parts: list[Range], context: ParseContext) -> list[Range] | None:
    """Choose which comma belongs to a name: a known predicate decides, then the source, then the shortest middle."""

    def joined(low: int, high: int) -> Range:
        return parts[low][0], parts[high - 1][1]

    count = len(parts)
    splits = [(low, high) for low in range(1, count - 1) for high in range(low + 1, count)]
    options = [[joined(0, low), joined(low, high), joined(high, count)] for low, high in splits]

    def part(option: list[Range], at: int) -> str:
        return trimmed(raw, *option[at], _EDGE).text

    for option in options:
        if part(option, 1) in context.labels:
            return option
    for option in sorted(options, key=lambda option: option[1][1] - option[1][0]):
        if part(option, 0) in context.source and part(option, 2) in context.source:
            return option
    return None


def _relation(raw: str, parts: Sequence[Range]) -> ParsedRelation | None:
    head, predicate, tail = (trimmed(raw, *part, _EDGE) for part in parts)
    if not all(0 < len(part.text) <= MAX_PART for part in (head, predicate, tail)):
        return None
    return ParsedRelation(head=head, predicate=predicate, tail=tail, start=head.start, end=tail.end)


def _is_plausible(relation: ParsedRelation, context: ParseContext) -> bool:
    """Without brackets three parts may be a mere sentence: ask the predicates, then the source."""
    ends: tuple[RawSpan, RawSpan] = (relation.head, relation.tail)
    return relation.predicate.text in context.labels or all(part.text in context.source for part in ends)
