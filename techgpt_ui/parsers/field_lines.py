"""Open extraction, a line a field: ``时间：2月8日上午。`` or ``time: Tuesday morning``.

A value which stands in the source as a whole is never split, one which does not is split at ``、``, ``；`` and
``;``, and at a comma where the source has all its parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from techgpt_ui.parsers import peeling
from techgpt_ui.parsers.base import NONE_WORDS, AnswerFormat, ParseContext, is_scaffold, leftovers, lines, says_none
from techgpt_ui.parsers.spans import lark_string, span_terminals
from techgpt_ui.schema import Parsed, ParsedField, RawSpan, ReadingKey, Record


class Dialect(Record):
    """How one kind of model writes a field's line."""

    colon: str
    joint: str
    stop: str


DIALECTS = {
    "techgpt": Dialect(colon="：", joint="、", stop="。"),
    "english": Dialect(colon=": ", joint="; ", stop=""),
}
MAX_VALUES = 8
MAX_FREE_LINES = 32
MAX_NAME = 20
"""Longer names that nobody asked for are clauses before a colon."""
MAX_DOUBTFUL = 20_000
"""Beyond this many characters an answer ran wild, and doubts are no longer put to the source."""

Range = tuple[int, int]

_QUOTE = r"""["'“”‘’`*【】\s]{0,4}"""
_COLON = r"(?:(?<!\d)[:：]|(?<=\d)[:：](?!\d))(?!//)\*{0,2}"
_LINE_HEAD = re.compile(rf"""[\[{{\s]{{0,4}}{_QUOTE}(?P<name>[^:：\n\[\]{{}}"“”*【】]{{1,60}}?){_QUOTE}{_COLON}""")
_JSON_HEAD = re.compile(r"""[{,，]\s{0,4}"(?P<name>[^"\n:：]{1,40})"\s{0,4}[:：]""")
_NOT_A_NAME = re.compile(r"[，。；、,;?？!！|<>＜＞]|^[\W\d]*$")
_JOINT = re.compile(r"[、；;|]")
_COMMA = re.compile(r"[,，](?!\d{3}(?!\d))")
_QUOTED = re.compile(r"""(?P<quote>["'])(?P<value>[^"'\n]{0,400})(?P=quote)""")
_ABSENT = re.compile(
    r"(?:(?:文中|原文|文章|文本)中?)?(?:没有|未|并未)(?:明确)?(?:提及|提到|说明|给出|指出|涉及|提供)(?:该|相关)?(?:信息)?"
    r"|不详|未知|不明确|unknown|not\s(?:mentioned|specified|provided|given|stated|available|applicable)[^,;\n]{0,40}|[-/—]{1,3}",
    re.IGNORECASE,
)
_PAIRS = peeling.QUOTES | {"[": "]", "{": "}", "【": "】"}
_EDGE = ",，、;；|"


class FieldLines(AnswerFormat):
    """Fields with their values in both dialects."""

    fills: tuple[ReadingKey, ...] = ("fields",)

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Read fields; one whose name was asked for may be empty, any other needs a value."""
        source = context.source if len(raw) <= MAX_DOUBTFUL else ""
        fields = [field for draft in _drafts(raw, context.labels) if (field := _field(raw, draft, source))]
        if not fields and says_none(raw):
            return Parsed(says_none=True)
        return Parsed(fields=tuple(fields), leftovers=leftovers(raw, [(field.start, field.end) for field in fields]))

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(name, value, …)`` pieces; no value, the word for none."""
        form = DIALECTS[dialect]
        return "\n".join(
            f"{name}{form.colon}{form.joint.join(values) or NONE_WORDS[dialect]}{form.stop}" for name, *values in pieces
        )

    def separator(self, dialect: str) -> str:
        """A line break in every dialect."""
        return "\n"

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str:
        """One line for each of ``labels`` with values from ``source``; free names when there are none."""
        form = DIALECTS[dialect]
        start = ' "\\n" '.join(f"{lark_string(label + form.colon)} values" for label in labels)
        if not labels:
            colon = f"{form.colon}/\n"
            start = (
                f'line ("\\n" line){{0,{MAX_FREE_LINES - 1}}}\nline: NAME values\n'
                r"NAME: /[\p{L}\p{N}_]([\p{L}\p{N}_ \-]{0,17}[\p{L}_])?" + colon
            )
        none, joint, stop = map(lark_string, (NONE_WORDS[dialect], form.joint, form.stop))
        stop = f" {stop}?" if form.stop else ""
        rules = f"start: {start}\nNONE: {none}{stop}\n"
        spans = span_terminals(source, _border(labels))
        if not spans:
            return f"{rules}values: NONE\n"
        return f"{rules}values: NONE | MORE{{0,{MAX_VALUES - 1}}} LAST\nMORE: SPAN {joint}\nLAST: SPAN{stop}\n{spans}"


