"""Tells open pages that the shared model's state has changed.

A page asks this small route again and again, and Gradio only when there is news: each event of Gradio's makes the
browser look through all components of the page, which kept a tenth of a core busy for every page that stood open.
"""

from __future__ import annotations

import hashlib
import time

import gradio as gr
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.renderers.models import header_html, model_status_html
from techgpt_ui.ui.models_actions import facts_of

PATH = "/gradio_api/techgpt-news"
FRESH_S = 0.5
"""Seconds for which an answer serves all pages that ask."""


class News:
    """A word that is another one whenever something of the model's state that is shown has changed."""

    def __init__(self, host: ModelHost) -> None:
        self._host = host
        self._word, self._made_at = "", float("-inf")

    def word(self) -> str:
        """The word of now, at most ``FRESH_S`` seconds old."""
        if time.monotonic() - self._made_at >= FRESH_S:
            self._word, self._made_at = self._fingerprint(), time.monotonic()
        return self._word

    def _fingerprint(self) -> str:
        facts, entries = facts_of(self._host), self._host.log.entries
        # Free memory never stands still; alone it is no news.
        shown = header_html("", facts) + model_status_html(facts._replace(free=0)) + f"{entries[:1]} {len(entries)}"
        return hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()


def news_routes(host: ModelHost) -> list[Route]:
    """What ``launch(app_kwargs={"routes": …})`` needs so that pages can ask."""
    news = News(host)

    async def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await run_sync(news.word), headers={"cache-control": "no-store"})

    return [Route(PATH, answer, methods=["GET"])]


def news_button() -> gr.Button:
    """Pressed by the page's script when there is news; what shows the model's state listens to its click."""
    return gr.Button(visible="hidden", elem_id="news")
