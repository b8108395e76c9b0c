"""The command line: data on standard output, words on standard error, no traceback for a user's mistake."""

from __future__ import annotations

import os

import typer

from techgpt_ui.cli.backing import backup, restore
from techgpt_ui.cli.base import fail
from techgpt_ui.cli.comparing import compare, leaderboard
from techgpt_ui.cli.evaluating import evaluate
from techgpt_ui.cli.exporting import export
from techgpt_ui.cli.general import doctor, models, parse, run, serve, tasks
from techgpt_ui.cli.sweeping import sweep
from techgpt_ui.cli.weighing import weights
from techgpt_ui.errors import WorkbenchError

COMMANDS = (serve, tasks, models, doctor, run, parse, evaluate, compare, leaderboard, sweep, export, backup, restore)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for command in COMMANDS:
    app.command()(command)
app.add_typer(weights, name="weights")


def main() -> None:
    """Run the command line; exit code 0 fine, 1 the work failed, 2 the call was wrong."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # progress is told in our own words
    try:
        app()
    except WorkbenchError as error:
        fail(error)
