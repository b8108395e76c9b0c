"""What the machine report reads, and what it concludes."""

import os
import platform
import shutil
from importlib import metadata
from pathlib import Path

import psutil
import pytest

from techgpt_ui.weights import Gpu, MachineReport, machine, machine_report

GB = 10**9
SMI = """#!/bin/sh
[ "$1" = "--query-gpu=name,memory.total,memory.free" ] && [ "$2" = "--format=csv,noheader,nounits" ] || exit 9
"""


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found."""
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def nvidia_smi(tools: Path, body: str) -> None:
    (tools / "nvidia-smi").write_text(SMI + body)
    (tools / "nvidia-smi").chmod(0o755)


def found(report: MachineReport) -> set[tuple[str, str]]:
    return {(finding.severity, finding.code) for finding in report.findings}


def test_it_is_this_machine(tools: Path, tmp_path: Path) -> None:
    report = machine_report(tmp_path / "not" / "there" / "yet")
    assert report.python == platform.python_version()
    assert report.versions == {name: metadata.version(name) for name in machine.PACKAGES}
    assert 1 <= report.cpu_cores <= os.cpu_count()
    assert report.gpus == ()
    assert 0 < report.memory_free <= report.memory_total <= psutil.virtual_memory().total
    assert report.disk_path == tmp_path
    assert report.disk_free == pytest.approx(shutil.disk_usage(tmp_path).free, abs=GB)
    assert ("ok", "packages") in found(report)


def test_without_a_path_it_is_the_working_folder(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert machine_report().disk_path == tmp_path


def test_gpus_are_listed_with_their_memory(tools: Path) -> None:
    nvidia_smi(tools, 'echo "NVIDIA H200, 143771, 143161"; echo "NVIDIA GB10, [N/A], [N/A]"')
    report = machine_report()
    assert report.gpus == (
        Gpu(name="NVIDIA H200", memory_total=143771 * 2**20, memory_free=143161 * 2**20),
        Gpu(name="NVIDIA GB10", memory_total=None, memory_free=None),
    )
    assert {("ok", "gpu"), ("ok", "memory")} <= found(report)


@pytest.mark.parametrize("body", ["echo 'NVIDIA-SMI has failed'; exit 9", "kill -9 $$"])
def test_a_driver_without_an_answer_is_a_warning(tools: Path, body: str) -> None:
    nvidia_smi(tools, body)
    report = machine_report()
    assert report.gpus == ()
    assert ("warning", "gpu_driver_silent") in found(report)


def test_a_gpu_that_torch_cannot_use_is_a_warning(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi(tools, 'echo "NVIDIA H200, 143771, 143161"')
    for version, warned in {"2.13.0+cpu": True, "2.13.0": False, "2.13.0+cu130": False}.items():
        monkeypatch.setattr(metadata, "version", lambda name, version=version: version)
        assert (("warning", "torch_without_cuda") in found(machine_report())) == warned


def test_a_missing_package_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PACKAGES", ("torch", "no-such-package"))
    report = machine_report()
    assert report.versions["no-such-package"] is None
    (error,) = [finding for finding in report.findings if finding.severity == "error"]
    assert "no-such-package" in error.text.zh
    assert "pip install" in error.hint.zh


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 amx_tile", True),
        ("flags\t\t: fpu amx_bf16", True),
        ("flags\t\t: fpu avx512f avx512_vnni", False),
        ("Features\t: fp asimd sve bf16 i8mm", True),
        ("Features\t: fp asimd", False),
        ("model name\t: bf16", None),
    ],
)
def test_bf16_of_the_processor(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, expected: bool | None
) -> None:
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    assert machine_report().cpu_bf16 is None
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{line}\n\n")
    report = machine_report()
    assert report.cpu_bf16 is expected
    assert (("warning", "cpu_without_bf16") in found(report)) == (expected is False)


@pytest.mark.parametrize(
    ("limit", "used", "conclusion"),
    [
        ("20000000000", "1000000000", ("ok", "memory")),
        ("8000000000", "1000000000", ("warning", "memory_below_7b")),
        ("8000000000", "7500000000", ("warning", "memory_for_nothing")),
        ("8000000000", "9000000000", ("warning", "memory_for_nothing")),
    ],
)
def test_a_containers_limit_counts(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, used: str, conclusion: tuple[str, str]
) -> None:
    plenty = psutil.virtual_memory()._replace(total=64 * GB, available=60 * GB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: plenty)
    for name, content in {"MEMORY_LIMIT": limit, "MEMORY_USED": used}.items():
        monkeypatch.setattr(machine, name, tmp_path / name)
        (tmp_path / name).write_text(f"{content}\n")
    report = machine_report()
    assert (report.memory_total, report.memory_free) == (int(limit), max(int(limit) - int(used), 0))
    assert conclusion in found(report)
    (tmp_path / "MEMORY_LIMIT").write_text("max\n")
    assert machine_report().memory_total == 64 * GB


def test_little_disk_is_a_warning(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=123_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    report = machine_report(tmp_path)
    assert report.disk_free == 123_000_000
    assert ("warning", "disk_small") in found(report)
