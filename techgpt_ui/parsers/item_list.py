"""Keywords or terms: ``高炉，炼铁，焦比`` on one line, or ``blast furnace, iron making``.

A bare key (``关键词：``, ``Keywords:``) is scaffolding, as the keys of entity lines are; a longer preamble
(``以下是文本的关键词：``) is left over, and so is what explains an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from techgpt_ui.parsers import peeling
from techgpt_ui.parsers.base import (
    NONE_WORDS,
    AnswerFormat,
    ParseContext,
    is_refusal,
    is_scaffold,
    leftovers,
    lines,
    says_none,
)
from techgpt_ui.parsers.spans import lark_string, span_terminals
from techgpt_ui.schema import Parsed, RawSpan, ReadingKey

SEPARATORS = {"techgpt": "，", "english": ", "}
MAX_ITEMS = 24
MAX_CHARACTERS = 60
MAX_WORDS = 12
CLAUSE_CHARACTERS = 15
CLAUSE_WORDS = 6
"""From these lengths on, a part of a line that ends in a full stop makes the line a sentence."""
MAX_DOUBTFUL = 20_000
"""Beyond this many characters an answer ran wild, and doubts are no longer put to the source."""

Range = tuple[int, int]

_QUOTE = r"""["'“”‘’`*]{0,4}"""
_NOUN = r"""(?:关键词|关键字|关键术语|术语|主题词
    |(?<![a-z])(?:key\s?words?|key\s?phrases?|(?:(?:key|technical|domain)\s)?terms?)(?![a-z]))"""
_KEY = re.compile(
    rf"""{_QUOTE}(?:文本|文中|本文|摘要|提取|抽取|领域|专业|主要|核心|的|(?<![a-z])(?:the|extracted|main)\s){{0,4}}
        {_NOUN}(?:列表|\slist)?{_QUOTE}
        (?:(?:分别|如下|包括|包含|有|是|为){{0,3}}\s{{0,4}}[:：]\*{{0,2}}
          |(?:分别|如下)?(?:是|为|包括|包含|有)(?![a-z])|\s(?:are|is|include)(?:\s?:|(?=\s)))""",
    re.IGNORECASE | re.VERBOSE,
)
_PREAMBLE = re.compile(
    rf"""(?:以下|下面是|好的|当然|根据(?:文本|上文|上述|给定|提供|您)|here\s(?:are|is)\b|here['’]s\b|sure\b|certainly\b
           |of\scourse\b|based\son\b|below\sare\b|the\sfollowing\b)[^\n:：]{{0,120}}(?:[:：]|$)
        |[^,，、;；:：\n]{{0,60}}?{_NOUN}[^,，、;；:：\n]{{0,20}}[:：]
        |[^,，、;；:：\n]{{0,40}}?{_NOUN}(?:(?:分别|主要)?(?:是|为|有|包括|包含)|\s(?:are|is|include)\s)""",
    re.IGNORECASE | re.VERBOSE,
)
_REMARK = re.compile(r"(?:note|explanation|reason|注意?|说明|解释|备注|理由)\s?[:：]", re.IGNORECASE)
_TERM = re.compile(r"(?P<term>[^,，、;；:：|\n]{1,60}?)(?:[:：](?![\d/])|\s[-–—]\s|——)(?=.)")
_SHIELD = re.compile(
    r"""(?<![\d,])\d{1,3}(?:,\d{3}){1,8}(?!\d)
      | (?<!\d)\d{1,2}['′]?(?:,\d{1,2}['′]?){1,8}-(?=[^\s\d])
      | (?<![^\s,，、;；:：\[{（(])(?P<quote>["'])[^"'\n]{1,80}(?P=quote)(?![^\s,，、;；。.\]}）)])""",
    re.VERBOSE,
)
_SHIELDING = {"(": ")", "（": "）", "《": "》", "“": "”", "「": "」", "『": "』", "〈": "〉"}
_CUT = re.compile(r"[,，、;；|\t]|\s/\s|(?=[①-⑳])")
_NUMBERED = re.compile(r"\s{0,4}\d{1,2}[.、)）](?!\d)")
_NUMBERED_CUT = re.compile(r"[,，;；|\t]|(?<!\d)、|\s/\s|\s(?=\d{1,2}[.、)）](?!\d))")
_SPACE = re.compile(r"[ \u3000]+")
_SPACED_ITEMS = re.compile(r"[\u2e80-\u9fff]{2,12}(?:[ \u3000]{1,3}[\u2e80-\u9fff]{2,12}){1,40}")
_UNSPACED = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_JOINER = re.compile(r"\s{0,4}(?:and\s|or\s|以及|还有)", re.IGNORECASE)
_JOINED = re.compile(r"(?P<left>.{1,80}?)(?:\s(?:and|or)\s|以及|[和及与])(?P<right>.{1,80})", re.IGNORECASE)
_ARRAY = {"[": "]", "{": "}", "【": "】"}
# Outside brackets and numbers, these end an item.
_BORDER = r"[、|\t]|,(?!\d{3}(?!\d))"
_EDGE = ",，、;；|。!！"
_AROUND_WORD = _EDGE + ".:： \t\"'“”‘’「」『』《》〈〉`*_()（）[]【】{}<>＜＞"


class ItemList(AnswerFormat):
    """A list of items in both dialects."""

    fills: tuple[ReadingKey, ...] = ("items",)

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Read a list with any separators; what is too long for an item is left over."""
        if says_none(raw):
            return Parsed(says_none=True)
        source = context.source if len(raw) <= MAX_DOUBTFUL else ""
        items: list[RawSpan] = []
        nones: list[Range] = []
        for line in lines(raw):
            start, end = _body(raw, *line)
            if says_none(raw[start:end]):
                nones.append((start, end))
            else:
                items += _items(raw, start, end, source)
        consumed = [(item.start, item.end) for item in items]
        if not items:
            consumed = nones
        return Parsed(
            items=tuple(items),
            leftovers=leftovers(raw, consumed, self.is_scaffold),
            says_none=bool(nones and not items),
        )

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(item,)`` pieces."""
        return SEPARATORS[dialect].join(item for (item,) in pieces) or NONE_WORDS[dialect]

    def separator(self, dialect: str) -> str:
        """The dialect's comma."""
        return SEPARATORS[dialect]

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str:
        """Up to ``MAX_ITEMS`` spans of the source, or the word for none."""
        none, separator = lark_string(NONE_WORDS[dialect]), lark_string(SEPARATORS[dialect])
        spans = span_terminals(source, _BORDER, longest=MAX_CHARACTERS)
        if not spans:
            return f"start: {none}\n"
        return f"start: {none} | ITEM{{0,{MAX_ITEMS - 1}}} SPAN\nITEM: SPAN {separator}\n{spans}"

    def is_scaffold(self, text: str) -> bool:
        """Separators, bullets, bare keys, and the "and" before a last item."""
        bare = _KEY.sub("", text)
        return is_scaffold(bare) or bare.strip(_AROUND_WORD).casefold() in ("and", "or", "以及", "还有", "等")


def _body(raw: str, start: int, end: int) -> Range:
    """The part of a line that may hold items: behind its key or preamble, within its list brackets."""
    text = peeling.after_bullet(raw, start, end)
    outer = peeling.unwrapped(raw, text, end, _ARRAY)
    if is_refusal(outer.text) or _REMARK.match(outer.text):
        return end, end
    head = _KEY.match(outer.text) or _PREAMBLE.match(outer.text)
    if not head:
        return (start if outer.start == text else outer.start), outer.end
    inner = peeling.unwrapped(raw, outer.start + head.end(), outer.end, _ARRAY)
    return inner.start, inner.end


def _items(raw: str, start: int, end: int, source: str) -> list[RawSpan]:
    """The items of a line; none where the line is a sentence, one where it explains an item."""
    parts = _parts(raw, start, end, source)
    if raw[start:end].endswith((".", "。", "!", "！")) and any(_is_clause(part.text, source) for part in parts):
        return []
    if (term := _TERM.match(raw, start, end)) and not _is_in(raw[start:end].strip(_EDGE + ". "), source):
        listed = _parts(raw, term.end(), end, source)
        is_category = len(listed) > 1 and all(_is_in(part.text, source) for part in listed)
        parts = listed if is_category else [_peeled(raw, start, term.end("term"), source)]
    return [part for part in parts if _fits(part.text) and not is_scaffold(part.text)]


def _parts(raw: str, start: int, end: int, source: str) -> list[RawSpan]:
    """What stands between the separators of a line."""
    cuts = [*_cut(raw, start, end, source)]
    last = _JOINED.fullmatch(raw, *cuts[-1]) if source else None
    if last and len(cuts) > 1:
        pair = [_peeled(raw, *last.span(side), source) for side in ("left", "right")]
        if all(_is_in(part.text, source) for part in pair) and raw[last.start() : last.end()].strip() not in source:
            cuts[-1:] = [last.span("left"), last.span("right")]
    return [part for cut in cuts if (part := _peeled(raw, *cut, source)).text]


def _cut(raw: str, start: int, end: int, source: str) -> Iterator[Range]:
    """Cut a line at the separators that no number, quotation, bracket or title mark shields."""
    whole = raw[start:end].strip("。 ")
    pattern = _NUMBERED_CUT if _NUMBERED.match(raw, start, end) else _CUT
    if _SPACED_ITEMS.fullmatch(whole) and whole not in source:
        pattern = _SPACE
    shields = _shields(raw, start, end, source)
    at = start
    for cut in pattern.finditer(raw, start, end):
        if not shields[cut.start() - start]:
            yield at, cut.start()
            at = cut.end()
    yield at, end


def _shields(raw: str, start: int, end: int, source: str) -> bytearray:
    """1 for each character at which a line is not cut."""
    marks = bytearray(end - start + 1)
    ranges = [found.span() for found in _SHIELD.finditer(raw, start, end)]
    opened: list[int] = []
    for at in range(start, end):
        if raw[at] in _SHIELDING:
            opened.append(at)
        elif opened and raw[at] == _SHIELDING[raw[opened[-1]]]:
            ranges.append((opened.pop(), at))
    for low, high in ranges:
        # A quotation around several items is a list in quotes.
        listed = raw[low] in "\"'“" and source and raw[low + 1 : high].rstrip("\"'") not in source
        if high - low <= MAX_CHARACTERS and not listed:
            marks[low - start : high - start] = b"\1" * (high - low)
    return marks


def _peeled(raw: str, start: int, end: int, source: str) -> RawSpan:
    """An item without what stands around it; round brackets stay where the source has them."""
    start = peeling.after_bullet(raw, start, end)
    if joiner := _JOINER.match(raw, start, end):
        start = joiner.end()
    item = peeling.unwrapped(raw, start, end, peeling.QUOTES | _ARRAY, _EDGE)
    if item.text[:1] in ("(", "（") and item.text not in source:
        item = peeling.unwrapped(raw, item.start, item.end, peeling.BRACKETS, _EDGE)
    item = peeling.without_stop(item, source)
    if item.text.endswith("等") and source and item.text not in source and item.text[:-1] in source:
        item = RawSpan(text=item.text[:-1], start=item.start, end=item.end - 1)
    return peeling.unwrapped(raw, item.start, item.end, peeling.QUOTES)


def _fits(text: str) -> bool:
    """Whether a text is short enough to name something."""
    return (
        len(text) <= MAX_CHARACTERS if _UNSPACED.search(text) else len(text.split()) <= MAX_WORDS and len(text) <= 200
    )


def _is_clause(text: str, source: str) -> bool:
    long = len(text) >= CLAUSE_CHARACTERS if _UNSPACED.search(text) else len(text.split()) >= CLAUSE_WORDS
    return long and text not in source


def _is_in(text: str, source: str) -> bool:
    return bool(text) and text in source
