"""What the commands share: reading files, printing, and getting a model ready."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any, NamedTuple, NoReturn

import typer

from techgpt_ui.engines.base import Engine
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import Library, ModelPreset, load_library
from techgpt_ui.settings import Settings, load_settings
from techgpt_ui.weights import FetchProgress, fetch_demo

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Model = Annotated[str | None, typer.Option(help="Preset, folder or hub id.")]
BaseUrl = Annotated[str | None, typer.Option(help="OpenAI-compatible server that runs the model.")]
ApiKey = Annotated[str | None, typer.Option(help="Key for that server; TECHGPT_API_KEY keeps it out of sight.")]
SamplingPreset = Annotated[str | None, typer.Option(help="Sampling preset.")]
Variant = Annotated[str | None, typer.Option(help="Instruction, for models trained on instructions.")]
Seed = Annotated[int, typer.Option(help="Seed.")]
MaxNewTokens = Annotated[int | None, typer.Option(help="Other limit than the sampling preset's.")]
DEFAULT_SEED = 0


def other_limit(max_new_tokens: int | None) -> dict[str, int]:
    """What differs from a sampling preset where another limit was given."""
    return {} if max_new_tokens is None else {"max_new_tokens": max_new_tokens}


class Ready(NamedTuple):
    """A model that can answer."""

    preset: ModelPreset
    engine: Engine


def library_of(settings: Settings | None = None) -> Library:
    """All presets, the user's own among them."""
    return load_library((settings or load_settings()).presets)


def resolved(settings: Settings, library: Library) -> ModelPreset:
    """The model that the settings name; UsageError for one that is unknown."""
    from techgpt_ui.engines.loading import resolve_model

    return resolve_model(settings.model, library, settings, served=bool(settings.base_url))


def ready(preset: ModelPreset, settings: Settings) -> Ready:
    """The model, fetched where it must be and loaded; WorkbenchError says why that failed."""
    from techgpt_ui.engines.host import ModelHost
    from techgpt_ui.engines.loading import model_folder

    here = not settings.base_url
    if here and preset.source == "demo":
        fetch_demo(settings.cache, show_fetch)
    if here and preset.adapter:
        model_folder(preset, settings, show_fetch)
    host = ModelHost(preset, settings)
    host.load()
    return Ready(preset, host.engine())


def read_text(path: Path) -> str:
    """A file's text, standard input for ``-``; UsageError where it cannot be read or is no UTF-8."""
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        return data.decode("utf-8")
    except OSError as error:
        raise UsageError("file_unreadable", path=path, why=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise UsageError("file_not_utf8", path=path, position=error.start + 1) from error


def as_json_bytes(data: Any) -> bytes:
    """JSON for people and programs."""
    # A lone surrogate in an answer cannot be written as UTF-8; JSON has its own way to spell it.
    return json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n"


def print_json(data: Any) -> None:
    """JSON on standard output."""
    sys.stdout.buffer.write(as_json_bytes(data))
    sys.stdout.flush()


def tell(words: str) -> None:
    """A line on standard error."""
    typer.echo(words, err=True)


def printable(words: str) -> str:
    """Words that may hold the name of any file, without what would change the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)


def show_fetch(progress: FetchProgress) -> None:
    """How far a model is fetched and merged, on standard error."""
    share = f" {100 * progress.done // progress.total}%" if progress.total else ""
    end = "\n" if progress.step == "done" or not sys.stderr.isatty() else "\r"
    if progress.step != "done" or sys.stderr.isatty():
        sys.stderr.write(f"model: {progress.step}{share}          {end}")
        sys.stderr.flush()


def require_writable(*paths: Path | None) -> None:
    """UsageError where a file cannot be written, told before the work rather than after it."""
    for path in paths:
        if path is None:
            continue
        folder = path.parent
        if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UsageError("file_not_writable", path=path)


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with writing(path) as aside:
        aside.write(content)


@contextmanager
def writing(path: Path, *, permissions: int = 0o666) -> Iterator[IO[bytes]]:
    """A file to write to, which takes its place when it is whole; an exception leaves what was there."""
    import tempfile

    from techgpt_ui.weights.files import sync_folder

    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as aside:
            try:
                yield aside
                aside.flush()
                os.fsync(aside.fileno())
                Path(aside.name).chmod(permissions & ~umask())
                aside.close()
                Path(aside.name).replace(path)
            except BaseException:
                Path(aside.name).unlink(missing_ok=True)
                raise
        sync_folder(path.parent)
    except OSError as error:
        raise WorkbenchError("file_not_written", path=path, why=error.strerror or error) from error


def umask() -> int:
    """The process's mask of permissions."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def fail(error: WorkbenchError) -> NoReturn:
    """Say what went wrong and end with the error's exit code."""
    try:
        lang = load_settings().words
    except WorkbenchError:
        lang = "en"
    tell(error.words(lang))
    sys.exit(error.exit_code)
