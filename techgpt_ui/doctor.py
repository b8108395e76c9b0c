"""Check this machine and a model folder: what was found, line by line."""

from __future__ import annotations

from pathlib import Path

from techgpt_ui.engines.loading import model_state
from techgpt_ui.engines.server import Server
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import ModelPreset, load_library
from techgpt_ui.schema import Record
from techgpt_ui.settings import Settings
from techgpt_ui.texts import Text, text
from techgpt_ui.weights import Finding, Severity, examine_folder, machine_report

STATES = {"present": "doctor.present", "not fetched": "doctor.not_fetched", "not merged": "doctor.not_merged"}


class Check(Record):
    """One thing that was looked at; ``ok`` is False only where the model could not run."""

    name: str
    ok: bool
    text: Text
    severity: Severity = "ok"


def check_machine(settings: Settings) -> list[Check]:
    """Python, packages, processor, memory, disk, the models for a trial, and what is worth a warning."""
    report = machine_report(settings.data)
    bf16 = "doctor.bf16" if report.cpu_bf16 else "doctor.no_bf16"
    memory = {"free": report.memory_free // 10**6, "total": report.memory_total // 10**6}
    models = load_library(settings.presets).models.values()
    return [
        _fact("python", Text(zh=report.python, en=report.python)),
        *(_fact(name, Text(zh=found, en=found)) for name, found in report.versions.items() if found),
        _fact("cpu", text(bf16, cores=report.cpu_cores)),
        *(_fact("gpu", Text(zh=gpu.name, en=gpu.name)) for gpu in report.gpus),
        _fact("memory", text("doctor.memory", **memory)),
        _fact("disk", text("doctor.disk", path=report.disk_path, free=report.disk_free // 10**6)),
        *([_server(settings)] if settings.base_url else []),
        *(_model(preset, settings) for preset in models if preset.source == "demo"),
        *(_finding("machine", finding) for finding in report.findings),
    ]


def check_folder(folder: Path, settings: Settings) -> list[Check]:
    """What a model folder holds and lacks, and whether it fits this machine in the number format and on the device set.

    Raises UsageError when it is no folder.
    """
    machine = machine_report(settings.data)
    findings = examine_folder(folder, machine, dtype=settings.dtype, device=settings.device)
    return [_finding(folder.resolve().name, finding) for finding in findings]


def _fact(name: str, words: Text) -> Check:
    return Check(name=name, ok=True, text=words)


def _server(settings: Settings) -> Check:
    """Whether the server answers, and with which models."""
    server = Server(settings)
    try:
        names = ", ".join(model.name for model in server.models) or "–"
        return _fact("server", text("doctor.server", address=server.address, kind=server.kind, models=names))
    except WorkbenchError as error:
        return Check(name="server", ok=False, text=_hinted(error.message, error.hint))


def _model(preset: ModelPreset, settings: Settings) -> Check:
    try:
        return _fact(preset.id, text(STATES[model_state(preset, settings)]))
    except WorkbenchError as error:
        return Check(name=preset.id, ok=False, text=_hinted(error.message, error.hint), severity="error")


def _finding(name: str, finding: Finding) -> Check:
    words = _hinted(finding.text, finding.hint)
    return Check(name=name, ok=finding.severity != "error", text=words, severity=finding.severity)


def _hinted(words: Text, hint: Text) -> Text:
    return Text(zh=f"{words.zh} {hint.zh}".strip(), en=f"{words.en} {hint.en}".strip())
