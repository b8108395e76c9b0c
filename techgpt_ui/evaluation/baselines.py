"""Trivial answers, to hold a model's figures against: what counting alone achieves on the same documents.

A baseline that learns from gold says whose: ``…_pool`` learns from other documents, ``…_gold`` from the evaluated ones
themselves, so that its figure is an upper bound.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from techgpt_ui.evaluation.keyphrases import keyphrases
from techgpt_ui.evaluation.metrics.words import tokens
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.gold import GoldDocument
from techgpt_ui.parsers import PARSERS
from techgpt_ui.presets import Task
from techgpt_ui.schema import Item, Label, Mention, Result

KEYWORDS = 5
"""How many keywords or terms the baseline names."""

_SENTENCE = re.compile(r"[^。！？!?\n]+?(?:[。！？!?\n]|\.(?=\s|[\u3400-\u9fff]|$)|$)")
_CAPITALISED = re.compile(r"\b[A-Z][\w'’.-]*\w(?:\s+[A-Z][\w'’.-]*\w)*|\b[A-Z]\b")

Documents = Sequence[GoldDocument]
Answers = dict[str, list[dict[str, Any]]]
"""What a Result would hold for each document, by the baseline's name."""


def baselines(
    task: Task, documents: Documents, labels: Sequence[str], pool: Documents | None = None
) -> dict[str, list[Outcome]]:
    """Outcomes of each baseline that the task has, in the order of ``documents``.

    ``labels`` are those that were asked for, in the words of the gold; none leaves the choice to the gold or the pool.
    """
    fills = set(PARSERS[task.format].fills)
    answers = next((answer for keys, answer in ANSWERERS if keys <= fills), None)
    found = answers(task, documents, labels, pool) if answers and documents else {}
    return {
        name: [_outcome(task, at, *pair) for at, pair in enumerate(zip(documents, answer, strict=True))]
        for name, answer in found.items()
    }


def _outcome(task: Task, at: int, document: GoldDocument, answer: dict[str, Any]) -> Outcome:
    blank = Result(task=task.id, status="parsed", prompt="", raw="", seed=None, sampling={}, model=None)
    return Outcome(position=at, gold=document, inputs=document.inputs, result=blank.model_copy(update=answer))


def _sources(task: Task, documents: Documents) -> list[str]:
    return [str(document.inputs.get(task.main_input, "")) for document in documents]


def _learned(documents: Documents, pool: Documents | None) -> tuple[Documents, str]:
    """Whose gold a baseline learns from, and the end of its name."""
    return (pool, "pool") if pool else (documents, "gold")


def _most_frequent(kinds: Iterable[str], asked: Sequence[str]) -> str:
    counts = Counter(kind for kind in kinds if kind and (not asked or kind in asked))
    return min(counts, key=lambda kind: (-counts[kind], kind), default="")


def _labels(task: Task, documents: Documents, labels: Sequence[str], pool: Documents | None) -> Answers:
    """The most frequent label, for every document."""
    learned, whose = _learned(documents, pool)
    label = _most_frequent((document.label for document in learned), labels)
    answer = {"labels": (Label(text=label, score=None),) if label else ()}
    return {f"most_frequent_label_{whose}": [answer for _ in documents]}


def _mentions(task: Task, documents: Documents, labels: Sequence[str], pool: Documents | None) -> Answers:
    """Capitalised words, all of the most frequent type; with a pool also every surface that is an entity there."""
    learned, whose = _learned(documents, pool)
    kind = _most_frequent((mention.type for document in learned for mention in document.mentions), labels)
    sources = _sources(task, documents)
    answers: Answers = {
        f"capitalised_words_{whose}": [
            _found(text, [(*match.span(), kind) for match in _CAPITALISED.finditer(text)]) for text in sources
        ]
    }
    if pool:
        known = _known(task, pool, labels)
        answers["known_entities_pool"] = [_found(text, _known_spans(text, known)) for text in sources]
    return answers


def _known(task: Task, pool: Documents, labels: Sequence[str]) -> dict[str, str]:
    """Surfaces of the pool, each with its most frequent type."""
    kinds: dict[str, list[str]] = {}
    for document, text in zip(pool, _sources(task, pool), strict=True):
        for mention in document.mentions:
            if not labels or mention.type in labels:
                kinds.setdefault(text[mention.start : mention.end], []).append(mention.type)
    return {surface: _most_frequent(types, ()) for surface, types in kinds.items() if surface}


def _known_spans(text: str, known: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    """Where known surfaces stand, the longest first, none within another."""
    longest = max(map(len, known), default=0)
    at = 0
    while at < len(text):
        ends = range(min(at + longest, len(text)), at, -1)
        end = next((end for end in ends if text[at:end] in known and _is_whole(text, at, end)), None)
        if end is not None:
            yield at, end, known[text[at:end]]
        at = end or at + 1


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch neither begins nor ends within a word of Latin letters."""
    edges = (text[max(start - 1, 0) : start + 1], text[end - 1 : end + 1])
    return not any(len(edge) == 2 and edge.isascii() and edge.isalnum() for edge in edges)


def _found(text: str, spans: Iterable[tuple[int, int, str]]) -> dict[str, Any]:
    return {
        "mentions": tuple(
            Mention(
                id=f"m{at}",
                type=kind,
                surface=text[start:end],
                text=text[start:end],
                start=start,
                end=end,
                status="exact",
            )
            for at, (start, end, kind) in enumerate(spans, start=1)
        )
    }


def _items(task: Task, documents: Documents, labels: Sequence[str], pool: Documents | None) -> Answers:
    """The phrases with the highest TF-IDF; what is rare is told from all texts, never from their gold."""
    phrases = keyphrases(_sources(task, documents), _sources(task, pool or ()), KEYWORDS)
    return {"tfidf": [{"items": tuple(map(_item, found))} for found in phrases]}


def _item(text: str) -> Item:
    return Item(text=text, start=None, end=None, status="normalized")


def _passages(task: Task, documents: Documents, labels: Sequence[str], pool: Documents | None) -> Answers:
    """The sentence of the passage that has most of the question's words."""
    answers = []
    for document, passage in zip(documents, _sources(task, documents), strict=True):
        asked = {
            word for name, value in document.inputs.items() if name != task.main_input for word in tokens(str(value))
        }
        best = max(_sentences(passage), key=lambda sentence: len(asked & set(tokens(sentence))), default="")
        answers.append({"text": best, "items": ()})
    return {"nearest_sentence": answers}


def _texts(task: Task, documents: Documents, labels: Sequence[str], pool: Documents | None) -> Answers:
    """The text's first sentence; the whole of a line, or of what is to be translated."""
    sources = _sources(task, documents)
    if task.source_input is None or task.renderer == "parallel":
        return {"copied_input": [{"text": text.strip()} for text in sources]}
    return {"first_sentence": [{"text": next(iter(_sentences(text)), "").rstrip(".。")} for text in sources]}


def _sentences(text: str) -> list[str]:
    return [sentence for found in _SENTENCE.findall(text) if (sentence := found.strip())]


ANSWERERS: tuple[tuple[set[str], Callable[[Task, Documents, Sequence[str], Documents | None], Answers]], ...] = (
    ({"relations"}, lambda task, documents, labels, pool: {}),
    ({"mentions"}, _mentions),
    ({"items", "text"}, _passages),
    ({"items"}, _items),
    ({"labels"}, _labels),
    ({"code"}, lambda task, documents, labels, pool: {}),
    ({"text"}, _texts),
)
"""By what an answer format fills; there is no trivial way to triples, fields or programs."""
