"""Evaluations made by hand, small enough to know what a report of them must say."""

import html
import re
from typing import Any

from techgpt_ui.evaluation.records import (
    Breakdown,
    Conduct,
    Confusion,
    Evaluation,
    EvaluationSettings,
    Figure,
    Outcome,
    Scores,
)
from techgpt_ui.gold.records import GoldDocument, GoldMention
from techgpt_ui.presets import Sampling
from techgpt_ui.schema import Mention, ModelInfo, Notice, Result, Usage
from techgpt_ui.texts import Text

TEXT = "Grace Holloway moved from Dublin to 上海 in 2009."
PERSON = GoldMention(start=0, end=14, type="person")
DUBLIN = GoldMention(start=26, end=32, type="location")
HOSTILE = "<link prediction, 属于, KG> <img src=x onerror=\"document.title='owned'\"> ${1+1} {{value}}"


def a_gold(text: str = TEXT, mentions: tuple[GoldMention, ...] = (PERSON, DUBLIN), **changes: Any) -> GoldDocument:
    return GoldDocument(line=1, inputs={"text": text}, mentions=mentions, **changes)


def a_mention(at: int, words: str, kind: str, source: str = TEXT) -> Mention:
    start = source.find(words)
    placed: dict[str, Any] = {"start": None, "end": None, "status": "ungrounded", "text": ""}
    if start >= 0:
        placed = {"start": start, "end": start + len(words), "status": "exact", "text": words}
    return Mention(id=f"m{at}", type=kind, surface=words, **placed)


def an_answer(*mentions: tuple[str, str], source: str = TEXT, **changes: Any) -> Result:
    raw = "\n".join(f"Entity: {words}, Type: {kind}" for words, kind in mentions)
    found = tuple(a_mention(at, *each, source) for at, each in enumerate(mentions))
    given = {
        "task": "ner", "status": "parsed", "prompt": "Text: …", "raw": raw, "seed": 0, "sampling": {}, "model": None,
        "mentions": found, "finish_reason": "stop",
        "usage": Usage(prompt_tokens=50, completion_tokens=20, ttft_s=0.1, total_s=1.5),
    } | changes  # fmt: skip
    return Result(**given)


def an_outcome(position: int = 0, result: Result | None = None, **changes: Any) -> Outcome:
    gold = changes.pop("gold", a_gold())
    given = {"position": position, "gold": gold, "inputs": gold.inputs, "result": result, "seconds": 1.5} | changes
    return Outcome(**given)


RIGHT = an_outcome(0, an_answer(("Grace Holloway", "person"), ("Dublin", "location")))
HALF = an_outcome(1, an_answer(("Grace Holloway", "person"), ("Oslo", "location")))
NOTHING = an_outcome(2, an_answer(status="unparsed", raw="I cannot say.", notices=(
    Notice(code="cut_off", text=Text(zh="被截断", en="was cut off")),
)))  # fmt: skip
FAILED = an_outcome(3, None, error=Text(zh="文本太长。", en="The text is too long."))


def some_settings(**changes: Any) -> EvaluationSettings:
    given = {
        "model": "smollm2-demo", "dtype": "bf16", "sampling_preset": "extraction",
        "sampling": Sampling(max_new_tokens=96).model_dump(), "seed": 7, "grounded": True,
        "labels": ("person", "location"),
    } | changes  # fmt: skip
    return EvaluationSettings(**given)


def an_evaluation(*outcomes: Outcome, **changes: Any) -> Evaluation:
    given = {
        "id": "0123456789abcdef0123456789abcdef", "task": "ner", "gold": "news.jsonl", "gold_sha256": "ab" * 32,
        "settings": some_settings(), "model": ModelInfo(name="SmolLM2", revision="abc123", dtype="bf16"),
        "code_version": "0.2.0", "created": "2026-02-03T04:05:06+00:00",
        "outcomes": outcomes or (RIGHT, HALF, NOTHING, FAILED),
    } | changes  # fmt: skip
    return Evaluation(**given)


def a_figure(name: str, value: float | None, spread: float = 0.1) -> Figure:
    low, high = (None, None) if value is None else (max(0.0, value - spread), value + spread)
    return Figure(name=name, value=value, low=low, high=high)


def some_scores(**changes: Any) -> Scores:
    names = {"string_f1": 0.512, "string_precision": 0.6, "string_recall": 0.447, "span_f1": 0.4, "type_f1": None}
    kinds = {"person": 2, "location": 2}
    given = {
        "headline": "string_f1",
        "figures": tuple(a_figure(name, value) for name, value in names.items()),
        "breakdown": tuple(
            Breakdown(name=kind, support=count, figures=(a_figure("string_f1", 0.3 + count / 10),))
            for kind, count in kinds.items()
        ),
    } | changes  # fmt: skip
    return Scores(**given)


def a_confusion(*labels: str) -> Confusion:
    """Every second document of a label is taken for the next one."""
    size = len(labels)
    rows = tuple(
        tuple(3 if column == row else 1 if column == row + 1 else 0 for column in range(size + 1))
        for row in range(size)
    )
    return Confusion(labels=labels, counts=rows)


CONDUCT = Conduct(
    n=4, errors=1, status={"parsed": 2, "partial": 0, "unparsed": 1}, ungrounded=0.25, finish_reasons={"stop": 3},
    prompt_tokens=150, completion_tokens=60, seconds=6.0, seconds_median=1.5,
)  # fmt: skip


def visible(markup: str) -> str:
    """The words of a piece of HTML, without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))
