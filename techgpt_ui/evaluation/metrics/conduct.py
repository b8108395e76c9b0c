"""How answers came about: failures, statuses, what stands in no text, tokens and time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from techgpt_ui.evaluation.records import Conduct, Outcome
from techgpt_ui.schema import AlignmentStatus, Result


def conduct(outcomes: Sequence[Outcome]) -> Conduct:
    """Counts and times over all outcomes; a failed one has no status and no tokens."""
    results = [outcome.result for outcome in outcomes if outcome.result is not None]
    spans = [status for result in results for status in _spans(result)]
    usages = [result.usage for result in results if result.usage is not None]
    seconds = [outcome.seconds for outcome in outcomes]
    return Conduct(
        n=len(outcomes),
        errors=sum(outcome.error is not None for outcome in outcomes),
        status={"parsed": 0, "partial": 0, "unparsed": 0} | Counter(result.status for result in results),
        ungrounded=spans.count("ungrounded") / len(spans) if spans else None,
        finish_reasons=dict(Counter(result.finish_reason for result in results if result.finish_reason)),
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        seconds=sum(seconds),
        seconds_median=median(seconds) if seconds else None,
    )


def _spans(result: Result) -> Iterator[AlignmentStatus]:
    """Statuses of all that an answer took from its text."""
    yield from (mention.status for mention in result.mentions or ())
    yield from (value.status for values in (result.fields or {}).values() for value in values)
    if result.text is None:
        # Beside a text, items are its evidence: looked up by us, so never missing.
        yield from (item.status for item in result.items or ())
