"""How long reviewers wait for the next item: ``python -m benchmarks.review_queue [--items N] [--decisions N]``.

The app as a user starts it, with a project of a million items, first in an SQLite file and then in PostgreSQL, which
writes to the disk before it answers. One reviewer alone; then thirty, once thinking for a second on average before each
key, once as fast as the server answers. Beside each figure stands that of a route of the same server that does nothing,
asked by the same clients at the same time. Afterwards the log is held against what the clients were told.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from benchmarks.review_clients import Waits, cookies, work
from benchmarks.review_project import Acknowledged, faults, fill
from techgpt_ui.store import open_database, sqlite_url
from tests.postgresql import Cluster
from tests.running_app import ROOT, App

ALONE = 1_000
AT_REST = 5.0
"""Per cent of a core below which the server has nothing left to do of its start."""


def main() -> None:
    """Measure on both databases; exit code 1 where a decision was lost or made twice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--reviewers", type=int, default=30)
    parser.add_argument("--decisions", type=int, default=10_000)
    parser.add_argument("--think", type=float, default=1.0, help="seconds on average before each key")
    parser.add_argument("--thoughtful", type=int, default=2_000, help="decisions with thinking in PostgreSQL")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    right = True
    with tempfile.TemporaryDirectory() as folder:
        if arguments.only != "postgresql":
            url = sqlite_url(Path(folder) / "review.db")
            right &= measure("SQLite", url, Path(folder), arguments, arguments.decisions)
        if arguments.only != "sqlite":
            cluster = Cluster(durable=True)
            try:
                url = cluster.url("postgres")
                right &= measure("PostgreSQL", url, Path(folder), arguments, arguments.thoughtful)
            finally:
                cluster.stop()
    sys.exit(not right)


def measure(name: str, url: str, folder: Path, arguments: argparse.Namespace, thoughtful: int) -> bool:
    """All figures of one database; whether nothing was lost or decided twice."""
    people = cookies(arguments.reviewers)
    database = open_database(url)
    started = time.perf_counter()
    invitation = fill(database, f"browser:{people[0]}", arguments.items)
    print(f"{name}: {arguments.items} items written in {time.perf_counter() - started:.0f} s")
    told: list[Acknowledged] = []
    with serving(url, folder) as (address, server):
        for words, who, count, think in (
            ("one reviewer, no thinking", people[:1], ALONE, 0.0),
            (f"{len(people)} reviewers, {arguments.think:g} s of thinking", people, thoughtful, arguments.think),
            (f"{len(people)} reviewers, no thinking", people, arguments.decisions, 0.0),
        ):
            load, before = os.getloadavg()[0], sum(server.cpu_times()[:2])
            waits = work(address, invitation, who, count, think)
            told += waits.acknowledged
            report(f"{name}, {words}", waits, sum(server.cpu_times()[:2]) - before, load)
    found = faults(database, told)
    database.close()
    print(f"{name}: " + ", ".join(f"{words} {count}" for words, count in found.items()), flush=True)
    return not any(found.values())


@contextmanager
def serving(url: str, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The app on this database, once it has started and loaded its model; its address and process."""
    app = App(folder, ROOT / "data", TECHGPT_DATABASE_URL=url)
    app.start()
    try:
        while not app.ended and not _answers(app.address):
            time.sleep(0.5)
        process = next(one for one in psutil.Process().children() if "app.py" in one.cmdline())
        while process.cpu_percent(interval=2) > AT_REST:
            pass
        yield app.address, process
    finally:
        app.stop()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/config", timeout=30).is_success
    except httpx.HTTPError:
        return False


def report(name: str, waits: Waits, cpu_s: float, load: float) -> None:
    """Percentiles in milliseconds, beside those of the empty route."""
    item, empty = _cuts(waits.items), _cuts(waits.empty)
    count = len(waits.items)
    print(
        f"{name}: {count} decisions, {count / waits.seconds:.0f} a second, "
        f"{1000 * cpu_s / count:.1f} ms of the server's CPU each; p50 / p95 / p99 "
        f"of the next item {_words(item)}, of the empty route {_words(empty)}; "
        f"ratio of p95 {item[1] / empty[1]:.1f}; load before {load:.1f}",
        flush=True,
    )


def _words(cuts: tuple[float, float, float]) -> str:
    return " / ".join(f"{cut:.1f}" for cut in cuts) + " ms"


def _cuts(seconds: list[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return 1000 * cuts[49], 1000 * cuts[94], 1000 * cuts[98]


if __name__ == "__main__":
    main()
