"""Builders of outcomes for the tests of metrics."""

from typing import Any

from techgpt_ui.evaluation.records import Outcome, Scores
from techgpt_ui.gold.records import GoldDocument, GoldMention
from techgpt_ui.schema import Item, Mention, Result
from techgpt_ui.texts import Text


def outcome(inputs: dict[str, Any], gold: dict[str, Any], answer: dict[str, Any] | None, at: int = 0) -> Outcome:
    """A document with what the gold says and what the answer says; None for a run that failed."""
    document = GoldDocument(line=at + 1, inputs=inputs, **gold)
    if answer is None:
        return Outcome(position=at, gold=document, inputs=inputs, error=Text("坏", "broken"))
    blank = {"task": "x", "status": "parsed", "prompt": "", "raw": "", "seed": 0, "sampling": {}, "model": None}
    result = Result(**(blank | answer))
    return Outcome(position=at, gold=document, inputs=inputs, result=result, seconds=1.0)


def values(scores: Scores) -> dict[str, float | None]:
    """The figures by name."""
    return {figure.name: figure.value for figure in scores.figures}


def place(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def gold_mention(text: str, words: str, kind: str) -> GoldMention:
    start, end = place(text, words)
    return GoldMention(start=start, end=end, type=kind)


def mention(text: str, words: str, kind: str, ident: str = "m1") -> Mention:
    """A mention where its words stand in the text, ungrounded where they do not."""
    if words not in text:
        return Mention(id=ident, type=kind, surface=words, text="", start=None, end=None, status="ungrounded")
    start, end = place(text, words)
    return Mention(id=ident, type=kind, surface=words, text=words, start=start, end=end, status="exact")


def item(text: str) -> Item:
    return Item(text=text, start=None, end=None, status="ungrounded")
