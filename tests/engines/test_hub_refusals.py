"""The hub's real client against a small hub: what is fetched, with which token, and what is said where it fails."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from techgpt_ui.engines.hub import HubName, fetch_snapshot
from techgpt_ui.engines.sources import unheard
from techgpt_ui.errors import WorkbenchError

SHA = "a" * 40
FILE = b'{"model_type": "llama"}'
REFUSALS = {
    "owner/gated": (403, {"X-Error-Code": "GatedRepo"}),
    "owner/private": (404, {"X-Error-Code": "RepoNotFound"}),
    "owner/no-revision": (404, {"X-Error-Code": "RevisionNotFound"}),
    "owner/bad-token": (401, {"X-Error-Message": "Invalid credentials in Authorization header"}),
    "owner/down": (503, {}),
}


class Hub(BaseHTTPRequestHandler):
    """One repository with one file, open to the token "good"; others are refused as the hub refuses them."""

    tokens: list[str | None] = []

    def do_GET(self) -> None:
        self.tokens.append(self.headers.get("authorization"))
        for name, (status, headers) in REFUSALS.items():
            if name in self.path:
                return self.answer(status, b"", headers)
        if "/tree/" in self.path:
            blob = hashlib.sha1(f"blob {len(FILE)}\0".encode() + FILE).hexdigest()
            return self.answer(200, [{"type": "file", "path": "config.json", "size": len(FILE), "oid": blob}])
        if "/resolve/" in self.path:
            return self.answer(200, FILE, {"ETag": '"one"', "X-Repo-Commit": SHA})
        return self.answer(200, {"id": "owner/open", "sha": SHA, "siblings": [{"rfilename": "config.json"}]})

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    Hub.tokens = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    )
    for name in ("HF_HOME", "HF_HUB_CACHE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    yield Hub
    server.shutdown()
    server.server_close()


def fetch(name: str, cache: Path) -> Path:
    return fetch_snapshot(HubName(name, None), cache, unheard)


def test_a_model_is_fetched_with_the_token_of_the_environment(
    hub: type[Hub], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_good")
    folder = fetch("owner/open", tmp_path)
    assert (folder / "config.json").read_bytes() == FILE
    assert tmp_path in folder.parents and set(hub.tokens) == {"Bearer hf_good"}


@pytest.mark.usefixtures("hub")
def test_the_clients_own_cache_is_used_where_its_user_named_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "own"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "own" / "hub"))
    assert tmp_path / "own" in fetch("owner/open", tmp_path / "ours").parents


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize(
    ("name", "code", "remedy"),
    [
        ("owner/gated", "hub_gated", "HF_TOKEN"),
        ("owner/private", "hub_unknown", "HF_TOKEN"),
        ("owner/no-revision", "hub_no_revision", "revision"),
        ("owner/bad-token", "hub_token", "HF_TOKEN"),
        ("owner/down", "hub_failed", "network"),
    ],
)
def test_a_refusal_names_the_model_and_the_remedy(tmp_path: Path, name: str, code: str, remedy: str) -> None:
    with pytest.raises(WorkbenchError) as told:
        fetch(name, tmp_path)
    assert (told.value.code, name in told.value.message.en, remedy in told.value.hint.en) == (code, True, True)


def test_a_hub_that_cannot_be_reached_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WorkbenchError) as told:
        fetch("owner/open", tmp_path)
    assert told.value.code == "hub_failed"
