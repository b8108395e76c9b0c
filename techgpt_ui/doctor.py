"""Check this machine and a model folder."""

from __future__ import annotations

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from techgpt_ui.engines.loading import cpu_has_bf16
from techgpt_ui.schema import Record
from techgpt_ui.settings import Settings
from techgpt_ui.texts import Text, text
from techgpt_ui.weights import demo_checkpoint, inspect_folder

PACKAGES = ("torch", "transformers", "llguidance", "gradio")


class Check(Record):
    """One thing that was looked at."""

    name: str
    ok: bool
    text: Text


def check_machine(settings: Settings) -> list[Check]:
    """Python, packages, processor, memory, disk and the demo model."""
    memory = psutil.virtual_memory()
    folder = _existing(settings.data)
    bf16 = text("doctor.bf16" if cpu_has_bf16() else "doctor.no_bf16", cores=os.cpu_count())
    sizes = {"free": memory.available // 10**6, "total": memory.total // 10**6}
    disk = text("doctor.disk", path=settings.data, free=shutil.disk_usage(folder).free // 10**6)
    fetched = demo_checkpoint(settings.cache) is not None
    return [
        Check(name="python", ok=True, text=_same(platform.python_version())),
        *(_package(name) for name in PACKAGES),
        Check(name="cpu", ok=True, text=bf16),
        Check(name="memory", ok=memory.available > 10**9, text=text("doctor.memory", **sizes)),
        Check(name="disk", ok=os.access(folder, os.W_OK), text=disk),
        Check(name="demo model", ok=True, text=text("doctor.demo_here" if fetched else "doctor.demo_missing")),
    ]


def check_folder(folder: Path) -> list[Check]:
    """A line for a folder that can be loaded, otherwise a line for each problem."""
    report = inspect_folder(folder)
    if report.problems:
        return [Check(name=folder.name, ok=False, text=problem) for problem in report.problems]
    words = text("doctor.folder", architecture=report.architecture, size=report.bytes // 10**6)
    return [Check(name=folder.name, ok=True, text=words)]


def _package(name: str) -> Check:
    try:
        return Check(name=name, ok=True, text=_same(version(name)))
    except PackageNotFoundError:
        return Check(name=name, ok=False, text=text("doctor.not_installed"))


def _same(words: str) -> Text:
    return Text(zh=words, en=words)


def _existing(path: Path) -> Path:
    path = path.absolute()
    return path if path.exists() else _existing(path.parent)
