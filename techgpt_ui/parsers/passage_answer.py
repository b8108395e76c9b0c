"""The answer to a question about a passage: prose, or the words that say that the passage does not tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from techgpt_ui.parsers.base import AnswerFormat, ParseContext, trimmed
from techgpt_ui.parsers.spans import SENTENCE_BORDER, lark_string, span_terminals
from techgpt_ui.schema import Parsed, ReadingKey

UNANSWERABLE = {"techgpt": "无法回答", "english": "unanswerable"}
MAX_UNANSWERABLE = 120
MAX_ANSWER = 400
"""Characters of a grounded answer."""

_PASSAGE_ZH = (
    r"(?:(?:根据|从)?(?:文中|[原该本]文|文章|文本|短文|给定|所给|提供|上述|上下文|材料|段落|内容|信息|的|[中里]){0,8})"
)
_PASSAGE_EN = r"(?:the\s+|this\s+|given\s+|provided\s+)*(?:passage|text|context|article|paragraph|document|information)"
_CANNOT = re.compile(
    rf"""{_PASSAGE_ZH}[,，]?\s*我?(?:无法|不能)(?:从.{{1,12}}?中)?(?:回答|作答|确定|得知|得出|判断|找到)[^,，。;；但\n]{{0,20}}
      |{_PASSAGE_ZH}[,，]?\s*(?:没有|并未|并没有|未)(?:明确)?(?:提及|提到|说明|给出|提供|指出|涉及)[^,，。;；但\n]{{0,30}}
      |(?:无|没有)答案|(?:该|这个|此)?问题(?:无法|不能)(?:回答|作答)
      |(?:the\s+question\s+is\s+)?(?:unanswerable|not\s+answerable)(?:\s+(?:from|by|based\s+on)\s+{_PASSAGE_EN})?
      |{_PASSAGE_EN}\s+(?:does\s*n[o'’]t|does\s+not|did\s+not)\s+(?:say|mention|state|specify|provide|tell|contain|give)
         (?:(?!\bbut\b|\bhowever\b)[^.;\n]){{0,80}}
      |(?:(?:it|this|the\s+answer)\s+is\s+)?not\s+(?:mentioned|stated|specified|given|provided)(?:\s+in\s+{_PASSAGE_EN})?
      |(?:(?:it|this|the\s+question|the\s+answer)\s+)?can\s?not\s+be\s+(?:answered|determined|found)
         (?:\s+(?:from|in|based\s+on)\s+{_PASSAGE_EN})?
      |no\s+answer|i\s+do\s*n[o'’]t\s+know""",
    re.IGNORECASE | re.VERBOSE,
)


class PassageAnswer(AnswerFormat):
    """A passage answer; its evidence is looked for where answers are grounded."""

    fills: tuple[ReadingKey, ...] = ("text", "items")

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """The answer without the white space around it, kept as prose even where it says "unanswerable"."""
        whole = trimmed(raw, 0, len(raw), "")
        return Parsed(prose=(whole,) if whole.text else (), says_none=_is_unanswerable(whole.text))

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(answer,)`` pieces; no piece, no answer."""
        return "\n".join(text for (text,) in pieces) or UNANSWERABLE[dialect]

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str:
        """One span within a sentence of the source, or the word for unanswerable."""
        none = lark_string(UNANSWERABLE[dialect])
        spans = span_terminals(source, r"\n", clause=SENTENCE_BORDER, longest=MAX_ANSWER)
        return f"start: SPAN | {none}\n{spans}" if spans else f"start: {none}\n"

    def is_scaffold(self, text: str) -> bool:
        """Only white space: every mark belongs to the text."""
        return not text.strip()


def _is_unanswerable(answer: str) -> bool:
    """Whether the whole answer says that the passage does not tell; a mere No or 没有 may be a true answer."""
    bare = answer.strip(" .。!！\"'“”")
    return len(bare) <= MAX_UNANSWERABLE and _CANNOT.fullmatch(bare) is not None
