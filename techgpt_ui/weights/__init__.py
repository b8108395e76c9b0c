"""Weights: the demo model, adapters merged into their base, what a model folder holds, what the machine can carry."""

from techgpt_ui.weights.adapter import merge_adapter, merged_checkpoint
from techgpt_ui.weights.demo import demo_checkpoint, fetch_demo
from techgpt_ui.weights.findings import Finding, Severity
from techgpt_ui.weights.hub import fetch_from_hub
from techgpt_ui.weights.locate import FolderReport, ModelFolderError, inspect_folder, require_model_folder
from techgpt_ui.weights.machine import Gpu, MachineReport, machine_report
from techgpt_ui.weights.progress import FetchProgress, FetchStep, ProgressListener

__all__ = [
    "FetchProgress",
    "FetchStep",
    "Finding",
    "FolderReport",
    "Gpu",
    "MachineReport",
    "ModelFolderError",
    "ProgressListener",
    "Severity",
    "demo_checkpoint",
    "fetch_demo",
    "fetch_from_hub",
    "inspect_folder",
    "machine_report",
    "merge_adapter",
    "merged_checkpoint",
    "require_model_folder",
]
