"""Which stretches of the source an answer repeats word for word."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

import regex

from techgpt_ui.grounding.normalise import Span, fold

MAX_SPANS = 12
MAX_CHARACTERS = 100_000
"""Of longer texts only the beginning is looked at."""
MIN_LETTERS = 4
"""A lone word of fewer letters is evidence only if it is a number or a name."""

_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}"
_TOKEN = regex.compile(
    rf"\d+(?:[.,:/]\d+)*|[[\p{{L}}]--[{_UNSPACED}]](?:[[\p{{L}}\p{{M}}\d]--[{_UNSPACED}]]|'(?=\p{{L}}))*|\S", regex.V1
)
_HAN = regex.compile(rf"[{_UNSPACED}]")
_STOP_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "could", "did", "do", "does", "for",
    "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is", "it", "its", "may",
    "more", "most", "no", "not", "of", "on", "or", "our", "she", "should", "so", "such", "than", "that", "the",
    "their", "them", "then", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what", "when",
    "where", "which", "while", "who", "why", "will", "with", "would", "you", "your",
))  # fmt: skip
_STOP_CHARACTERS = frozenset(
    "的了是在和与及或也就都而且但被把对为于中上下有这那其之以所个等到从向并又还因此他她它们我你"
)


class _Tokens(NamedTuple):
    """A text as words, single Chinese characters and marks; one character of ``code`` for each."""

    code: str
    forms: tuple[str, ...]
    spans: tuple[Span, ...]


def evidence_spans(answer: str, source: str) -> list[Span]:
    """Source spans that the answer repeats, case and width aside: longest first claimed, given in the source's order.

    Words are never cut. What is too short to prove anything (of the, 的) does not count, unless it is all of the
    answer.
    """
    codes: dict[str, str] = {}
    page = _tokens(source[:MAX_CHARACTERS], codes)
    said = _tokens(answer[:MAX_CHARACTERS], codes)
    first, last = _without_marks(said, 0, len(said.code))
    if first < last and (at := page.code.find(said.code[first:last])) >= 0:
        return [(page.spans[at][0], page.spans[at + last - first - 1][1])]
    found: list[Span] = []
    for start, end in _claims(said, page.code, answer):
        if place := _free_place(said.code[start:end], page, found):
            found.append(place)
        if len(found) == MAX_SPANS:
            break
    return sorted(found)


def _tokens(text: str, codes: dict[str, str]) -> _Tokens:
    folded = fold(text)
    found = [*_TOKEN.finditer(folded.text)]
    forms = tuple(token.group() for token in found)
    # Private planes: no code is a surrogate, and there are more of them than tokens.
    code = "".join(codes.setdefault(form, chr(0x10000 + len(codes))) for form in forms)
    return _Tokens(code, forms, tuple((folded.starts[t.start()], folded.ends[t.end() - 1]) for t in found))


def _claims(said: _Tokens, page: str, answer: str) -> Iterator[Span]:
    """Stretches of the answer's tokens that stand in the source, longest first, none over another."""
    taken = bytearray(len(said.code))
    queue: list[tuple[int, int, int]] = []

    def offer(start: int, end: int) -> None:
        start, end = _without_marks(said, start, end)
        if start < end and _proves(said, start, end, answer):
            heapq.heappush(queue, (said.spans[start][0] - said.spans[end - 1][1], start, end))

    for start, end in _stretches(said.code, page):
        offer(start, end)
    while queue:
        _, start, end = heapq.heappop(queue)
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            yield start, end
            continue
        for part in regex.finditer(b"\0+", bytes(taken[start:end])):
            offer(start + part.start(), start + part.end())


def _stretches(code: str, page: str) -> Iterator[Span]:
    """The maximal stretches of ``code`` that occur in ``page``."""
    automaton = _SuffixAutomaton(page)
    state = length = 0
    for at, character in enumerate(code):
        before = at - length
        while state and character not in automaton.steps[state]:
            state = automaton.links[state]
            length = automaton.lengths[state]
        if character in automaton.steps[state]:
            state = automaton.steps[state][character]
            length += 1
        if before < at and at + 1 - length > before:
            yield before, at
    if length:
        yield len(code) - length, len(code)


class _SuffixAutomaton:
    """All substrings of a text as paths from state 0 (Blumer et al., 1985), built in linear time."""

    def __init__(self, text: str) -> None:
        self.steps: list[dict[str, int]] = [{}]
        self.links = [-1]
        self.lengths = [0]
        last = 0
        for character in text:
            last = self._extend(last, character)

    def _extend(self, last: int, character: str) -> int:
        new = self._add({}, 0, self.lengths[last] + 1)
        state = last
        while state >= 0 and character not in self.steps[state]:
            self.steps[state][character] = new
            state = self.links[state]
        if state < 0:
            return new
        target = self.steps[state][character]
        if self.lengths[target] != self.lengths[state] + 1:
            copy = self._add(dict(self.steps[target]), self.links[target], self.lengths[state] + 1)
            self.links[target] = copy
            while state >= 0 and self.steps[state].get(character) == target:
                self.steps[state][character] = copy
                state = self.links[state]
            target = copy
        self.links[new] = target
        return new

    def _add(self, steps: dict[str, int], link: int, length: int) -> int:
        self.steps.append(steps)
        self.links.append(link)
        self.lengths.append(length)
        return len(self.steps) - 1


def _without_marks(said: _Tokens, start: int, end: int) -> Span:
    while start < end and not said.forms[start][0].isalnum():
        start += 1
    while end > start and not said.forms[end - 1][0].isalnum():
        end -= 1
    return start, end


def _proves(said: _Tokens, start: int, end: int, answer: str) -> bool:
    """Whether a stretch says enough: two words or characters that are not all function words, or one strong word."""
    forms = [form for form in said.forms[start:end] if form[0].isalnum()]
    telling = [form for form in forms if form not in _STOP_WORDS and form not in _STOP_CHARACTERS]
    if len(forms) > 1:
        return bool(telling)
    if not telling or _HAN.match(telling[0]):
        return False
    written = answer[said.spans[start][0] : said.spans[end - 1][1]]
    return written[0].isdigit() or written[0].isupper() or len(written) >= MIN_LETTERS


def _free_place(code: str, page: _Tokens, taken: list[Span]) -> Span | None:
    """The first place of ``code`` in the source that no other span stands on."""
    at = page.code.find(code)
    while at >= 0:
        start, end = page.spans[at][0], page.spans[at + len(code) - 1][1]
        if all(end <= other[0] or other[1] <= start for other in taken):
            return start, end
        at = page.code.find(code, at + 1)
    return None
