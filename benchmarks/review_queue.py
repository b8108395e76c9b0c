"""How long reviewers wait for the next item: ``python -m benchmarks.review_queue [--items N] [--reviewers N]``.

A project of a million items in an SQLite file; threads decide and take the next one, each transaction timed. With
``--pause`` a reviewer looks at an item for so many seconds first, as people do.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from techgpt_ui.store import (
    Draft,
    Filter,
    Judged,
    Place,
    Project,
    ReviewDocument,
    ReviewItem,
    ReviewStore,
    open_database,
    sqlite_url,
)

PER_DOCUMENT = 20


def main() -> None:
    """Fill a project, then work on it alone and together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--reviewers", type=int, default=30)
    parser.add_argument("--decisions", type=int, default=50, help="of each reviewer")
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--url", help="of another database, PostgreSQL say")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.url or sqlite_url(Path(folder) / "review.db"))
        reviews = ReviewStore(database)
        project = fill(reviews, arguments.items)
        alone = work(reviews, "lead", project, 100, 0)
        report("one reviewer, next item", alone)
        people = join(reviews, project, arguments.reviewers)
        crowd = at_once(reviews, people, project, arguments.decisions, arguments.pause)
        report(f"{len(people)} reviewers at once", [wait for waits in crowd for wait in waits])
        once = reviews.content if arguments.items <= 100_000 else None
        if once:
            items = [one.event.item for one in once("lead", project).log]
            print(f"decisions {len(items)}, different items {len(set(items))}")
        started = time.perf_counter()
        reviews.progress("lead", project)
        print(f"progress {1000 * (time.perf_counter() - started):.0f} ms")
        started = time.perf_counter()
        count = reviews.accept_all("lead", project, Filter(min_confidence=0.99))
        print(f"bulk of {count} {time.perf_counter() - started:.1f} s")
        database.close()


def fill(reviews: ReviewStore, count: int) -> str:
    """A project of so many items."""
    started = time.perf_counter()
    text = "阿里巴巴由马云创立。" * 20
    documents = tuple(ReviewDocument(name=str(n), text=f"{text}{n}") for n in range(-(-count // PER_DOCUMENT)))
    items = tuple(
        ReviewItem.model_construct(
            document=n // PER_DOCUMENT, position=n % PER_DOCUMENT, task="ner", kind="mention", type="组织",
            payload={"text": "阿里巴巴", "type": "组织", "start": 0, "end": 4, "n": n}, confidence=n % 100 / 100,
        )
        for n in range(count)
    )  # fmt: skip
    places = tuple(Place.model_construct(item=n) for n in range(count))
    draft = Draft.model_construct(
        project=Project(owner="lead", name="bench"), documents=documents, items=items, places=places
    )
    reviews.create(draft, "Lead")
    print(f"{count} items written in {time.perf_counter() - started:.0f} s")
    return draft.project.id


def join(reviews: ReviewStore, project: str, count: int) -> list[str]:
    """So many reviewers, the lead among them."""
    invitation = reviews.get("lead", project)[0].invitation
    others = [f"reviewer{number}" for number in range(count - 1)]
    for name in others:
        reviews.join(name, invitation, name)
    return ["lead", *others]


def at_once(reviews: ReviewStore, people: list[str], project: str, count: int, pause: float) -> list[list[float]]:
    """The waits of everybody, who begin together but not in step."""
    barrier = threading.Barrier(len(people))

    def one(number: int) -> list[float]:
        barrier.wait()
        time.sleep(pause * number / len(people))
        return work(reviews, people[number], project, count, pause)

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(one, range(len(people))))


def work(reviews: ReviewStore, owner: str, project: str, count: int, pause: float) -> list[float]:
    """Seconds that each "decide and next" took."""
    waits: list[float] = []
    (task,) = reviews.next(owner, project)
    for _ in range(count):
        time.sleep(pause)
        started = time.perf_counter()
        (task,) = reviews.decide(owner, project, Judged(item=task.item, verdict="accept")).tasks
        waits.append(time.perf_counter() - started)
    reviews.release(owner, project)
    return waits


def report(name: str, waits: Iterable[float]) -> None:
    """Median and percentiles in milliseconds."""
    cuts = statistics.quantiles(waits, n=100)
    print(f"{name}: median {1000 * cuts[49]:.1f} ms, p95 {1000 * cuts[94]:.1f} ms, p99 {1000 * cuts[98]:.1f} ms")


if __name__ == "__main__":
    main()
