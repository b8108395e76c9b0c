"""A title: the first line of the answer that says something.

A bare key (``标题：``, ``Title:``) is scaffolding; a longer preamble and later lines are left over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from techgpt_ui.parsers import peeling
from techgpt_ui.parsers.base import AnswerFormat, ParseContext, is_refusal, is_scaffold, leftovers, lines
from techgpt_ui.schema import Parsed, RawSpan, ReadingKey

_QUOTE = r"""["'“”‘’`*#]{0,4}"""
_KEY = re.compile(
    rf"""{_QUOTE}\s{{0,2}}(?:(?:论文|文章|摘要|缩写后?的?|生成的?|建议的?)?(?:标题|题目)|(?:(?:the|paper|suggested|short)\s)?title)
        {_QUOTE}(?:\s?[:：]\*{{0,2}}|(?:是|为)\s?(?:[:：]|(?=[《“"])))""",
    re.IGNORECASE | re.VERBOSE,
)
_PREAMBLE = re.compile(
    r"""(?:以下|下面|这是|该摘要|根据|好的|当然|可以|here\s(?:is|are)\b|here['’]s\b|sure\b|certainly\b|of\scourse\b
          |(?:the|a|one)\s(?:(?:possible|suitable|short|concise)\s)?title\s(?:is\b|(?:could|would|might)\sbe\b
             |(?:of|for)\s(?:the|this|your)\s(?:text|abstract|paper|passage|summary|article)\b))
        [^:：\n]{0,120}[:：]""",
    re.IGNORECASE | re.VERBOSE,
)
_PAIRS = peeling.QUOTES | peeling.TITLE_MARKS | {"[": "]", "【": "】"}


class OneLine(AnswerFormat):
    """One line; the prompt asks for no more."""

    fills: tuple[ReadingKey, ...] = ("text",)

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """The first line that is neither a preamble nor mere marks."""
        for start, end in lines(raw):
            title = _title(raw, start, end)
            if not is_scaffold(title.text) and not is_refusal(title.text):
                return Parsed(prose=(title,), leftovers=leftovers(raw, [(title.start, title.end)], self.is_scaffold))
        return Parsed(leftovers=leftovers(raw, (), self.is_scaffold))

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(title,)``."""
        return "\n".join(title for (title,) in pieces)

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> None:
        """None: a title need not stand in its abstract."""

    def is_scaffold(self, text: str) -> bool:
        """Marks and a bare key."""
        return is_scaffold(_KEY.sub("", text, count=1))


def _title(raw: str, start: int, end: int) -> RawSpan:
    """A line without bullet, preamble, key, quotes and full stop."""
    start = peeling.after_bullet(raw, start, end)
    for head in (_PREAMBLE, _KEY):
        if found := head.match(raw, start, end):
            start = found.end()
    title = peeling.without_stop(peeling.unwrapped(raw, start, end, _PAIRS), "")
    return peeling.unwrapped(raw, title.start, title.end, _PAIRS)
