"""The real app, started as a user starts it, and clients of it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client

from techgpt_ui.presets import Library
from tests.api.calls import ROOT, sample_call

START_S = 120
ENDLESS = """
id: endless
title: {zh: 不停, en: Endless}
reason: {zh: 只用于测试, en: Only for tests}
values: {min_new_tokens: 4000, max_new_tokens: 4000}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def address(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``python app.py`` with a data folder of its own and a sampling that never comes to an end."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "data").mkdir()
    (folder / "data" / "models").symlink_to(demo.parent)
    (folder / "presets" / "sampling").mkdir(parents=True)
    (folder / "presets" / "sampling" / "endless.yaml").write_text(ENDLESS, encoding="utf-8")
    port = free_port()
    environment = os.environ | {
        "TECHGPT_PORT": str(port),
        "TECHGPT_DATA": str(folder / "data"),
        "TECHGPT_PRESETS": str(folder / "presets"),
        "TECHGPT_LANG": "",
    }
    with (folder / "log").open("w", encoding="utf-8") as log:
        app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield served(f"http://127.0.0.1:{port}", app, folder / "log")
    finally:
        app.terminate()
        app.wait(30)


def served(address: str, app: subprocess.Popen[bytes], log: Path) -> str:
    """The address once something answers there."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and app.poll() is None:
        try:
            httpx.get(f"{address}/config").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.25)
        else:
            return address
    pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


@pytest.fixture(scope="session")
def client(address: str) -> Client:
    return Client(address, verbose=False)


@pytest.fixture(scope="session")
def answered(client: Client, library: Library) -> Callable[[str], dict[str, Any]]:
    """What the endpoint of a task answers to the inputs of its first sample; each is asked once."""

    @cache
    def ask(task_id: str) -> dict[str, Any]:
        return client.predict(api_name=f"/{task_id}", **sample_call(library, task_id))

    return ask
