"""A process that opens a database: to race another one, to be killed, starved or shut out.

Prints a line for each sign of progress and goes on after some of them only when a line comes in.
"""

import argparse
import itertools
import os
import resource
import sys
import tempfile
from pathlib import Path

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store import Judged, ReviewStore, RunStore, open_database, read_backup, restore_backup, sqlite_url
from tests.store.examples import a_run

NOBODY = 65534


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--then", choices=["add", "write-on", "stop-halfway", "restore", "decide"], default="add")
    parser.add_argument("--backup", type=Path)
    parser.add_argument("--reviewer", nargs=2, metavar=("PROJECT", "OWNERS"))
    parser.add_argument("--largest-file", type=int)
    parser.add_argument("--as-nobody", action="store_true")
    arguments = parser.parse_args()
    load_everything()
    if arguments.largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.largest_file,) * 2)
    if arguments.as_nobody and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    say_and_wait("ready")
    try:
        if arguments.then == "restore":
            restore(arguments.url, arguments.backup)
        elif arguments.then == "decide":
            decide_and_die(arguments.url, *arguments.reviewer)
        else:
            work(arguments.url, arguments.then)
    except WorkbenchError as error:
        print("error", error.code, error.words("en"), flush=True)
        return 1
    return 0


def load_everything() -> None:
    """Import what opening a database imports late: nobody may not be able to read the packages."""
    with tempfile.TemporaryDirectory() as folder:
        open_database(sqlite_url(Path(folder) / "other.db")).close()


def say_and_wait(line: str) -> None:
    print(line, flush=True)
    sys.stdin.readline()


def work(url: str, then: str) -> None:
    database = open_database(url)
    runs = RunStore(database)
    while True:
        record = a_run()
        runs.add(record)
        print(record.id, flush=True)
        if then == "add":
            return
        if then == "stop-halfway":
            with database.writing() as connection:
                connection.exec_driver_sql("UPDATE runs SET note = 'half'")
                say_and_wait("halfway")


def decide_and_die(url: str, project: str, owners: str) -> None:
    """For each owner a process that works until it is killed; the next one begins when a line comes in."""
    for owner in owners.split(","):
        child = os.fork()
        if not child:
            decide(url, owner, project)
        os.waitpid(child, 0)
        say_and_wait("killed")


def decide(url: str, owner: str, project: str) -> None:
    """Decide items one after another and say so of each, with every fifth step an undo."""
    reviews = ReviewStore(open_database(url))
    print(os.getpid(), flush=True)
    tasks = reviews.next(owner, project)
    for step in itertools.count(1):
        if step % 5 == 0:
            undone = reviews.undo(owner, project)
            if undone.event is not None:
                print("undo", undone.event.id, flush=True)
            tasks = undone.tasks
            continue
        task = tasks[0]
        payload = {"type": "人物"} if step % 3 == 0 else {}
        verdict = "edit" if payload else "accept"
        judged = Judged(item=task.item, round=task.round, verdict=verdict, payload=payload)
        done = reviews.decide(owner, project, judged)
        print("decision", done.decision.id, flush=True)
        tasks = done.tasks


def restore(url: str, path: Path) -> None:
    """Put a backup in place of what is there, and wait after each portion."""
    with read_backup(path) as backup:
        restore_backup(
            open_database(url), backup, replace=True, told=lambda table, rows: say_and_wait(f"{table} {rows}")
        )


if __name__ == "__main__":
    sys.exit(main())