def _border(labels: Sequence[str]) -> str:
    """What the parser would take for the end of a value."""
    names = "".join(rf"|{re.escape(label)}\s?[:：]" for label in labels)
    return rf"[、|]{names}"


@dataclass
class _Draft:
    """A field's name and the stretches that may hold its values."""

    name: Range
    colon: int
    asked: bool
    bulleted: bool
    bodies: list[Range]


def _drafts(raw: str, labels: tuple[str, ...]) -> list[_Draft]:
    """All names of fields in the answer with what follows them."""
    labels = tuple(label for label in labels if label.strip())
    drafts: list[_Draft] = []
    waiting: _Draft | None = None
    for start, end in lines(raw):
        text = peeling.after_bullet(raw, start, end)
        found = _line_drafts(raw, text, end, labels, bulleted=text > start)
        if waiting and text > start and not waiting.bulleted and not any(draft.asked for draft in found):
            waiting.bodies.append((text, end))
        elif found:
            drafts += found
            waiting = None if found[-1].bodies else found[-1]
        elif waiting and (not waiting.bodies or raw[text] in "\"'"):
            if not is_scaffold(raw[text:end]):
                waiting.bodies.append((text, end))
        elif not is_scaffold(raw[text:end]):
            waiting = None
    return drafts


def _line_drafts(raw: str, start: int, end: int, labels: tuple[str, ...], *, bulleted: bool) -> list[_Draft]:
    """The names on one line: the one it begins with, keys of a JSON object, and any that was asked for."""
    asked = {found.start("name"): found for found in _asked_names(labels).finditer(raw, start, end)} if labels else {}
    keys = {found.start("name"): found for found in _JSON_HEAD.finditer(raw, start, end)}
    first = _LINE_HEAD.match(raw, start, end)
    heads = keys | asked
    if first and (len(first["name"]) <= MAX_NAME and not _NOT_A_NAME.search(first["name"])):
        heads.setdefault(first.start("name"), first)
    places = sorted(heads)
    drafts = []
    for place, limit in zip(places, [*(heads[place].start() for place in places), end][1:], strict=True):
        head = heads[place]
        body = [] if is_scaffold(raw[head.end() : limit]) else [(head.end(), limit)]
        drafts.append(_Draft(head.span("name"), head.end(), place in asked or place in keys, bulleted, body))
    return drafts


@lru_cache(maxsize=64)
def _asked_names(labels: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(label.strip()) for label in sorted(labels, key=len, reverse=True))
    return re.compile(rf"(?<!\w){_QUOTE}(?P<name>{names}){_QUOTE}[:：]\*{{0,2}}", re.IGNORECASE)


def _field(raw: str, draft: _Draft, source: str) -> ParsedField | None:
    values: list[RawSpan] = []
    end = draft.colon
    for body in draft.bodies:
        whole = peeling.without_stop(peeling.unwrapped(raw, *body, _PAIRS, _EDGE), source)
        end = max(end, whole.end)
        if not is_absent(whole.text):
            values += _values(raw, whole, source)
    if not draft.asked and not draft.bodies:
        return None
    start, stop = draft.name
    return ParsedField(
        name=RawSpan(text=raw[start:stop], start=start, end=stop), values=tuple(values), start=start, end=end
    )


def _values(raw: str, whole: RawSpan, source: str) -> list[RawSpan]:
    """One value where the source has it as a whole, else the parts between its joints."""
    quoted = [*_QUOTED.finditer(raw, whole.start, whole.end)]
    if len(quoted) > 1 and is_scaffold(_QUOTED.sub("", whole.text)):
        parts = [found.span("value") for found in quoted]
    elif source and whole.text in source:
        parts = [(whole.start, whole.end)]
    else:
        parts = [
            part for joint in _split(raw, whole.start, whole.end, _JOINT) for part in _at_commas(raw, *joint, source)
        ]
    values = (peeling.without_stop(peeling.unwrapped(raw, *part, _PAIRS, _EDGE), source) for part in parts)
    return [value for value in values if not is_scaffold(value.text)]


def _at_commas(raw: str, start: int, end: int, source: str) -> list[Range]:
    parts = _split(raw, start, end, _COMMA)
    is_list = source and raw[start:end].strip() not in source and all(raw[a:b].strip() in source for a, b in parts)
    return parts if is_list else [(start, end)]


def _split(raw: str, start: int, end: int, separator: re.Pattern[str]) -> list[Range]:
    cuts = [found.span() for found in separator.finditer(raw, start, end)]
    starts = [start, *(cut[1] for cut in cuts)]
    ends = [*(cut[0] for cut in cuts), end]
    return [*zip(starts, ends, strict=True)]


def is_absent(text: str) -> bool:
    """Whether a value only says that there is none: 无, 未提及, N/A, not mentioned in the text."""
    return says_none(text) or _ABSENT.fullmatch(text) is not None
