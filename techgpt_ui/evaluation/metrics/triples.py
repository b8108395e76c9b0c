"""Triples: exact, relaxed (ends may overlap), and their ends without the predicate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from techgpt_ui.evaluation.metrics.base import Findings, micro, overlap, parts_by
from techgpt_ui.evaluation.metrics.words import folded, tokens
from techgpt_ui.evaluation.records import Outcome
from techgpt_ui.presets import Task

ENOUGH = 0.5
"""Share of words (Dice) that two ends have to have in common."""


class Triple(NamedTuple):
    """A triple of folded strings."""

    head: str
    predicate: str
    tail: str


def read(task: Task, outcomes: Sequence[Outcome]) -> Findings:
    """Precision, recall and F1 of triples: equal after folding, relaxed, and as pairs of ends."""
    pairs = [(_said(outcome), _wanted(outcome)) for outcome in outcomes]
    ends = [(_ends(said), _ends(wanted)) for said, wanted in pairs]
    measures = [
        *micro("triple_exact", (overlap(said, wanted) for said, wanted in pairs)),
        *micro("triple_relaxed", ((_matches(said, wanted), len(said), len(wanted)) for said, wanted in pairs)),
        *micro("pair", (overlap(said, wanted) for said, wanted in ends)),
    ]
    # The predicate as the gold writes it names its part.
    names = {folded(one.predicate): one.predicate for outcome in outcomes for one in outcome.gold.relations}
    support = Counter(names[one.predicate] for _, wanted in pairs for one in wanted)
    parts = parts_by({"triple_exact": pairs}, support, lambda one: names.get(one.predicate, one.predicate))
    return Findings("triple_exact_f1", measures, parts)


def _ends(triples: set[Triple]) -> set[tuple[str, str]]:
    return {(one.head, one.tail) for one in triples}


def _wanted(outcome: Outcome) -> set[Triple]:
    return {Triple(folded(one.head), folded(one.predicate), folded(one.tail)) for one in outcome.gold.relations}


def _said(outcome: Outcome) -> set[Triple]:
    """What the answer says; an end that stands in the text is read there, any other as the model wrote it."""
    if outcome.result is None:
        return set()
    words = {mention.id: mention.text or mention.surface for mention in outcome.result.mentions or ()}
    return {
        Triple(folded(words.get(one.head, one.head)), folded(one.predicate), folded(words.get(one.tail, one.tail)))
        for one in outcome.result.relations or ()
    }


def _matches(said: set[Triple], wanted: set[Triple]) -> int:
    """How many can be paired off one to one, the most alike first."""
    candidates = [
        (min(alike), sum(alike), mine, theirs)
        for mine in said
        for theirs in wanted
        if mine.predicate == theirs.predicate
        and (alike := (likeness(mine.head, theirs.head), likeness(mine.tail, theirs.tail)))
        and min(alike) >= ENOUGH
    ]
    taken: set[tuple[str, Triple]] = set()
    for *_, mine, theirs in sorted(candidates, reverse=True):
        if ("said", mine) not in taken and ("wanted", theirs) not in taken:
            taken |= {("said", mine), ("wanted", theirs)}
    return len(taken) // 2


def likeness(one: str, other: str) -> float:
    """The share of words two strings have in common (Dice), at least ``ENOUGH`` where one holds the other whole."""
    mine, theirs = tokens(one), tokens(other)
    if not mine or not theirs:
        return 0.0
    common = 2 * sum((Counter(mine) & Counter(theirs)).values()) / (len(mine) + len(theirs))
    short, long = sorted((mine, theirs), key=len)
    holds = any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))
    return max(common, ENOUGH) if holds else common
