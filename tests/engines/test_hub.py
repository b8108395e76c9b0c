"""Fetching from a hub: the real client, against a small hub on this machine."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from techgpt_ui.engines.hub import HubName, cached_snapshot, fetch_snapshot, hub_name
from techgpt_ui.engines.loading import load_engine, model_state, resolve_model
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library
from techgpt_ui.settings import Settings
from techgpt_ui.weights import FetchProgress
from tests import checkpoints

COMMIT = "c0ffee" + "0" * 34
NAME = HubName("someone/tiny", "v1")


class Hub:
    """One repository with one revision, ``v1``."""

    def __init__(self, files: dict[str, bytes]) -> None:
        hub = self
        self.files = files
        self.asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_HEAD(self) -> None:
                hub.answer(self, body=False)

            def do_GET(self) -> None:
                hub.answer(self, body=True)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, *, body: bool) -> None:
        path = handler.path.partition("?")[0]
        self.asked.append(path)
        content, code, headers = self._found(path)
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if body:
            handler.wfile.write(content)

    def _found(self, path: str) -> tuple[bytes, int, dict[str, str]]:
        listed = [
            {"type": "file", "path": name, "size": len(data), "oid": _etag(data)} for name, data in self.files.items()
        ]
        if path.startswith("/api/models/someone/tiny/tree/"):
            return json.dumps(listed).encode(), 200, {"Content-Type": "application/json"}
        if path in ("/api/models/someone/tiny/revision/v1", f"/api/models/someone/tiny/revision/{COMMIT}"):
            about = {"id": "someone/tiny", "sha": COMMIT, "siblings": [{"rfilename": name} for name in self.files]}
            return json.dumps(about).encode(), 200, {"Content-Type": "application/json"}
        name = path.rpartition("/")[2]
        if path.startswith("/someone/tiny/resolve/") and name in self.files:
            data = self.files[name]
            return data, 200, {"ETag": f'"{_etag(data)}"', "X-Repo-Commit": COMMIT}
        return b"{}", 404, {"X-Error-Code": "EntryNotFound" if "/resolve/" in path else "RevisionNotFound"}


def _etag(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("repository")
    checkpoints.train_sentencepiece(folder)
    checkpoints.write_bin(checkpoints.llama(), folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def hub(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    from huggingface_hub import constants

    running = Hub(files | {"model.onnx": b"for another program"})
    address = f"http://127.0.0.1:{running.server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.mark.parametrize(
    ("words", "name"),
    [("a/b", ("a/b", None)), ("a/b@v1", ("a/b", "v1")), ("a", None), ("a/b/c", None), ("a/b@", None)],
)
def test_a_hub_id_may_have_a_revision(words: str, name: tuple[str, str | None] | None) -> None:
    assert hub_name(words) == name


def test_a_pinned_revision_is_fetched_with_progress_and_loaded(
    hub: Hub, files: dict[str, bytes], library: Library, tmp_path: Path
) -> None:
    settings, heard = Settings(data=tmp_path, dtype="fp32", device="cpu"), list[FetchProgress]()
    preset = resolve_model("someone/tiny@v1", library, settings)
    assert model_state(preset, settings) == "not fetched"
    engine = load_engine(preset, settings, heard.append)
    assert engine.info.revision == COMMIT
    assert model_state(preset, settings) == "present"
    assert heard[-1].step == "done"
    # Its configuration of the tokenizer was looked at before, for a chat template.
    rest = sum(len(data) for name, data in files.items() if name != "tokenizer_config.json")
    assert heard[-2].done == heard[-2].total == rest
    assert not any(path.endswith("model.onnx") for path in hub.asked)


def test_without_a_network_the_cache_serves(hub: Hub, tmp_path: Path) -> None:
    folder = fetch_snapshot(NAME, tmp_path, lambda progress: None)
    hub.server.shutdown()
    hub.server.server_close()
    assert fetch_snapshot(NAME, tmp_path, lambda progress: None) == folder == cached_snapshot(NAME, tmp_path)


def test_a_revision_that_is_not_there_is_told(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as failure:
        fetch_snapshot(HubName("someone/tiny", "v2"), tmp_path, lambda progress: None)
    assert failure.value.code == "hub_no_revision" and "someone/tiny" in failure.value.message.en


def test_a_repository_with_a_chat_template_is_known_as_one(
    hub: Hub, library: Library, tmp_path: Path, files: dict[str, bytes]
) -> None:
    settings = Settings(data=tmp_path)
    assert resolve_model("someone/tiny@v1", library, settings).wire is not None
    shutil.rmtree(tmp_path / "models")
    hub.files = files | {"chat_template.jinja": b"{{ messages }}"}
    assert resolve_model("someone/tiny@v1", library, settings).wire is None
