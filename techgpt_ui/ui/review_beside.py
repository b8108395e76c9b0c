"""Routes beside the desk's own: a further run, and files made of verdicts.

A further run answers with a line of JSON for each word about it, the last one with what it says. It may take minutes,
so it has a thread of its own: the threads that answer key presses are never kept waiting by it. Whoever closes the
page ends the run.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.ui.review_examples import ExampleActions
from techgpt_ui.ui.review_rerun import RerunActions
from techgpt_ui.ui.review_routes import PATH, body_of, file_answer, owner_of_request, refused

Steps = Iterator[dict[str, Any] | None]
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""Proxies hand on each line as it comes."""


def rerun_routes(actions: RerunActions) -> list[Route]:
    """To stand before the desk's other routes."""

    async def rerun(request: Request) -> Response:
        try:
            owner, data = owner_of_request(request), body_of(await request.body())
        except WorkbenchError as error:
            return refused(error)
        lines = _lines(lambda: actions.steps(owner, data))
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=HEADERS)

    return [Route(PATH + "/rerun", rerun, methods=["POST"])]


def example_routes(actions: ExampleActions) -> list[Route]:
    """Files made of verdicts."""

    async def given(request: Request) -> Response:
        data = {**request.query_params, "unexamined": request.query_params.get("unexamined") == "1"}
        return await file_answer(lambda: actions.file(owner_of_request(request), data), "application/octet-stream")

    return [Route(PATH + "/given-back", given, methods=["GET"])]


async def _lines(begin: Callable[[], Steps]) -> AsyncIterator[bytes]:
    """What a thread of its own finds; closing this, as a page that goes away does, ends the steps."""
    loop = asyncio.get_running_loop()
    found: asyncio.Queue[bytes] = asyncio.Queue()
    gone = threading.Event()

    def tell(line: bytes) -> None:
        with suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(found.put_nowait, line)

    threading.Thread(target=_work, args=(begin(), tell, gone), daemon=True, name="rerun").start()
    try:
        while line := await found.get():
            yield line
    finally:
        gone.set()


def _work(steps: Steps, tell: Callable[[bytes], None], gone: threading.Event) -> None:
    try:
        for step in steps:
            if gone.is_set():
                break
            if step is not None:
                # All ASCII: UTF-8 has no room for half of a surrogate pair, which a model can write.
                tell(json.dumps(step).encode("ascii") + b"\n")
    finally:
        close = getattr(steps, "close", None)
        if close:
            close()
        tell(b"")
