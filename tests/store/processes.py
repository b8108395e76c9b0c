"""Handles on processes that run ``store_process``."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class StoreProcess:
    """A process that is about to open a database: it has said "ready" and waits."""

    def __init__(self, url: str, *options: str) -> None:
        command = [sys.executable, "-m", "tests.store.store_process", url, *options]
        self._process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        assert self.line() == "ready"

    def line(self) -> str:
        """Wait for its next line."""
        return self._out.readline().strip()

    def go_on(self) -> None:
        """End its waiting."""
        self._in.write("\n")
        self._in.flush()

    def end(self) -> tuple[int, list[str], str]:
        """Wait for its end: status, the lines that were not read yet, errors."""
        out, errors = self._process.communicate()
        return self._process.returncode, out.splitlines(), errors

    def kill(self) -> list[str]:
        """Kill -9; the lines that it had written by then and that were not read yet."""
        self._process.kill()
        return self.end()[1]


Start = Callable[..., StoreProcess]
