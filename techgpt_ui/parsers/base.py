"""What the formats share: their protocol, the words for "nothing", and the bookkeeping of left-overs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from techgpt_ui.schema import Parsed, RawSpan, ReadingKey, Record


class ParseContext(Record):
    """The source and the wished labels; used only where an answer can be read in two ways."""

    source: str = ""
    labels: tuple[str, ...] = ()


class AnswerFormat(Protocol):
    """One answer format: reader, writer and grammar side by side, so that they cannot drift apart."""

    fills: tuple[ReadingKey, ...]
    """The keys of a Result that this format gives, empty ones included."""

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Read an untidy answer; never raises, drops nothing."""

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write pieces exactly as the dialect has them."""

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str | None:
        """Lark grammar of the dialect whose spans are substrings of ``source``; None where nothing can be bound."""

    def separator(self, dialect: str) -> str:
        """What stands between the pieces of a list, none of which should come twice; "" where there is no list."""
        return ""

    def is_scaffold(self, text: str) -> bool:
        """Whether ``text``, found between the pieces, means nothing in this format and is no left-over."""
        return is_scaffold(text)


NONE_WORDS = {"techgpt": "无", "english": "none"}

# What may stand around a piece without meaning anything: bullets, numbering, brackets, quotes, separators.
_SCAFFOLD = re.compile(
    r"""(?:\d{1,3}[.．、)）:：](?!\d)
         |[①-⑳\s\-–—…+*/•·●▪\#>|`'"“”‘’「」『』〈〉\[\]【】{}()（）<＜＞《》,，;；、。.!！:：=_~\\])*""",
    re.VERBOSE,
)
_THINGS_ZH = (
    r"(?:(?:命名|特定)?实体(?:类型|关系)?|(?:关系)?三元组|关系|关键[词字]|(?:领域|专业)?术语|结果|信息|内容|字段|答案)"
)
_NONE_ZH = re.compile(
    rf"""(?:(?:该|此|这|本|上述|给定)?(?:[句段篇]话?)?(?:文本|文章|文段|文|句子|句|段落|原文|材料|摘要)?[中里]?)
        (?:[并都均])?
        (?:没有|无|暂无|不存在|不包含|不含|找不到|[没未](?:有)?(?:发现|找到|提及|提到|包含|抽取到|识别到|出现))
        (?:发现|找到|提及|提到|包含|抽取到|识别到|出现)?
        (?:任何|明确|明显|相关|可用|可(?:供)?(?:抽取|识别|提取)|符合(?:条件|要求)|上述|特定|所需|的)*
        {_THINGS_ZH}?(?:存在)?""",
    re.VERBOSE,
)
_THINGS_EN = (
    r"(?:(?:named|relevant|clear|such|explicit|technical|domain|specific|key|relation|matching|of|the|any)\s+)*"
    r"(?:entit(?:y|ies)|relations?|relationships?|triples?|key\s?words?|key\s?phrases?|terms?|results?|information"
    r"|fields?|match(?:es)?|items?|answers?|data|these)"
)
_NONE_EN = re.compile(
    rf"""(?:none|nothing|nil|null|n/a|no|not\s+(?:found|mentioned|given|specified|stated|available|applicable)
          |(?:(?:there\s+(?:is|are|were|was)|i\s+(?:found|see)|the\s+(?:text|passage)\s+(?:contains|has|mentions))\s+)?
           (?:no|none\s+of|not\s+any)\s+{_THINGS_EN}
          |the\s+(?:text|passage|sentence)\s+does\s*(?:n['’]t|\s+not)\s+(?:contain|mention|have|include)\s+{_THINGS_EN}
          |i?\s*(?:could\s*n[o']t|did\s*n[o']t|can\s*not|found\s+no)\s+(?:find|identify|see)\s+{_THINGS_EN})
        (?:\s+(?:were|was|are|is|can\s+be|could\s+be))?
        (?:\s+(?:found|present|mentioned|given|detected|identified|extracted|available|to\s+extract))?
        (?:\s+(?:in|from|for)\s+(?:the|this|that)\s+(?:given\s+)?(?:text|passage|sentence|input|abstract))?""",
    re.IGNORECASE | re.VERBOSE,
)
_REFUSAL = re.compile(
    r"""\s*["“]?(?:(?:i'?m\s+|i\s+am\s+|we\s+are\s+)?(?:very\s+)?sorry\b|i\s+(?:can\s?not|can['’]t|could\s+not|am\s+unable)\b
        |i['’]m\s+(?:unable|not\s+able)\b|as\s+an\s+ai\b|unfortunately\b
        |(?:很|非常)?抱歉|对不起|作为(?:一个|一名)?(?:ai|人工智能|语言模型)|我(?:无法|不能|没办法))""",
    re.IGNORECASE | re.VERBOSE,
)
_MARKS = " \t\r\n.。!！<>[]{}()（）“”\"'`*-"
_OPENING = "《〈“‘「『(（[【<＜{ ,，;；"
_CLOSING = "》〉”’」』)）]】>＞}*:： ,，、;；。"
MAX_NONE = 60


def is_scaffold(text: str) -> bool:
    """Whether ``text`` is only white space, bullets, numbering, brackets and separators."""
    return _SCAFFOLD.fullmatch(text) is not None


def says_none(raw: str) -> bool:
    """Whether the whole answer is a plain "there is nothing": 无, 没有实体。, None., There are no entities."""
    bare = raw.strip(_MARKS)
    if not bare or "\n" in bare or len(bare) > MAX_NONE:
        return False
    return _NONE_ZH.fullmatch(bare) is not None or _NONE_EN.fullmatch(bare) is not None


def is_refusal(line: str) -> bool:
    """Whether a line is talk to the user (I'm sorry, 很抱歉) where an extraction was asked for."""
    return _REFUSAL.match(line) is not None


def leftovers(
    raw: str, consumed: Iterable[tuple[int, int]], scaffold: Callable[[str], bool] = is_scaffold
) -> tuple[RawSpan, ...]:
    """What no piece consumed, a line each, scaffolding aside."""
    found: list[RawSpan] = []
    at = 0
    for start, end in [*sorted(set(consumed)), (len(raw), len(raw))]:
        # Marks that close the piece before or open the one behind are theirs.
        low, high = at, start
        while at > 0 and low < high and raw[low] in _CLOSING:
            low += 1
        while start < len(raw) and low < high and raw[high - 1] in _OPENING:
            high -= 1
        if low < high:
            found += _meaningful_lines(raw, low, high, scaffold)
        at = max(at, end)
    return tuple(found)


def trimmed(raw: str, start: int, end: int, marks: str) -> RawSpan:
    """``raw[start:end]`` without ``marks`` and white space at its ends."""
    while start < end and (raw[start].isspace() or raw[start] in marks):
        start += 1
    while end > start and (raw[end - 1].isspace() or raw[end - 1] in marks):
        end -= 1
    return RawSpan(text=raw[start:end], start=start, end=end)


def lines(raw: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The ranges of the lines of ``raw[start:end]`` that are not blank, without the white space around them."""
    at = start
    for line in raw[start:end].splitlines(keepends=True):
        if text := line.strip():
            first = at + len(line) - len(line.lstrip())
            yield first, first + len(text)
        at += len(line)


def _meaningful_lines(raw: str, start: int, end: int, scaffold: Callable[[str], bool]) -> list[RawSpan]:
    return [
        RawSpan(text=raw[first:last], start=first, end=last)
        for first, last in lines(raw, start, end)
        if not scaffold(raw[first:last])
    ]
