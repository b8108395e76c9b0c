"""The command line: data on standard output, words on standard error, no traceback for a user's mistake."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from techgpt_ui import doctor as doctoring
from techgpt_ui.documents import import_labels, import_text
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.inputs import with_defaults
from techgpt_ui.pipeline import complete, make_sampling, parse_answer
from techgpt_ui.presets import Library, Task, load_library
from techgpt_ui.renderers.plain import result_rows
from techgpt_ui.schema import Result
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.weights import FetchProgress, demo_checkpoint, fetch_demo

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
weights = typer.Typer(no_args_is_help=True, help="Get and check model weights.")
app.add_typer(weights, name="weights")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DEFAULT_SEED = 0


def main() -> None:
    """Run the command line; exit code 0 fine, 1 the work failed, 2 the call was wrong."""
    os.environ.setdefault("TQDM_DISABLE", "1")  # progress is told in our own words
    try:
        app()
    except WorkbenchError as error:
        _fail(error)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    model: Annotated[str | None, typer.Option(help="Preset, folder or hub id.")] = None,
) -> None:
    """Start the web app."""
    from techgpt_ui.ui.build import serve as serve_page

    serve_page(load_settings(host=host, port=port, model=model))


@app.command()
def tasks(as_json: Json = False) -> None:
    """List the capabilities."""
    found = _library().tasks.values()
    if as_json:
        _print_json([task.entry() for task in found])
        return
    for task in found:
        typer.echo(f"{task.id:20} {task.title.zh}  {task.title.en}")


@app.command()
def models(as_json: Json = False) -> None:
    """List the model presets and whether their weights are here."""
    settings = load_settings()
    rows = []
    for preset in _library(settings).models.values():
        here = demo_checkpoint(settings.cache) is not None if preset.source == "demo" else False
        rows.append(
            {
                "id": preset.id,
                "title": preset.title.model_dump(),
                "origin": preset.origin,
                "state": "present" if here else "not fetched",
                "licence": preset.licence.model_dump(),
            }
        )
    if as_json:
        _print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['id']:20} {row['state']:12} {row['origin']}")


@app.command()
def doctor(folder: Annotated[Path | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """Check this machine, and a model folder if one is given."""
    settings = load_settings()
    checks = doctoring.check_machine(settings) + (doctoring.check_folder(folder) if folder else [])
    if as_json:
        _print_json([{"name": c.name, "ok": c.ok, "text": c.text.within(settings.words)} for c in checks])
    else:
        for check in checks:
            typer.echo(f"{'ok ' if check.ok else 'BAD'} {check.name:14} {check.text.within(settings.words)}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


@app.command()
def run(
    task: str,
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value; may be repeated.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="File with the passage (UTF-8), - for stdin.")] = None,
    model: Annotated[str | None, typer.Option(help="Preset, folder or hub id.")] = None,
    sampling: Annotated[str | None, typer.Option(help="Sampling preset.")] = None,
    variant: Annotated[str | None, typer.Option(help="Instruction, for models trained on instructions.")] = None,
    seed: Annotated[int, typer.Option(help="Seed.")] = DEFAULT_SEED,
    grounded: Annotated[bool | None, typer.Option("--grounded/--free", help="Spans from the text only.")] = None,
    max_new_tokens: Annotated[int | None, typer.Option(help="Other limit than the sampling preset's.")] = None,
    as_json: Json = False,
) -> None:
    """Run one task."""
    from techgpt_ui.engines.host import ModelHost
    from techgpt_ui.engines.loading import resolve_model

    settings = load_settings(model=model)
    library = _library(settings)
    preset = library.task(task)
    values = _inputs(preset, inputs or [], file)
    base = library.sampling(sampling or preset.sampling).values
    chosen = resolve_model(settings.model, library)
    if chosen.source == "demo":
        fetch_demo(settings.cache, _show_progress)
    host = ModelHost(chosen, settings)
    host.load()
    result = complete(
        preset,
        values,
        model=chosen,
        engine=host.engine(),
        sampling=make_sampling(base, {} if max_new_tokens is None else {"max_new_tokens": max_new_tokens}),
        seed=seed,
        grounded=preset.grounded if grounded is None else grounded,
        variant=variant,
    )
    _print_result(result, settings, as_json)


@app.command()
def parse(
    task: str,
    source: Annotated[Path, typer.Option(help="File with the source text, UTF-8.")],
    raw: Annotated[Path, typer.Option(help="File with the raw answer, UTF-8.")],
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value: what was asked for.")] = None,
    as_json: Json = False,
) -> None:
    """Read an answer that was generated elsewhere; needs no model."""
    settings = load_settings()
    library = _library(settings)
    preset = library.task(task)
    values = _pairs(inputs or [])
    labels = import_labels(values.get(preset.label_input or "", ()), preset.label_input or "")
    result = parse_answer(preset, import_text(_read(source), "source"), _read(raw), library.stops, labels)
    _print_result(result, settings, as_json)


@weights.command("fetch-demo")
def fetch_demo_command() -> None:
    """Fetch and convert the demo model (once)."""
    typer.echo(str(fetch_demo(load_settings().cache, _show_progress)))


def _library(settings: Settings | None = None) -> Library:
    return load_library((settings or load_settings()).presets)


def _inputs(task: Task, pairs: list[str], file: Path | None) -> dict[str, object]:
    values = _pairs(pairs)
    if file is not None:
        values[task.main_input] = _read(file)
    return with_defaults(task, values)


def _pairs(pairs: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError("input_not_a_pair", pair=pair[:60])
        values[name] = value
    return values


def _read(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise UsageError("file_unreadable", path=path, why=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise UsageError("file_not_utf8", path=path, position=error.start + 1) from error


def _print_result(result: Result, settings: Settings, as_json: bool) -> None:
    if as_json:
        _print_json(result.to_json(settings.words))
        return
    for row in result_rows(result):
        typer.echo("\t".join(row))
    for notice in result.notices:
        typer.echo(notice.text.within(settings.words), err=True)
    for leftover in result.unparsed:
        typer.echo(f"? {leftover}", err=True)


def _print_json(data: Any) -> None:
    # A lone surrogate in an answer cannot be written as UTF-8; JSON has its own way to spell it.
    content = json.dumps(data, ensure_ascii=False, indent=1)
    sys.stdout.buffer.write(content.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def _show_progress(progress: FetchProgress) -> None:
    share = f" {100 * progress.done // progress.total}%" if progress.total else ""
    end = "\n" if progress.step == "done" or not sys.stderr.isatty() else "\r"
    if progress.step != "done" or sys.stderr.isatty():
        sys.stderr.write(f"demo model: {progress.step}{share}          {end}")
        sys.stderr.flush()


def _fail(error: WorkbenchError) -> NoReturn:
    try:
        lang = load_settings().words
    except WorkbenchError:
        lang = "en"
    typer.echo(error.words(lang), err=True)
    sys.exit(error.exit_code)
