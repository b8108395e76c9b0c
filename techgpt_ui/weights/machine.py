"""What this machine offers to a model: processor, memory, GPUs, disk, packages; read without importing torch."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from techgpt_ui.schema import Record
from techgpt_ui.weights.findings import Finding, error, fine, warning

PACKAGES = ("torch", "transformers", "gradio", "llguidance")
CPUINFO = Path("/proc/cpuinfo")
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
MEMORY_USED = Path("/sys/fs/cgroup/memory.current")
GPU_QUERY = "--query-gpu=name,memory.total,memory.free"
CAPABILITY_QUERY = "--query-gpu=compute_cap"
GPU_SECONDS = 20
"""A driver that has to wake up needs several seconds to answer."""
FP16_7B = 15_000_000_000
"""Bytes that TechGPT's 7B models take in fp16, as upstream gives them."""
DEMO_MEMORY = 1_500_000_000
DEMO_DISK = 600_000_000
"""Bytes of the demo model, and of the one with its adapter merged."""


class Gpu(Record):
    """A CUDA GPU; memory in bytes, None where the driver does not tell."""

    name: str
    memory_total: int | None
    memory_free: int | None
    capability: tuple[int, int] | None = None
    """CUDA compute capability, None where the driver does not tell."""


class MachineReport(Record):
    """A machine as a model would find it; memory and disk in bytes."""

    python: str
    system: str
    cpu_cores: int
    cpu_bf16: bool | None
    """Whether the processor computes in bf16; None where the system does not tell."""
    memory_total: int
    memory_free: int
    gpus: tuple[Gpu, ...]
    disk_path: Path
    disk_free: int
    versions: dict[str, str | None]
    """Installed versions; None for a package that is not there."""
    findings: tuple[Finding, ...] = ()


def machine_report(path: Path | None = None) -> MachineReport:
    """The machine, and the disk that ``path`` (the working folder unless given) is or will be on."""
    total, free = _memory()
    gpus, driver_answers = _gpus()
    disk = _existing((path or Path.cwd()).absolute())
    report = MachineReport(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        cpu_cores=_cores(),
        cpu_bf16=_cpu_bf16(),
        memory_total=total,
        memory_free=free,
        gpus=gpus,
        disk_path=disk,
        disk_free=shutil.disk_usage(disk).free,
        versions={name: _version(name) for name in PACKAGES},
    )
    return report.model_copy(update={"findings": tuple(_findings(report, driver_answers))})


def _cores() -> int:
    """Cores that this process may use, which in a container are fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu_bf16() -> bool | None:
    if not CPUINFO.exists():
        return None
    line = re.search(r"^(?:flags|Features)\s*:(.*)$", CPUINFO.read_text(errors="replace"), re.MULTILINE)
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & set(line[1].split())) if line else None


def _memory() -> tuple[int, int]:
    """Total and free bytes, within the limit of the container if there is one."""
    import psutil

    memory = psutil.virtual_memory()
    try:
        limit, used = int(MEMORY_LIMIT.read_text()), int(MEMORY_USED.read_text())
    except (OSError, ValueError):  # no such limit, or "max"
        return memory.total, memory.available
    return min(memory.total, limit), min(memory.available, max(limit - used, 0))


def _gpus() -> tuple[tuple[Gpu, ...], bool]:
    """The GPUs that nvidia-smi lists, and whether it answered (True where there is none)."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return (), True
    lines = _asked(tool, GPU_QUERY)
    if lines is None:
        return (), False
    gpus = [_gpu(line) for line in lines if line.count(",") >= 2]
    capabilities = _asked(tool, CAPABILITY_QUERY) or []  # older drivers do not know this question
    if gpus and len(capabilities) == len(gpus):
        gpus = [
            gpu.model_copy(update={"capability": _capability(line)})
            for gpu, line in zip(gpus, capabilities, strict=True)
        ]
    return tuple(gpus), True


def _asked(tool: str, query: str) -> list[str] | None:
    """The lines that nvidia-smi answers; None where it does not."""
    try:
        answer = subprocess.run(
            [tool, query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=GPU_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.splitlines()


def _capability(line: str) -> tuple[int, int] | None:
    major, dot, minor = line.strip().partition(".")
    return (int(major), int(minor)) if dot and major.isdigit() and minor.isdigit() else None


def _gpu(line: str) -> Gpu:
    name, total, free = (field.strip() for field in line.rsplit(",", 2))
    return Gpu(name=name, memory_total=_mebibytes(total), memory_free=_mebibytes(free))


def _mebibytes(field: str) -> int | None:
    return int(field) * 2**20 if field.isdigit() else None


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _findings(report: MachineReport, driver_answers: bool) -> Iterator[Finding]:
    yield from _package_findings(report)
    yield from _gpu_findings(report, driver_answers)
    yield from _memory_findings(report)
    if report.cpu_bf16 is False and not report.gpus:
        yield warning("cpu_without_bf16")
    if report.disk_free < DEMO_DISK:
        yield warning("disk_small", path=str(report.disk_path), gigabytes=_gigabytes(report.disk_free))


def _package_findings(report: MachineReport) -> Iterator[Finding]:
    missing = [name for name, version in report.versions.items() if version is None]
    if missing:
        yield error("packages_missing", packages=", ".join(missing))
    else:
        yield fine("packages", packages=", ".join(f"{name} {version}" for name, version in report.versions.items()))


def _gpu_findings(report: MachineReport, driver_answers: bool) -> Iterator[Finding]:
    if not driver_answers:
        yield warning("gpu_driver_silent")
    for gpu in report.gpus:
        yield fine("gpu", name=gpu.name, free=_gigabytes(gpu.memory_free), total=_gigabytes(gpu.memory_total))
    if report.gpus and "+cpu" in (report.versions["torch"] or ""):
        yield warning("torch_without_cuda", version=str(report.versions["torch"]))


def _memory_findings(report: MachineReport) -> Iterator[Finding]:
    """The roomiest place decides: one GPU, or the machine's own memory."""
    room = max([report.memory_free, *(gpu.memory_free or 0 for gpu in report.gpus)])
    words = {"free": _gigabytes(room), "needed": _gigabytes(FP16_7B)}
    if room < DEMO_MEMORY:
        yield warning("memory_for_nothing", free=_gigabytes(room), needed=_gigabytes(DEMO_MEMORY))
    elif room < FP16_7B:
        yield warning("memory_below_7b", **words)
    else:
        yield fine("memory", **words)


def _gigabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e9:.1f}"
