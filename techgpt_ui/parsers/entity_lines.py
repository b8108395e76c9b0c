"""Entities, a line each: ``实体名: 女人树， 实体类型：影视作品`` or ``Entity: Ada Lovelace, Type: person``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from techgpt_ui.parsers.base import NONE_WORDS, AnswerFormat, ParseContext, is_scaffold, leftovers, says_none, trimmed
from techgpt_ui.parsers.peeling import after_bullet
from techgpt_ui.parsers.spans import label_terminal, lark_string, lines_of, span_terminals
from techgpt_ui.schema import Parsed, ParsedMention, RawSpan, ReadingKey, Record


class Dialect(Record):
    """How one kind of model writes an entity line."""

    name_key: str
    type_key: str


DIALECTS = {
    "techgpt": Dialect(name_key="实体名: ", type_key="， 实体类型："),
    "english": Dialect(name_key="Entity: ", type_key=", Type: "),
}

_QUOTE = r"""["'“”‘’`*]{0,4}"""
_KEY = re.compile(
    rf"""{_QUOTE}(?:
        (?P<type>实体类型|实体类别|类型|(?<![a-z])(?:entity[ _]?)?type)
      | (?P<name>实体名称|实体名|实体|名称|(?<![a-z])(?:entity(?:[ _]?name)?|name))
    ){_QUOTE}[ \t]*(?:[:：]|(?<=实体名)(?=[ \t])|(?<=实体类型)(?=[ \t]))[ \t]*""",
    re.IGNORECASE | re.VERBOSE,
)
_EDGE = ",，;；、|\"'“”‘’`*{}[]【】"
_TYPE_END = re.compile(r"[\n;；。]")
_SEVERAL_TYPES = re.compile(r"\s*[/／、]\s*")
_BARE_SEPARATOR = re.compile(r"[:：|\t(（]|\s-\s|->")
MAX_BARE_LINE = 200
MAX_TYPE = 60
# Whatever _KEY could match inside a span would end it.
_KEY_BORDER = (
    r"(?i:(?:实体名称|实体名|实体|名称|实体类型|实体类别|类型|name|type|entity)[\"'“”‘’`*]*[ \t]*[:：]"
    r"|实体名[ \t]|实体类型[ \t])"
)


class EntityLines(AnswerFormat):
    """The entity format in both dialects."""

    fills: tuple[ReadingKey, ...] = ("mentions",)

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Read entity lines; two types in one (``机构/人物``) give two mentions of one surface."""
        mentions = list(_keyed(raw, context))
        consumed = [(mention.start, mention.end) for mention in mentions]
        rest = leftovers(raw, consumed)
        for line in rest:
            if found := _bare(raw, line, context):
                mentions.append(found)
                consumed.append((found.start, found.end))
        mentions.sort(key=lambda mention: mention.start)
        if not mentions and says_none(raw):
            return Parsed(says_none=True)
        return Parsed(mentions=tuple(mentions), leftovers=leftovers(raw, consumed))

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(surface, type)`` pieces."""
        keys = DIALECTS[dialect]
        lines = [f"{keys.name_key}{surface}{keys.type_key}{kind}" for surface, kind in pieces]
        return "\n".join(lines) or NONE_WORDS[dialect]

    def separator(self, dialect: str) -> str:
        """A line break in every dialect."""
        return "\n"

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str:
        """Lines of the dialect with surfaces from ``source`` and types from ``labels`` (any when empty)."""
        keys = DIALECTS[dialect]
        spans = span_terminals(source, _KEY_BORDER)
        return (
            lines_of(f"{lark_string(keys.name_key)} NAMED TYPE", NONE_WORDS[dialect], possible=bool(spans))
            + label_terminal("TYPE", labels, r"[^\s,，;；:：。<>\/、|][^\n,，;；:：。<>\/、|]{0,23}")
            + f"NAMED: SPAN {lark_string(keys.type_key)}\n{spans}"
        )


def _keyed(raw: str, context: ParseContext) -> Iterator[ParsedMention]:
    """Mentions written with keys: every name key that a type key follows."""
    keys = [*_KEY.finditer(raw)]
    for at, (name, kind) in enumerate(pairwise(keys)):
        if not name["name"] or not kind["type"] or raw.count("\n", name.end(), kind.start()) > 1:
            continue
        surface = trimmed(raw, name.end(), kind.start(), _EDGE)
        limit = keys[at + 2].start() if at + 2 < len(keys) else len(raw)
        end = _TYPE_END.search(raw, kind.end(), limit)
        label = trimmed(raw, kind.end(), end.start() if end else limit, _EDGE + ".)）")
        if not surface.text or "\n" in surface.text or not 0 < len(label.text) <= MAX_TYPE:
            continue
        types = [label.text] if label.text in context.labels else _SEVERAL_TYPES.split(label.text)
        for one in filter(None, types):
            yield ParsedMention(surface=surface, type=one, start=name.start(), end=label.end)


def _bare(raw: str, line: RawSpan, context: ParseContext) -> ParsedMention | None:
    """``name (type)``, ``name: type`` or ``type: name`` without keys, if the type is one that was asked for."""
    if len(line.text) > MAX_BARE_LINE:
        return None
    known = {label.casefold() for label in context.labels}
    start = after_bullet(raw, line.start, line.end)
    for separator in _BARE_SEPARATOR.finditer(raw, start, line.end):
        left = trimmed(raw, start, separator.start(), _EDGE)
        right = trimmed(raw, separator.end(), line.end, _EDGE + ")）")
        for surface, kind in ((left, right), (right, left)):
            if kind.text.casefold() in known and surface.text and not is_scaffold(surface.text):
                return ParsedMention(surface=surface, type=kind.text, start=line.start, end=line.end)
    return None
