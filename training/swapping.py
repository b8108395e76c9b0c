"""New texts from old ones: names put in each other's places, so that a model learns to look rather than to remember.

Mention replacement (Dai and Adel, 2020): a mention gives way to another of its type, the head or tail of a triple to
another of its predicate, wherever the text has it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from random import Random

from techgpt_ui.gold import GoldDocument

KEPT = 0.3
"""Share of mentions that stay as they are in a text whose names are swapped."""
Names = Mapping[str, tuple[str, ...]]
"""Surfaces by what they are: a type, or a predicate's head or tail."""


def names_of(documents: Iterable[GoldDocument]) -> Names:
    """Every surface that the documents have, by type or by place in a predicate."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for document in documents:
        for one in document.mentions:
            found[one.type].add(_text(document)[one.start : one.end])
        for triple in document.relations:
            found[_head(triple.predicate)].add(triple.head)
            found[_tail(triple.predicate)].add(triple.tail)
    return {kind: tuple(sorted(surfaces)) for kind, surfaces in found.items()}


def swapped(document: GoldDocument, names: Names, rng: Random) -> GoldDocument:
    """The document with other names; itself where its mentions overlap or one of its names holds another."""
    if document.mentions:
        return _swap_mentions(document, names, rng)
    return _swap_relations(document, names, rng) if document.relations else document


def _swap_mentions(document: GoldDocument, names: Names, rng: Random) -> GoldDocument:
    text, spans = _text(document), sorted(document.mentions, key=lambda one: one.start)
    if any(left.end > right.start for left, right in pairwise(spans)):
        return document
    written, moved, end = "", [], 0
    for one in spans:
        written += text[end : one.start]
        surface = text[one.start : one.end] if rng.random() < KEPT else rng.choice(names[one.type])
        moved.append(one.model_copy(update={"start": len(written), "end": len(written) + len(surface)}))
        written, end = written + surface, one.end
    return _with(document, written + text[end:], mentions=tuple(moved))


def _swap_relations(document: GoldDocument, names: Names, rng: Random) -> GoldDocument:
    places = {triple.tail: _tail(triple.predicate) for triple in document.relations}
    places |= {triple.head: _head(triple.predicate) for triple in document.relations}
    if any(one != other and one in other for one in places for other in places):
        return document
    new = {name: name if rng.random() < KEPT else rng.choice(names[place]) for name, place in sorted(places.items())}
    written = re.sub("|".join(map(re.escape, new)), lambda found: new[found[0]], _text(document))
    relations = tuple(
        one.model_copy(update={"head": new[one.head], "tail": new[one.tail]}) for one in document.relations
    )
    return _with(document, written, relations=relations)


def _with(document: GoldDocument, text: str, **changes: object) -> GoldDocument:
    return document.model_copy(update={"inputs": document.inputs | {"text": text}, **changes})


def _text(document: GoldDocument) -> str:
    return str(document.inputs["text"])


def _head(predicate: str) -> str:
    return f"head of {predicate}"


def _tail(predicate: str) -> str:
    return f"tail of {predicate}"
