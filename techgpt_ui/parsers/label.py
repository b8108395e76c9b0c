"""The field of a text: one of the known labels wherever the answer names it, or a short answer.

Words that merely wrap a label (``该文本属于…领域``, ``This text belongs to the field of …``) are scaffolding.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

from techgpt_ui.parsers import peeling
from techgpt_ui.parsers.base import AnswerFormat, ParseContext, is_refusal, is_scaffold, leftovers, lines
from techgpt_ui.parsers.spans import lark_string
from techgpt_ui.schema import Parsed, RawSpan, ReadingKey

MAX_CHARACTERS = 20
MAX_WORDS = 5

Range = tuple[int, int]

_WRAPPING_ZH = (
    "该|此|这|本|上述|以上|给定|所给|文本|文章|论文|段落|文段|内容|句子|摘要|标题|题目|篇|段|文|的|所属|主要|最可能|属于|归属于|归为|归入"
    "|分类为|归类为|涉及|关于|领域|学科|类别|类|方向|主题|是|为|于|应该|应|可以|被|答案|标签|和|与|及|或|范畴"
)
_WRAPPING_EN = (
    r"\b(?:the|this|these|given|following|text|passage|texts|article|abstract|title|paragraph|sentence|document|paper|belongs?|to"
    r"|fields?|domain|of|is|in|on|about|category|class|classified|as|falls?|under|into|within|labels?|answer|discipline"
    r"|area|subject|topic|it|its|mainly|primarily|most|likely|can|should|would|be|and|or|an?)\b"
)
_WRAPPING = re.compile(rf"(?:{_WRAPPING_ZH}|{_WRAPPING_EN})", re.IGNORECASE)
_NEGATED = re.compile(
    r"(?:不(?:属于|是|涉及)|并非|而非|\bnot(?:\s(?:belong|in|about|the|to|of|a|field|domain)){0,6}|\brather\sthan)\s?$",
    re.IGNORECASE,
)
_HINGE = re.compile(
    r"""(?:(?:归属于|属于|归类为|分类为|归为|涉及)(?:的)?(?:领域|学科)?(?:是|为)?
          |(?:领域|学科|类别|标签|答案|主题)["*”]{0,3}\s?(?:是|为|[:：])
          |\b(?:field|domain|category|discipline|area|subject|topic|label|answer)\b["*”]{0,3}
             \s?(?:(?:of|is|[:：])\s?(?:in\s)?){1,2}(?:the\s(?:field|domain|area|category)\sof\s)?
          |\b(?:belongs?\sto|falls?\s(?:under|into|within)|classified\s(?:as|under)|is\sabout)\s
             (?:the\s(?:(?:field|domain|area|category|discipline)\sof\s)?)?)
        [:：]?""",
    re.IGNORECASE | re.VERBOSE,
)
_END = re.compile(r"[，。；！,;!\n]|\.(?:\s|$)")
_SUFFIX = re.compile(
    r"(?:(?:这|的)?(?:一|个)?(?:研究)?(?:领域|范畴|学科|类别)|\s(?:field|domain|category|discipline))$", re.IGNORECASE
)
_UNSPACED = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")
_PAIRS = peeling.QUOTES | peeling.BRACKETS | peeling.TITLE_MARKS
_EDGE = ":：,，、;；"


class Label(AnswerFormat):
    """A label; both dialects write it bare."""

    fills: tuple[ReadingKey, ...] = ("labels",)

    def parse(self, raw: str, context: ParseContext) -> Parsed:
        """Find the known labels, or take a short answer for the label where none are known."""
        known = tuple(label for label in context.labels if label.strip())
        labels = self._known(raw, known) if known else _free(raw)
        consumed = [(label.start, label.end) for label in labels]
        return Parsed(labels=tuple(labels), leftovers=leftovers(raw, consumed, self.is_scaffold))

    def write(self, pieces: Sequence[tuple[str, ...]], dialect: str) -> str:
        """Write ``(label,)`` pieces."""
        return "、".join(label for (label,) in pieces)

    def grammar(self, source: str, labels: Sequence[str], dialect: str) -> str | None:
        """Exactly one of ``labels``; None when there are none."""
        return f"start: {' | '.join(map(lark_string, labels))}\n" if labels else None

    def is_scaffold(self, text: str) -> bool:
        """Marks and the words that wrap a label."""
        return is_scaffold(_WRAPPING.sub("", text))

    def _known(self, raw: str, known: tuple[str, ...]) -> list[RawSpan]:
        """The labels on lines that hold nothing else; failing these, all that the answer names."""
        found = [span for span in _occurrences(raw, known) if not _NEGATED.search(raw[max(0, span[0] - 40) : span[0]])]
        clean = []
        for start, end in lines(raw):
            inside = found[bisect_left(found, (start, 0)) : bisect_left(found, (end, 0))]
            edges = [start, *(edge for span in inside for edge in span), end]
            if inside and all(self.is_scaffold(raw[a:b]) for a, b in zip(edges[::2], edges[1::2], strict=True)):
                clean += inside
        return [RawSpan(text=raw[start:end], start=start, end=end) for start, end in clean or found]


def _occurrences(raw: str, known: tuple[str, ...]) -> list[Range]:
    """Where known labels stand, longest first at each place, case and width aside, never within a longer word."""
    folded, places = _fold(raw)
    return [(places[found.start()], places[found.end() - 1] + 1) for found in _pattern(known).finditer(folded)]


def _fold(text: str) -> tuple[str, list[int]]:
    """Text with case and width folded, and where in ``text`` each of its characters comes from."""
    cells = [unicodedata.normalize("NFKC", character).casefold() for character in text]
    return "".join(cells), [at for at, cell in enumerate(cells) for _ in cell]


@lru_cache(maxsize=64)
def _pattern(known: tuple[str, ...]) -> re.Pattern[str]:
    forms = sorted({_fold(label.strip())[0] for label in known}, key=len, reverse=True)
    return re.compile("|".join(_bordered(form) for form in forms if form))


def _bordered(form: str) -> str:
    """A pattern for a folded label; a Latin word ends where its letters end."""
    before = r"(?<![a-z0-9])" if re.match("[a-z0-9]", form) else ""
    after = r"(?![a-z0-9])" if re.search("[a-z0-9]$", form) else ""
    return before + re.escape(form).replace(r"\ ", r"\s{1,3}") + after


def _free(raw: str) -> list[RawSpan]:
    """The label of an answer when any may come: what follows a wrapping phrase, or a short first line."""
    for start, end in lines(raw):
        if is_refusal(raw[start:end]):
            return []
        hinge = _HINGE.search(raw, start, min(end, start + 300))
        for place in (hinge.end() if hinge else start, start):
            if label := _short(raw, place, end):
                return [label]
        if not is_scaffold(raw[start:end]):
            return []
    return []


def _short(raw: str, start: int, end: int) -> RawSpan | None:
    """What stands before the next full stop or comma, if it is short enough for a label."""
    start = peeling.after_bullet(raw, start, end)
    stop = _END.search(raw, start, end)
    label = peeling.unwrapped(raw, start, stop.start() if stop else end, _PAIRS, _EDGE)
    if suffix := _SUFFIX.search(label.text):
        label = peeling.unwrapped(raw, label.start, label.start + suffix.start(), _PAIRS, _EDGE)
    label = peeling.without_stop(label, "")
    fits = len(label.text) <= MAX_CHARACTERS if _UNSPACED.search(label.text) else len(label.text.split()) <= MAX_WORDS
    return label if fits and not is_scaffold(label.text) else None
