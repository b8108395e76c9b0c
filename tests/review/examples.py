"""Items, verdicts and whole reviews for the tests."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from techgpt_ui.review.records import Item, Review, Verdict
from techgpt_ui.review.sampling import Sample, SamplePlan, draw_sample

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def an_item(number: int, **changes: Any) -> Item:
    plain: dict[str, Any] = {
        "id": f"i{number:04}",
        "task": "ner",
        "kind": "mention",
        "type": "ORG",
        "document": f"d{number % 50:02}",
        "model": "TechGPT",
        "preset": "extraction",
    }
    return Item(**plain | changes)


def some_items(count: int, **changes: Any) -> tuple[Item, ...]:
    return tuple(an_item(number, **changes) for number in range(count))


def a_verdict(item: str, value: str = "accept", *, at: float = 0, **changes: Any) -> Verdict:
    """``at`` is in seconds after the start of the review."""
    plain: dict[str, Any] = {"item": item, "reviewer": "ann", "value": value, "time": START + timedelta(seconds=at)}
    return Verdict(**plain | changes)


def verdicts_on(items: Iterable[str], values: Sequence[str], **changes: Any) -> tuple[Verdict, ...]:
    """A verdict on each item, the values in turn, ten seconds apart."""
    return tuple(a_verdict(item, values[at % len(values)], at=10 * at, **changes) for at, item in enumerate(items))


def strata_of_the_worked_example() -> tuple[Review, Sample]:
    """(N, n, right) = (900, 60, 57), (80, 60, 45), (20, 20, 8), as a whole review."""
    sizes, rights = {"a": (900, 60), "b": (80, 60), "c": (20, 20)}, {"a": 57, "b": 45, "c": 8}
    frame = [
        an_item(number, type=name, id=f"{name}{number:03}", confidence=0.9)
        for name, (size, _) in sizes.items()
        for number in range(size)
    ]
    sample = draw_sample(frame, SamplePlan(n=140, seed=7, by=("type",), allocation="equal", minimum=20))
    verdicts = [
        a_verdict(item, "accept" if at < rights[stratum.name[0]] else "reject")
        for stratum in sample.strata
        for at, item in enumerate(stratum.items)
    ]
    return Review(frame=tuple(frame), verdicts=tuple(verdicts)), sample
