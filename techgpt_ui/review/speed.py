"""How reviewers get on: decisions, pace, time on an item, and what they took back."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from techgpt_ui.review.records import DECISIONS, Verdict
from techgpt_ui.schema import Record

PAUSE = 300.0
"""Seconds without a decision after which the reviewer was away."""


class Pace(Record):
    """One reviewer's work, or that of all of them together."""

    reviewer: str
    """Empty for all."""
    decisions: int
    """Accepted, edited or rejected and not taken back."""
    skipped: int
    flagged: int
    blind: int
    """Decisions that were made without seeing the model's answer."""
    hours: float
    """Time at work: the gaps between decisions that are no pauses, and what the first one after a pause took."""
    per_hour: float | None
    """Verdicts of any kind in an hour of work; None where no time is known."""
    seconds: float | None
    """Median time that an item was on the screen."""
    undone: float | None
    """Share of verdicts that were taken back."""


def paces(verdicts: Iterable[Verdict]) -> tuple[Pace, ...]:
    """A row a reviewer, by name, and one for all where there are several; carried verdicts were nobody's work."""
    by_reviewer: dict[str, list[Verdict]] = {}
    for verdict in (verdict for verdict in verdicts if not verdict.carried):
        by_reviewer.setdefault(verdict.reviewer, []).append(verdict)
    rows = [_pace(name, by_reviewer[name], _hours(by_reviewer[name])) for name in sorted(by_reviewer)]
    if len(rows) > 1:
        every = [verdict for name in sorted(by_reviewer) for verdict in by_reviewer[name]]
        rows.append(_pace("", every, sum(row.hours for row in rows)))
    return tuple(rows)


def _pace(reviewer: str, verdicts: list[Verdict], hours: float) -> Pace:
    kept = [verdict for verdict in verdicts if not verdict.undone]
    times = [verdict.seconds for verdict in verdicts if verdict.seconds is not None]
    return Pace(
        reviewer=reviewer,
        decisions=sum(verdict.value in DECISIONS for verdict in kept),
        skipped=sum(verdict.value == "skip" for verdict in kept),
        flagged=sum(verdict.value == "flag" for verdict in kept),
        blind=sum(verdict.blind and verdict.value in DECISIONS for verdict in kept),
        hours=hours,
        per_hour=len(verdicts) / hours if hours else None,
        seconds=median(times) if times else None,
        undone=(len(verdicts) - len(kept)) / len(verdicts),
    )


def _hours(verdicts: list[Verdict]) -> float:
    ordered = sorted(verdicts, key=lambda verdict: verdict.time)
    worked, before = 0.0, None
    for verdict in ordered:
        gap = None if before is None else (verdict.time - before).total_seconds()
        # The first item after a pause was on the screen for a while before it was decided.
        worked += min(verdict.seconds or 0.0, PAUSE) if gap is None or gap > PAUSE else gap
        before = verdict.time
    return worked / 3600
