"""Seconds to decrypt a file ÷ seconds to copy it, and ÷ those of a plain loop in Python as upstream's script has it.

Copy and decryption both end when the bytes are on the disk, and both begin with files that are not in memory. Runs are
interleaved and medians reported, because other load on the machine comes and goes; so does the processor's time, which
other load does not lengthen as much. The plain loop runs on a small part and is counted up. A decryption runs in a process of its own,
whose peak of memory is reported as well.

    python -m benchmarks.decrypt [--megabytes N] [--rounds N] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

PLAIN_MEGABYTES = 10
OURS = """
import sys
from pathlib import Path
from techgpt_ui.weights.passing import decrypt_to
for _ in decrypt_to(*map(Path, sys.argv[1:])):
    pass
"""


class Run(NamedTuple):
    """Seconds on the clock and of the processor, and the peak of memory in MB."""

    wall: float
    cpu: float
    memory: float


def main() -> None:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for file in ("data", "key"):
            _fill(folder / file, options.megabytes)
        copies, ours = [], []
        for _ in range(options.rounds):
            copies.append(_run(folder, ["cp", folder / "data", folder / "copy"], folder / "copy"))
            command = [sys.executable, "-c", OURS, folder / "plain", folder / "data", folder / "key"]
            ours.append(_run(folder, command, folder / "plain"))
        bare = _run(folder, [sys.executable, "-c", "pass"])
        _report("cp", copies, options.megabytes)
        _report("ours", ours, options.megabytes)
        ratio = statistics.median(run.wall for run in ours) / statistics.median(run.wall for run in copies)
        beyond = statistics.median(run.memory for run in ours) - bare.memory
        print(f"ours ÷ cp: {ratio:.2f}; memory beyond the interpreter: {beyond:.0f} MB")
        seconds = _plain_loop(folder) * options.megabytes / PLAIN_MEGABYTES
        print(f"plain loop, counted up from {PLAIN_MEGABYTES} MB: {seconds:.0f} s of the processor")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Decryption against a copy and a plain loop.")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to be measured")
    return parser.parse_args()


def _fill(path: Path, megabytes: int) -> None:
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(10**6))
        file.flush()
        os.fsync(file.fileno())


def _run(folder: Path, command: list[str | Path], result: Path | None = None) -> Run:
    """One run from cold files to a result on the disk, which is removed."""
    for path in folder.iterdir():
        _forget(path)
    begun = time.perf_counter()
    process = subprocess.Popen([*map(str, command)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    if result:
        with result.open("rb") as handle:
            os.fsync(handle.fileno())
    wall = time.perf_counter() - begun
    if result:
        result.unlink()
    return Run(wall, usage.ru_utime + usage.ru_stime, _megabytes(usage))


def _forget(path: Path) -> None:
    """Take a file out of memory, where the system lets us."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as handle:
            os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (10**6 if sys.platform == "darwin" else 1000)


def _plain_loop(folder: Path) -> float:
    with (folder / "data").open("rb") as data, (folder / "key").open("rb") as key:
        block, pad = data.read(PLAIN_MEGABYTES * 10**6), key.read(PLAIN_MEGABYTES * 10**6)
    begun = time.process_time()
    bytes(byte ^ pad[place % len(pad)] for place, byte in enumerate(block))
    return time.process_time() - begun


def _report(name: str, runs: list[Run], megabytes: int) -> None:
    wall, cpu = (statistics.median(values) for values in list(zip(*runs, strict=True))[:2])
    print(f"{name:5} {wall:6.2f} s, {megabytes / wall:6.0f} MB/s, processor {cpu:5.2f} s ({len(runs)} rounds)")


if __name__ == "__main__":
    main()
