"""The page's strings for Gradio's own translation, and the script that settles the language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from techgpt_ui.presets import Library
from techgpt_ui.texts import Lang, Text, catalogue
from techgpt_ui.ui.owners import new_owner_cookie

ASSETS = Path(__file__).parent / "assets"


class Strings:
    """Gradio's I18n over the catalogue and the words of the presets; keys are made as they are asked for."""

    def __init__(self, library: Library) -> None:
        self._texts: dict[str, Text] = dict(catalogue())
        for kind, presets in (("task", library.tasks), ("model", library.models), ("sampling", library.samplings)):
            for ident, preset in presets.items():
                self._texts[f"{kind}.{ident}"] = preset.title.text
        for task in library.tasks.values():
            self._texts[f"task.{task.id}.help"] = task.help.text
            self._texts[f"task.{task.id}.send"] = Text(zh=f"→ {task.title.zh}", en=f"→ {task.title.en}")
            for variant in task.prompts.trained.variants:
                self._texts[f"task.{task.id}.variant.{variant.id}"] = variant.title.text
            for field in task.inputs:
                self._texts[f"task.{task.id}.{field.name}"] = field.label.text
                if field.help:
                    self._texts[f"task.{task.id}.{field.name}.help"] = field.help.text
                for option in field.options:
                    self._texts[f"task.{task.id}.{field.name}.{option.id}"] = option.label.text
            for at, sample in enumerate(task.samples):
                mark = "中" if sample.lang == "zh" else "EN"
                words = sample.field
                self._texts[f"task.{task.id}.sample{at}"] = Text(zh=f"{words.zh} · {mark}", en=f"{words.en} · {mark}")
        # Gradio splits keys at dots, so they travel without.
        zh = {_flat(key): entry.zh for key, entry in self._texts.items()}
        en = {_flat(key): entry.en for key, entry in self._texts.items()}
        self.i18n = gr.I18n(**{"en": en, "zh-CN": zh, "zh": zh})

    def __call__(self, key: str) -> Any:
        """The translatable string ``key``; KeyError when there is none."""
        if key not in self._texts:
            raise KeyError(key)
        return self.i18n(_flat(key))


class PageMiddleware:
    """Puts the page's script right after ``<head>``, before Gradio's own, and gives each browser its cookie."""

    def __init__(self, app: ASGIApp, default_lang: Lang | None, news: str) -> None:
        """``news`` is the path of the route that tells of the model's state."""
        self._app = app
        script = (ASSETS / "head.js").read_text(encoding="utf-8")
        script = script.replace("__DEFAULT_LANG__", default_lang or "").replace("__NEWS__", news)
        self._script = f"<script>{script}</script>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; rewrite only the HTML of the page itself."""
        if scope["type"] != "http" or scope["path"] not in ("", "/"):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def rewrite(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                page = body.replace(b"<head>", b"<head>" + self._script, 1)
                headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
                headers.append((b"content-length", str(len(page)).encode()))
                if cookie := new_owner_cookie(HTTPConnection(scope)):
                    headers.append((b"set-cookie", cookie.encode()))
                await send({**start, "headers": headers})
                await send({"type": "http.response.body", "body": page})

        await self._app(scope, receive, rewrite)


def _flat(key: str) -> str:
    return key.replace(".", "_").replace("-", "_")
