"""An OpenAI-compatible server: where it is, what it is, and which models it has."""

from __future__ import annotations

import base64
import ssl
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from techgpt_ui.engines.server_errors import quoted, status_error, unreachable
from techgpt_ui.engines.server_requests import Grammar, ServerKind
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.schema import Record
from techgpt_ui.settings import Settings

CONNECT_S = 10.0
RETRIES = 2
"""After a 429, a 5xx or a connection that did not come about; before anything of the answer was there."""
SAMPLE = "TechGPT 2023：东北大学（沈阳）\n\nAssistant: knowledge-graph, naïve 😀"
"""Two tokenizers that cut this alike are taken to be the same."""
KNOWN_OWNERS: dict[str, ServerKind] = {"vllm": "vllm", "sglang": "sglang", "llamacpp": "llamacpp"}


class ServedModel(Record):
    """One model of a server; ``context`` in tokens where the server says so."""

    name: str
    owner: str = ""
    context: int | None = None


class Server:
    """Where requests go, with what key. ``address`` is fit to be shown: no key, no password."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.base_url or "")
        host = parts.netloc.rpartition("@")[2]
        path = parts.path.rstrip("/") or "/v1"
        self.address = urlunsplit((parts.scheme, host, path, "", ""))
        self.silence_s = settings.server_timeout
        self._root = self.address.removesuffix("/v1")
        self._key = settings.api_key.get_secret_value() if settings.api_key else ""
        self._login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""

    @property
    def secret(self) -> str:
        """What must never be shown."""
        return self._key or self._login.partition(":")[2]

    @cached_property
    def models(self) -> tuple[ServedModel, ...]:
        """What the server has; WorkbenchError where it does not answer as an OpenAI-compatible server does."""
        data = self._ask("/models")
        entries = data.get("data") if isinstance(data, dict) else None
        if not isinstance(entries, list):
            raise WorkbenchError("server_not_openai", address=self.address, what="JSON")
        return tuple(
            ServedModel(name=str(entry["id"]), owner=str(entry.get("owned_by", "")), context=entry.get("max_model_len"))
            for entry in entries
            if isinstance(entry, dict) and "id" in entry
        )

    @cached_property
    def kind(self) -> ServerKind:
        """Which server it is, by how it signs its models or, for transformers serve, by its endpoints."""
        for model in self.models:
            if model.owner in KNOWN_OWNERS:
                return KNOWN_OWNERS[model.owner]
        paths = (self._try(f"{self._root}/openapi.json") or {}).get("paths", {})
        return "transformers" if {"/load_model", "/v1/completions"} <= set(paths) else "other"

    def grammar(self, wanted: str) -> Grammar:
        """How this server takes our grammars; ``auto`` only trusts vLLM with them."""
        if wanted == "auto":
            wanted = "vllm" if self.kind == "vllm" else "none"
        if wanted == "vllm" and self._vllm_before(0, 11):
            return "guided"
        return wanted  # type: ignore[return-value]

    def context(self, name: str) -> int | None:
        """Tokens that the server gives to prompt and answer of a model, if it says so."""
        if self.kind == "llamacpp":
            defaults = (self._try(f"{self._root}/props") or {}).get("default_generation_settings", {})
            return defaults.get("n_ctx")
        return next((model.context for model in self.models if model.name == name), None)

    def token_ids(self, text: str, model: str) -> list[int] | None:
        """The server's own tokens of a text, none of them special; None where it does not tell."""
        if self.kind == "llamacpp":
            asked: dict[str, Any] = {"content": text, "parse_special": False}
        elif self.kind in ("vllm", "sglang"):
            asked = {"model": model, "prompt": text, "add_special_tokens": False}
        else:
            return None
        return (self._try(f"{self._root}/tokenize", asked) or {}).get("tokens")

    def client(self) -> Any:
        """An asynchronous client for one run; close it to hang up."""
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        # How long a silence may last is watched by the engine; a time-out of the connection would be tried again.
        timeout = httpx2.Timeout(None, connect=CONNECT_S)
        http = DefaultAsyncHttpxClient(timeout=timeout, verify=self._certificates, trust_env=True)
        return AsyncOpenAI(**self._how(), timeout=timeout, http_client=http)

    def headers(self) -> dict[str, Any]:
        """What each request must be given: without a key there is no such header."""
        from openai import Omit

        return {} if self._key or self._login else {"Authorization": Omit()}

    def status_error(self, error: Any, model: str = "") -> WorkbenchError:
        """What an answer with a status of 4xx or 5xx means."""
        known = ""
        if error.status_code in (400, 404) and model:
            self.__dict__.pop("models", None)
            known = ", ".join(one.name for one in self._models_if_any())
        return status_error(error, address=self.address, model=model, key=self.secret, known=known)

    def _models_if_any(self) -> tuple[ServedModel, ...]:
        try:
            return self.models
        except WorkbenchError:
            return ()

    def _vllm_before(self, *version: int) -> bool:
        told = str((self._try(f"{self._root}/version") or {}).get("version", ""))
        numbers = [int(part) for part in told.split(".")[:2] if part.isdigit()]
        return len(numbers) == 2 and tuple(numbers) < version

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _how(self) -> dict[str, Any]:
        from openai import Omit

        # The library would otherwise take a key for OpenAI itself from the environment and send it to this server.
        headers: dict[str, Any] = {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit()}
        if self._login and not self._key:
            headers["Authorization"] = f"Basic {base64.b64encode(self._login.encode()).decode()}"
        return {
            "base_url": self.address,
            "api_key": self._key or "none",
            "default_headers": headers,
            "max_retries": RETRIES,
        }

    def _try(self, url: str, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """The answer to a question that a server need not know."""
        try:
            answer = self._ask(url, body)
        except WorkbenchError:
            return None
        return answer if isinstance(answer, dict) else None

    def _ask(self, url: str, body: dict[str, Any] | None = None) -> Any:
        """JSON of the server, which is posted to where there is a ``body``; WorkbenchError says why there is none."""
        import httpx2
        import openai

        options: Any = {"headers": self.headers()}
        timeout = httpx2.Timeout(min(self.silence_s, 30.0), connect=CONNECT_S)
        with openai.OpenAI(**self._how(), timeout=timeout) as client:
            try:
                if body is None:
                    answer = client.get(url, cast_to=httpx2.Response, options=options)
                else:
                    answer = client.post(url, cast_to=httpx2.Response, body=body, options=options)
            except openai.APIStatusError as error:
                raise self.status_error(error) from error
            except openai.APITimeoutError as error:
                raise WorkbenchError("server_silent", address=self.address, seconds=f"{self.silence_s:g}") from error
            except openai.APIConnectionError as error:
                raise unreachable(error, self.address) from error
        try:
            return answer.json()
        except ValueError as error:
            what = quoted(answer.headers.get("content-type") or "?", self.secret)
            raise WorkbenchError("server_not_openai", address=self.address, what=what) from error
