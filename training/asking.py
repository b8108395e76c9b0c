"""What a training prompt asks for: the types, predicates, fields or labels that a user might give, or none.

One text is asked about in many ways, so that the model answers to what is asked rather than to the text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from techgpt_ui.gold import GoldDocument

WHOLE, WITH_ABSENT, WITHOUT_SOME, ABSENT_ONLY = 0.5, 0.22, 0.1, 0.03
"""Shares of prompts that give every name of the scheme, those of the text and some absent ones, only a part of those
of the text, and absent ones alone; the rest gives none, as a published instruction does."""
LARGE = 24
"""Names of a scheme that is given whole in a third as many prompts: it costs more tokens than the text."""
MOST_ABSENT = 10
FEWEST_LABELS = 3


def scheme_of(kinds: set[str], schemes: Sequence[Sequence[str]], every: Sequence[str], rng: Random) -> tuple[str, ...]:
    """The names that were annotated together with ``kinds``; any of the schemes that hold them all."""
    fitting = [scheme for scheme in schemes if kinds <= set(scheme)]
    return tuple(rng.choice(fitting) if fitting else every)


def ask_for_kinds(kinds: set[str], scheme: Sequence[str], rng: Random) -> tuple[str, ...]:
    """Types or predicates to ask for, shuffled; empty for an open question."""
    present = sorted(kinds)
    absent = [kind for kind in scheme if kind not in kinds]
    share = rng.random()
    if share < (WHOLE if len(scheme) <= LARGE else WHOLE / 3):
        asked = [*scheme]
    elif share < WHOLE + WITH_ABSENT:
        asked = [*present, *_some(absent, rng)]
    elif share < WHOLE + WITH_ABSENT + WITHOUT_SOME and len(present) > 1:
        asked = [*rng.sample(present, rng.randint(1, len(present) - 1)), *_some(absent, rng)]
    elif share < WHOLE + WITH_ABSENT + WITHOUT_SOME + ABSENT_ONLY and absent:
        asked = rng.sample(absent, min(len(absent), rng.randint(1, MOST_ABSENT)))
    else:
        return ()
    rng.shuffle(asked)
    return tuple(asked)


def ask_for_fields(fields: set[str], every: Sequence[str], rng: Random) -> tuple[str, ...]:
    """Fields of an open extraction: those of the text, and now and then one that it does not have."""
    absent = [field for field in every if field not in fields]
    asked = [*sorted(fields), *(rng.sample(absent, min(len(absent), rng.randint(1, 2))) if rng.random() < 0.4 else [])]
    rng.shuffle(asked)
    return tuple(asked)


def ask_for_labels(label: str, every: Sequence[str], rng: Random) -> tuple[str, ...]:
    """Labels to choose among: all, or the right one with some others, shuffled; sometimes none."""
    share = rng.random()
    others = [one for one in every if one != label]
    if share < 0.1:
        return ()
    wrong = others if share < 0.7 else rng.sample(others, rng.randint(min(FEWEST_LABELS, len(others)), len(others)))
    asked = [label, *wrong]
    rng.shuffle(asked)
    return tuple(asked)


def only(document: GoldDocument, asked: Sequence[str]) -> GoldDocument:
    """The document as it answers a question for ``asked`` alone."""
    wanted = set(asked)
    kept: Mapping[str, object] = {
        "mentions": tuple(one for one in document.mentions if one.type in wanted),
        "relations": tuple(one for one in document.relations if one.predicate in wanted),
    }
    return document.model_copy(update=kept)


def _some(absent: Sequence[str], rng: Random) -> list[str]:
    return rng.sample(list(absent), min(len(absent), rng.randint(0, MOST_ABSENT)))
