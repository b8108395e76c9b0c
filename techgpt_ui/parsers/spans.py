"""Spans of a source as a grammar sees them: by word where words are spaced, by character where not."""

from __future__ import annotations

import json
from collections.abc import Sequence

import regex

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_CHUNK = regex.compile(rf"[{_UNSPACED}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+|.", regex.V1 | regex.DOTALL)
_WORD = regex.compile(r"[\p{L}\p{N}]")

MAX_LINES = 64
SENTENCE_BORDER = r"[\n。！？]|[.!?](?=\s+\p{Lu}\p{Ll}*\s+\p{Ll})"
CLAUSE_BORDER = r"[\n。！？!?，；;]|,(?=\s)|\.(?=\s+\p{Lu}\p{Ll}+\s+\p{Ll})"


def chunks(source: str) -> list[str]:
    """Cut a text into the smallest parts that a span may consist of; they join to ``source``."""
    return [found.group() for found in _CHUNK.finditer(source)]


def has_span(source: str) -> bool:
    """Whether there is anything in the text that a span could name."""
    return _WORD.search(source) is not None


def span_terminals(source: str, border: str, clause: str = CLAUSE_BORDER) -> str:
    """Lark terminals ``SPAN`` (a substring of ``source`` that stays between borders) and what it needs.

    A span never crosses a border of clauses (lines, sentences and commas unless said otherwise), nor a match of
    ``border``, which is what the parser would take for the end of a span. Cutting the source there keeps the
    automaton small: a complement (``~``) in the terminal costs seconds.
    """
    edge = r"[^\s,，;；:：、。!！?？<>＜＞|\"“”'‘’]"
    parts = [part for part in regex.split(rf"{clause}|{border}", source) if part and has_span(part)]
    names = [f"PART_{at}" for at in range(len(parts))]
    return (
        f"SPAN: ({' | '.join(names)}) & /{edge}((?s:.*){edge})?/\n"
        + "".join(
            f'{name}: %regex {{"substring_chunks": {json.dumps(chunks(part))}}}\n'
            for name, part in zip(names, parts, strict=True)
        )
        if parts
        else ""
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
