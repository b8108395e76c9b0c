"""Program text in fences, or bare; it is read, never executed.

An answer without any program is unparsed, and all of it is left over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from techgpt_ui.parsers.base import AnswerFormat, ParseContext, leftovers, trimmed
from techgpt_ui.parsers.program_text import is_program, program_lines
from techgpt_ui.schema import Parsed, ParsedCode, RawSpan, ReadingKey, Record

_FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})[ \t]*(?P<language>[A-Za-z0-9_+#./-]{0,24})[^`\n]{0,60}")
_CLOSED_LINE = re.compile(r"[ \t]*(?P<marks>`{3,})(?P<source>[^`\n]+)`{3,}[ \t]*")

Range = tuple[int, int]


class _Fence(Record):
    """An opening fence; its block's source starts on the next line."""

    marks: str
    language: str
    start: int
    source: int


class CodeBlocks(AnswerFormat):
    """Fenced blocks with prose around them."""

    fills: tuple[ReadingKey, ...] = ("code", "text")

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Read all blocks, an unclosed last one to its end; without fences, read what looks like a program."""
        code = _fenced(raw) or _bare(raw)
        if not code:
            return Parsed(leftovers=leftovers(raw, (), self.is_scaffold))
        edges = [0, *(edge for block in code for edge in (block.start, block.end)), len(raw)]
        around = (trimmed(raw, *gap, "") for gap in zip(edges[::2], edges[1::2], strict=True))
        return Parsed(code=tuple(code), prose=tuple(piece for piece in around if piece.text))

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(language, source)`` pieces, each in a fence longer than any within."""
        blocks = []
        for language, source in pieces:
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
            blocks.append(f"{fence}{language}\n{source}\n{fence}")
        return "\n\n".join(blocks)

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> None:
        """None: program text cannot be bound to a source."""

    def is_scaffold(self, text: str) -> bool:
        """Only white space: what is no program is prose."""
        return not text.strip()


def _fenced(raw: str) -> list[ParsedCode]:
    """All fenced blocks that hold something."""
    blocks: list[ParsedCode] = []
    opened: _Fence | None = None
    at = 0
    for line in raw.split("\n"):
        end = at + len(line)
        if opened is None:
            if inline := _CLOSED_LINE.fullmatch(line):
                blocks += _block(raw, "", (at, end), (at + inline.start("source"), at + inline.end("source")))
            else:
                opened = _opening(line, at)
        elif (close := _closing(line, opened.marks)) is not None:
            last = at + close if line[:close].strip() else at - 1
            blocks += _block(raw, opened.language, (opened.start, end), (opened.source, last))
            opened = None
        at = end + 1
    if opened is not None:
        blocks += _block(raw, opened.language, (opened.start, len(raw)), (opened.source, len(raw)))
    return blocks


def _opening(line: str, at: int) -> _Fence | None:
    """The fence that opens on a line, alone on it or behind words."""
    place = min((place for mark in ("```", "~~~") if (place := line.find(mark)) >= 0), default=-1)
    found = _FENCE.fullmatch(line, place) if place >= 0 else None
    if found is None or (place and not line[:place].isspace() and found["marks"][0] == "~"):
        return None
    return _Fence(marks=found["marks"], language=found["language"], start=at + place, source=at + len(line) + 1)


def _closing(line: str, marks: str) -> int | None:
    """Where on a line the fence stands that closes ``marks``: alone, or at the end of a line of code."""
    bare = line.rstrip()
    text = bare.rstrip(marks[0])
    count = len(bare) - len(text)
    is_close = count >= len(marks) and (not text.strip() or (marks[0] == "`" and count == len(marks)))
    return len(text) if is_close else None


def _block(raw: str, language: str, whole: Range, source: Range) -> list[ParsedCode]:
    start, end = source[0], max(source)
    if not raw[start:end].strip():
        return []
    span = RawSpan(text=raw[start:end], start=start, end=end)
    return [ParsedCode(language=language, source=span, start=whole[0], end=min(whole[1], len(raw)))]


def _bare(raw: str) -> list[ParsedCode]:
    """A program without fences: all of the answer, or most of its lines."""
    whole = trimmed(raw, 0, len(raw), "")
    found = (whole.start, whole.end) if is_program(whole.text) else program_lines(raw)
    if found is None:
        return []
    # The first line keeps its indentation.
    start = raw.rfind("\n", 0, found[0]) + 1
    start = start if raw[start : found[0]].isspace() else found[0]
    span = RawSpan(text=raw[start : found[1]], start=start, end=found[1])
    return [ParsedCode(language="", source=span, start=span.start, end=span.end)]
