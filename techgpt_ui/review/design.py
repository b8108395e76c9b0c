"""Which verdicts count: the one that stands for an item, and the items that are still a random sample."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from techgpt_ui.review.records import DECISIONS, Item, Review, Round, Verdict
from techgpt_ui.review.sampling import Sample, Stratum
from techgpt_ui.schema import Record


class Judged(NamedTuple):
    """An item of the sample with the verdict that stands for it."""

    item: Item
    stratum: Stratum
    verdict: Verdict

    @property
    def strict(self) -> bool:
        """Right as the model said it."""
        return self.verdict.value == "accept"

    @property
    def lenient(self) -> bool:
        """Right, or right once edited."""
        return self.verdict.value in ("accept", "edit")


class Counts(Record):
    """What became of the sample's items, and which verdicts are on none of them."""

    drawn: int
    judged: int
    """In the estimate."""
    skipped: int
    flagged: int
    open: int
    """Without a verdict so far."""
    waiting: int
    """Judged out of turn: they count once all that were drawn before them in their stratum are done."""
    outside: int
    """Items that were judged without being of the sample, say from a queue of the least sure."""


def standing(verdicts: Iterable[Verdict]) -> dict[tuple[str, Round, str], Verdict]:
    """The last verdict of each item, round and reviewer that was not taken back; in order of time."""
    found: dict[tuple[str, Round, str], Verdict] = {}
    for verdict in sorted(verdicts, key=lambda one: (one.time, one.item, one.reviewer, one.round, one.value)):
        if not verdict.undone:
            key = (verdict.item, verdict.round, verdict.reviewer)
            found.pop(key, None)
            found[key] = verdict
    return found


def deciding(verdicts: Iterable[Verdict]) -> dict[str, Verdict]:
    """The verdict that stands for each item: the last adjudicated one, else that of the first reviewer in time.

    A second reviewer's verdict says something about agreement and never decides.
    """
    found: dict[str, Verdict] = {}
    ordered = tuple(standing(verdicts).values())
    for verdict in ordered:
        if verdict.round == "first":
            found.setdefault(verdict.item, verdict)
    found.update((verdict.item, verdict) for verdict in ordered if verdict.round == "adjudicated")
    return found


def judged_sample(review: Review, sample: Sample) -> tuple[tuple[Judged, ...], Counts]:
    """The sample's judged items, and what became of the others.

    In each stratum only the items before the first open one of its draw count. So whatever the order of the queue
    was, what was judged up to now is a random sample; an order by confidence would bring forward the doubtful ones.
    """
    items = {item.id: item for item in review.frame}
    decided = deciding(review.verdicts)
    found: list[Judged] = []
    tally = dict.fromkeys(("skipped", "flagged", "open", "waiting"), 0)
    for stratum in sample.strata:
        closed = True
        for name in stratum.items:
            verdict = decided.get(name)
            if verdict is None:
                tally["open"] += 1
                closed = False
            elif not closed:
                tally["waiting"] += 1
            elif verdict.value in DECISIONS:
                found.append(Judged(items[name], stratum.name, verdict))
            else:
                tally["skipped" if verdict.value == "skip" else "flagged"] += 1
    drawn = set(sample.items)
    outside = sum(name not in drawn for name in decided)
    return tuple(found), Counts(drawn=len(drawn), judged=len(found), outside=outside, **tally)
