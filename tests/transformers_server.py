"""A real OpenAI-compatible server: ``transformers serve``."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running_app import free_port


@contextmanager
def serving(model: Path, dtype: str, log: Path) -> Iterator[str]:
    """The address of a server with this model on the CPU, up to ``/v1``; it ends with the block."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "transformers.cli.transformers", "serve", str(model), "--device", "cpu",
        "--dtype", dtype, "--port", str(port), "--host", "127.0.0.1",
    ]  # fmt: skip
    with log.open("wb") as out:
        # One thread: on few cores two would only wait for each other, and for the tests.
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        while not _answers(address):
            if server.poll() is not None:
                pytest.fail(log.read_text(errors="replace"))
            _with_patience(server)
        yield f"{address}/v1"
    finally:
        server.kill()
        server.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=1):
            return True
    except (OSError, urllib.error.URLError):
        return False


def _with_patience(server: subprocess.Popen[bytes]) -> None:
    """A moment, or less where the server ends in it."""
    try:
        server.wait(0.2)
    except subprocess.TimeoutExpired:
        return
