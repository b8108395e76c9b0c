"""The commands around weight files: decrypt TechGPT's, verify them, fetch the demo model."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from techgpt_ui.cli import base
from techgpt_ui.cli.base import Json
from techgpt_ui.cli.meter import EVERY_S, StatusLine, clock
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.settings import load_settings
from techgpt_ui.texts import Lang, text
from techgpt_ui.weights import FileOutcome, WeightsStep, amount, fetch_demo, plan_decryption
from techgpt_ui.weights import decrypt as decrypt_files
from techgpt_ui.weights import verify as verify_files

TERMINAL_EVERY_S = 0.1

weights = typer.Typer(no_args_is_help=True, help="Get and check model weights.")


@weights.command()
def decrypt(
    folder: Annotated[Path, typer.Argument(metavar="ENC_DIR", help="Folder with the encrypted files.")],
    key: Annotated[Path, typer.Option(help="Your own LLaMA-7B consolidated.00.pth.")],
    out: Annotated[Path, typer.Option(help="Folder for the decrypted files.")],
    as_json: Json = False,
) -> None:
    """Decrypt TechGPT's weights; a call that was cut off is gone on with by the next one."""
    lang = load_settings().words
    plan = plan_decryption(folder.expanduser(), key.expanduser(), out.expanduser())
    for name in plan.others:
        base.tell(base.printable(text("decrypt.left_alone", name=name).within(lang)))
    outcomes = _conduct(decrypt_files(plan), lang, as_json)
    _conclude(outcomes, lang, as_json, left_alone=list(plan.others))


@weights.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with the decrypted files.")],
    as_json: Json = False,
) -> None:
    """Compare a folder with the published md5 of TechGPT-7B's files."""
    lang = load_settings().words
    _conclude(_conduct(verify_files(folder.expanduser()), lang, as_json), lang, as_json)


@weights.command("fetch-demo")
def fetch_demo_command() -> None:
    """Fetch and convert the demo model, and merge the adapters for it (once)."""
    from techgpt_ui.engines.loading import model_folder

    settings = load_settings()
    typer.echo(str(fetch_demo(settings.cache, base.show_fetch)))
    for preset in base.library_of(settings).models.values():
        if preset.source == "demo" and preset.adapter:
            typer.echo(str(model_folder(preset, settings, base.show_fetch)))


def _conduct(steps: Generator[WeightsStep, None, None], lang: Lang, as_json: bool) -> list[FileOutcome]:
    """Go through the steps, telling how far they are; each file's outcome is told as it comes, unless JSON is."""
    from techgpt_ui.cli.interrupting import interruptible

    meter, outcomes = _BytesMeter(lang), []
    with interruptible() as cancel, closing(meter), closing(steps):
        for step in steps:
            if cancel.cancelled:
                raise WorkbenchError("weights_stopped")
            meter.show(step)
            if step.outcome:
                outcomes.append(step.outcome)
                if not as_json:
                    meter.close()
                    typer.echo(_row(step.outcome, lang))
    return outcomes


def _conclude(outcomes: list[FileOutcome], lang: Lang, as_json: bool, **more: Any) -> None:
    ok = all(outcome.ok for outcome in outcomes)
    if as_json:
        base.print_json({"ok": ok, "files": [_entry(outcome, lang) for outcome in outcomes], **more})
    if not ok:
        raise typer.Exit(1)


def _row(outcome: FileOutcome, lang: Lang) -> str:
    finding = outcome.finding
    words = f"{finding.text.within(lang)} {finding.hint.within(lang)}".strip()
    return base.printable(f"{outcome.state:10} {outcome.name:24} {words}")


def _entry(outcome: FileOutcome, lang: Lang) -> dict[str, Any]:
    facts = outcome.model_dump(exclude={"finding"})
    finding = outcome.finding
    return facts | {"ok": outcome.ok, "text": finding.text.within(lang), "hint": finding.hint.within(lang)}


class _BytesMeter:
    """Shows how many bytes are done, the rate of this stage and the time left."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self._line = StatusLine()
        self._stage = ""
        self._begun = self._told = 0.0

    def show(self, step: WeightsStep) -> None:
        """Tell of a step, if it is time to."""
        now = time.monotonic()
        if step.stage != self._stage:
            self._stage, self._begun, self._told = step.stage, now, now
        if step.outcome or now - self._told < (TERMINAL_EVERY_S if self._line.terminal else EVERY_S):
            return
        self._told = now
        rate = step.done / (now - self._begun)
        words = text(
            f"weights.progress.{step.stage}",
            file=step.file,
            done=amount(step.done),
            total=amount(step.total),
            rate=amount(round(rate)),
            left=clock((step.total - step.done) / max(rate, 1)),
        )
        self._line.write(base.printable(words.within(self._lang)))

    def close(self) -> None:
        """Leave the line of a terminal."""
        self._line.close()
