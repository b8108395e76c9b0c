"""Spans of a source as a grammar sees them: by word where words are spaced, by character where not."""

from __future__ import annotations

import json
from collections.abc import Sequence

import regex

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_CHUNK = regex.compile(
    rf"\d+(?:[.,]\d+)+|[{_UNSPACED}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+|.", regex.V1 | regex.DOTALL
)
_WORD = regex.compile(r"[\p{L}\p{N}]")

MAX_LINES = 64
MAX_SPAN = 100
MAX_SPAN_WORDS = 12
"""Characters, and words where they are spaced; what is longer is no name."""
_EDGE = r"\s,，;；:：、。!！?？<>＜＞|\"“”‘’"
_FIRST = rf"[^{_EDGE}.'\-–—\/&+*=]"
# A full stop ends a span only where it belongs to its last word.
_LAST = rf"([^{_EDGE}.\-–—\/&*=(\[]|\p{{Lu}}\.|(Inc|Ltd|Co|Corp|Jr|Sr|St|Bros|al)\.)"
_WORDS = rf"[^\s]+([^\S\n][^\s]+){{0,{MAX_SPAN_WORDS - 1}}}"
_FULL_STOP = r"(?<!\b(?:Dr|Mr|Mrs|Ms|Prof|St|No|Fig|al|vs|\p{Lu}))\.(?=\s+\p{Lu}\p{Ll}*\s+\p{Ll})"
SENTENCE_BORDER = rf"[\n。！？]|[!?](?=\s)|{_FULL_STOP}"
CLAUSE_BORDER = rf"[\n。！？!?，；;]|,(?=\s)|{_FULL_STOP}"


def chunks(source: str) -> list[str]:
    """Cut a text into the smallest parts that a span may consist of; they join to ``source``."""
    return [found.group() for found in _CHUNK.finditer(source)]


def has_span(source: str) -> bool:
    """Whether there is anything in the text that a span could name."""
    return _WORD.search(source) is not None


def span_terminals(source: str, border: str, *, clause: str = CLAUSE_BORDER, longest: int = MAX_SPAN) -> str:
    """Lark terminals ``SPAN`` (a substring of ``source`` that stays between borders) and what it needs, "" for none.

    A span never crosses a border of clauses (lines, sentences and commas unless said otherwise), nor a match of
    ``border``, which is what the parser would take for the end of a span. A complement (``~``) in the terminal
    costs seconds and a terminal for each part breaks the lexer, so the parts stand in one automaton with line
    breaks between them, which no span may contain.

    A separator behind a span belongs into the same terminal (``ITEM: SPAN "，"``): the lexer never steps back, and
    where the source goes on with a sign that begins with the same bytes (高炉（…), it could not end the span.
    """
    parts = [part for part in regex.split(rf"\n|{clause}|{border}", source) if part and has_span(part)]
    if not parts:
        return ""
    allowed = [*chunks(parts[0]), *(chunk for part in parts[1:] for chunk in ("\n", *chunks(part)))]
    return (
        f"SPAN: PART & /{_FIRST}(.{{0,{longest - 2}}}{_LAST})?/ & /{_WORDS}/\n"
        f'PART: %regex {{"substring_chunks": {json.dumps(allowed)}}}\n'
    )


def label_terminal(name: str, labels: Sequence[str], free: str) -> str:
    """Lark terminal that is one of ``labels``, or matches ``free`` when there are none."""
    if not labels:
        return f"{name}: /{free}/\n"
    return f"{name}: {' | '.join(lark_string(label) for label in labels)}\n"


def lark_string(text: str) -> str:
    """A Lark string literal."""
    return json.dumps(text, ensure_ascii=False)


def lines_of(line: str, none_word: str, *, possible: bool) -> str:
    """Lark rules: the word for nothing, or up to ``MAX_LINES`` lines."""
    if not possible:
        return f"start: {lark_string(none_word)}\n"
    return f'start: {lark_string(none_word)} | line (NL line){{0,{MAX_LINES - 1}}}\nline: {line}\nNL: "\\n"\n'
