"""Ends the run of an MCP client that has gone; Gradio itself would let it run to its end."""

from __future__ import annotations

from uuid import uuid4

from starlette.types import ASGIApp, Receive, Scope, Send

from techgpt_ui.ui.sessions import Sessions

MCP_PATH = "/gradio_api/mcp"
CALL_HEADER = "x-techgpt-call"
"""Gradio hands the headers of an MCP request on to the endpoint, by which the run is found again."""


class GoneClientMiddleware:
    """Gives each MCP request a name and, when the request is over, stops what still runs under it."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; only MCP requests are named."""
        if scope["type"] != "http" or not scope["path"].startswith(MCP_PATH):
            await self._app(scope, receive, send)
            return
        call = uuid4().hex
        header = CALL_HEADER.encode()
        kept = [(name, value) for name, value in scope["headers"] if name.lower() != header]
        try:
            await self._app({**scope, "headers": [*kept, (header, call.encode())]}, receive, send)
        finally:
            self._sessions.stop(call)
