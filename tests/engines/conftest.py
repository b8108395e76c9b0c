"""A real OpenAI-compatible server with the demo model: ``transformers serve``, started once."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from techgpt_ui.engines.host import ModelHost
from tests.running_app import free_port

DTYPES = {"bf16": "bfloat16", "fp32": "float32"}


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=1):
            return True
    except (OSError, urllib.error.URLError):
        return False


@pytest.fixture(scope="session")
def served(host: ModelHost, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address; the weights are in the number format of the engine on this machine."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("serve") / "log"
    dtype = DTYPES[host.engine().info.dtype]
    command = [
        sys.executable, "-m", "transformers.cli.transformers", "serve", str(demo), "--device", "cpu",
        "--dtype", dtype, "--port", str(port), "--host", "127.0.0.1",
    ]  # fmt: skip
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, env=os.environ | {"HF_HUB_OFFLINE": "1"}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        while not answers(address):
            if server.poll() is not None:
                pytest.fail(log.read_text(errors="replace"))
            with_patience(server)
        yield f"{address}/v1"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def with_patience(server: subprocess.Popen[bytes]) -> None:
    """A moment, or less where the server ends in it."""
    try:
        server.wait(0.2)
    except subprocess.TimeoutExpired:
        return
