"""The commands around single runs: the page, lists, checks, one run, one answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from techgpt_ui import doctor as doctoring
from techgpt_ui.cli import base
from techgpt_ui.cli.base import DEFAULT_SEED, Json
from techgpt_ui.documents import import_labels, import_text
from techgpt_ui.engines.loading import model_state
from techgpt_ui.errors import UsageError
from techgpt_ui.inputs import check_inputs, with_defaults
from techgpt_ui.pipeline import complete, make_sampling, parse_answer
from techgpt_ui.presets import ModelPreset, Task
from techgpt_ui.renderers.plain import result_rows
from techgpt_ui.schema import Result
from techgpt_ui.settings import Settings, load_settings

MARKS = {"ok": "ok ", "warning": "(!)", "error": "BAD"}


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    model: base.Model = None,
    base_url: base.BaseUrl = None,
    api_key: base.ApiKey = None,
) -> None:
    """Start the web app."""
    from techgpt_ui.ui.build import serve as serve_page

    serve_page(load_settings(host=host, port=port, model=model, base_url=base_url, api_key=api_key))


def tasks(as_json: Json = False) -> None:
    """List the capabilities."""
    found = base.library_of().tasks.values()
    if as_json:
        base.print_json([task.entry() for task in found])
        return
    for task in found:
        typer.echo(f"{task.id:20} {task.title.zh}  {task.title.en}")


def models(as_json: Json = False) -> None:
    """List the model presets and whether their weights are here."""
    settings = load_settings()
    rows = []
    for preset in base.library_of(settings).models.values():
        rows.append(
            {
                "id": preset.id,
                "title": preset.title.model_dump(),
                "origin": preset.origin,
                "state": _state(preset, settings),
                "licence": preset.licence.model_dump(),
            }
        )
    if as_json:
        base.print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['id']:20} {row['state']:16} {row['origin']}")


def doctor(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Model folder.")] = None,
    dtype: Annotated[str | None, typer.Option(help="Number format that the model is to run in.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda:N.")] = None,
    as_json: Json = False,
) -> None:
    """Check this machine, and a model folder if one is given."""
    settings = load_settings(dtype=dtype, device=device)
    checks = doctoring.check_machine(settings)
    if folder:
        checks += doctoring.check_folder(folder.expanduser(), settings)
    if as_json:
        base.print_json([check.model_dump() | {"text": check.text.within(settings.words)} for check in checks])
    else:
        for check in checks:
            words = f"{MARKS[check.severity]} {check.name:14} {check.text.within(settings.words)}"
            typer.echo(base.printable(words))
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def run(
    task: str,
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value; may be repeated.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="File with the passage (UTF-8), - for stdin.")] = None,
    model: base.Model = None,
    base_url: base.BaseUrl = None,
    api_key: base.ApiKey = None,
    sampling: base.SamplingPreset = None,
    variant: base.Variant = None,
    seed: base.Seed = DEFAULT_SEED,
    grounded: Annotated[bool | None, typer.Option("--grounded/--free", help="Spans from the text only.")] = None,
    max_new_tokens: base.MaxNewTokens = None,
    as_json: Json = False,
) -> None:
    """Run one task."""
    settings = load_settings(model=model, base_url=base_url, api_key=api_key)
    library = base.library_of(settings)
    preset = library.task(task)
    values = _inputs(preset, inputs or [], file)
    check_inputs(preset, values)  # before the model is loaded, which takes seconds or minutes
    usual = library.sampling(sampling or preset.sampling).values
    chosen, engine = base.ready(base.resolved(settings, library), settings)
    result = complete(
        preset,
        values,
        model=chosen,
        engine=engine,
        sampling=make_sampling(usual, base.other_limit(max_new_tokens)),
        seed=seed,
        grounded=preset.grounded if grounded is None else grounded,
        variant=variant,
    )
    _print_result(result, settings, as_json)


def parse(
    task: str,
    source: Annotated[Path, typer.Option(help="File with the source text, UTF-8.")],
    raw: Annotated[Path, typer.Option(help="File with the raw answer, UTF-8.")],
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value: what was asked for.")] = None,
    as_json: Json = False,
) -> None:
    """Read an answer that was generated elsewhere; needs no model."""
    settings = load_settings()
    library = base.library_of(settings)
    preset = library.task(task)
    values = _pairs(inputs or [])
    labels = import_labels(values.get(preset.label_input or "", ()), preset.label_input or "")
    result = parse_answer(
        preset, import_text(base.read_text(source), "source"), base.read_text(raw), library.stops, labels
    )
    _print_result(result, settings, as_json)


def _state(preset: ModelPreset, settings: Settings) -> str:
    try:
        return model_state(preset, settings)
    except UsageError:
        return "adapter unusable"


def _inputs(task: Task, pairs: list[str], file: Path | None) -> dict[str, object]:
    values = _pairs(pairs)
    if file is not None:
        values[task.main_input] = base.read_text(file)
    return with_defaults(task, values)


def _pairs(pairs: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError("input_not_a_pair", pair=pair[:60])
        values[name] = value
    return values


def _print_result(result: Result, settings: Settings, as_json: bool) -> None:
    if as_json:
        base.print_json(result.to_json(settings.words))
        return
    for row in result_rows(result):
        typer.echo("\t".join(row))
    for notice in result.notices:
        typer.echo(notice.text.within(settings.words), err=True)
    for leftover in result.unparsed:
        typer.echo(f"? {leftover}", err=True)
