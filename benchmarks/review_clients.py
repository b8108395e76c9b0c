"""Reviewers at their keyboards, as the server sees them: asyncio clients with a cookie each."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from benchmarks.review_project import Acknowledged
from techgpt_ui.ui.owners import COOKIE
from techgpt_ui.ui.review_routes import PATH

PROGRESS_S = 1.5
"""The page asks for the progress after a decision, at most so often."""
EMPTY_EVERY = 5
"""After every so many decisions an empty route is asked as well, to know what the server takes for nothing."""
KEEP_S = 3.0
"""After so long a connection is made anew; the server closes one after 5 s, maybe while a request is on its way."""
VERDICTS = ("accept",) * 16 + ("reject",) * 3 + ("skip",)


@dataclass
class Waits:
    """Seconds from a key to the next item, and from a request to an empty answer; what the server acknowledged."""

    items: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    seconds: float = 0.0


class Reviewer:
    """Somebody with a browser of his own."""

    def __init__(self, address: str, cookie: str, seed: int) -> None:
        limits = httpx.Limits(max_connections=1, keepalive_expiry=KEEP_S)
        self._http = httpx.AsyncClient(base_url=address, cookies={COOKIE: cookie}, timeout=120, limits=limits)
        self._chance = random.Random(seed)
        self._project = ""
        self._tasks: list[dict[str, object]] = []
        self._asked = -PROGRESS_S

    async def begin(self, invitation: str, name: str) -> None:
        """Join, or come back, and open the desk."""
        self._project = (await self._ask("join", invitation=invitation, name=name))["project"]
        self._tasks = (await self._ask("open"))["tasks"]

    async def work(self, waits: Waits, count: int, think_s: float) -> None:
        """Decide until all together have made so many decisions, thinking before each for so long on average."""
        while len(waits.items) < count and self._tasks:
            await asyncio.sleep(self._chance.expovariate(1 / think_s) if think_s else 0)
            if len(waits.items) < count:
                await self._decide(waits)

    async def leave(self) -> None:
        """Close the browser."""
        await self._http.aclose()

    async def _decide(self, waits: Waits) -> None:
        task, verdict = self._tasks[0], self._chance.choice(VERDICTS)
        started = time.perf_counter()
        found = await self._ask("decide", item=task["item"], round=task["round"], verdict=verdict, seconds=1.0)
        waits.items.append(time.perf_counter() - started)
        self._tasks = found["tasks"]
        waits.acknowledged.append(Acknowledged(int(str(task["item"])), str(task["round"]), verdict))
        if time.monotonic() - self._asked >= PROGRESS_S:
            self._asked = time.monotonic()
            await self._ask("progress")
        if len(waits.items) % EMPTY_EVERY == 0:
            await self._nothing(waits)

    async def _nothing(self, waits: Waits) -> None:
        started = time.perf_counter()
        answer = await self._http.post(f"{PATH}/nothing", json={"project": self._project})
        waits.empty.append(time.perf_counter() - started)
        assert answer.status_code == httpx.codes.NOT_FOUND

    async def _ask(self, action: str, **data: object) -> dict[str, object]:
        answer = await self._http.post(f"{PATH}/{action}", json={"project": self._project, **data})
        if answer.is_error:
            raise RuntimeError(f"{action}: {answer.text[:500]}")
        return answer.json()


def cookies(count: int) -> list[str]:
    """A cookie for each reviewer."""
    return [secrets.token_urlsafe(32) for _ in range(count)]


def work(address: str, invitation: str, people: Sequence[str], count: int, think_s: float) -> Waits:
    """So many decisions by all of them, who do not begin in step."""

    async def together() -> Waits:
        waits = Waits()
        reviewers = [Reviewer(address, cookie, seed) for seed, cookie in enumerate(people)]
        for number, reviewer in enumerate(reviewers):
            await reviewer.begin(invitation, f"Reviewer {number}")
        started = time.perf_counter()
        await asyncio.gather(*(reviewer.work(waits, count, think_s) for reviewer in reviewers))
        waits.seconds = time.perf_counter() - started
        for reviewer in reviewers:
            await reviewer.leave()
        return waits

    return asyncio.run(together())
