"""Looks at what is posted before Gradio does: bounded in size, and no file that lies on another machine.

Gradio itself would fetch the address that a posted file names, before any of our code runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from techgpt_ui.errors import UsageError

BODY_LIMIT = 16_000_000
"""Bytes of one request that is no upload."""
PREFIX = "/gradio_api/"
UPLOADS = "/gradio_api/upload"


class GuardMiddleware:
    """Refuses requests that are too large or would make the server fetch something."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is harmless; uploads have a limit of their own."""
        path = scope.get("path", "")
        guarded = scope["type"] == "http" and scope["method"] == "POST" and PREFIX in path and UPLOADS not in path
        if not guarded:
            await self._app(scope, receive, send)
            return
        body = await _body(receive)
        refusal = _refusal(body)
        if refusal is not None:
            code = 413 if body is None else 400
            answer = JSONResponse({"detail": f"{refusal.words('en')} {refusal.words('zh')}"}, status_code=code)
            await answer(scope, receive, send)
            return
        await self._app(scope, _again(body or b"", receive), send)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when it is over the limit."""
    body = b""
    more = True
    while more and len(body) <= BODY_LIMIT:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body if len(body) <= BODY_LIMIT else None


def _refusal(body: bytes | None) -> UsageError | None:
    if body is None:
        return UsageError("request_too_large", limit=BODY_LIMIT // 1_000_000)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None  # Gradio says what is wrong with it.
    return UsageError("remote_file") if any(map(_is_remote, _objects(data))) else None


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _is_remote(value: dict[str, Any]) -> bool:
    """Whether this is a file, as Gradio marks them, whose place is an address."""
    meta, place = value.get("meta"), value.get("path")
    is_file = isinstance(meta, dict) and meta.get("_type") == "gradio.FileData"
    return is_file and isinstance(place, str) and "://" in place


def _again(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body that was read already, then goes on as before."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
