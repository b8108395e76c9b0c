"""Weights: the demo model, adapters merged into their base, what a model folder holds, what the machine can carry."""

from techgpt_ui.weights.adapter import merge_adapter, merged_checkpoint
from techgpt_ui.weights.decryption import decrypt
from techgpt_ui.weights.decryption_plan import DecryptionPlan, plan_decryption
from techgpt_ui.weights.demo import demo_checkpoint, fetch_demo
from techgpt_ui.weights.files import amount
from techgpt_ui.weights.findings import Finding, Severity
from techgpt_ui.weights.fitness import Need, examine_folder, memory_needed, stored_tensors
from techgpt_ui.weights.locate import FolderReport, ModelFolderError, inspect_folder, require_model_folder
from techgpt_ui.weights.machine import Gpu, MachineReport, machine_report
from techgpt_ui.weights.outcomes import FileOutcome, FileState, WeightsStep
from techgpt_ui.weights.progress import FetchProgress, FetchStep, ProgressListener
from techgpt_ui.weights.verification import verify

__all__ = [
    "DecryptionPlan",
    "FetchProgress",
    "FetchStep",
    "FileOutcome",
    "FileState",
    "Finding",
    "FolderReport",
    "Gpu",
    "MachineReport",
    "ModelFolderError",
    "Need",
    "ProgressListener",
    "Severity",
    "WeightsStep",
    "amount",
    "decrypt",
    "demo_checkpoint",
    "examine_folder",
    "fetch_demo",
    "inspect_folder",
    "machine_report",
    "memory_needed",
    "merge_adapter",
    "merged_checkpoint",
    "plan_decryption",
    "require_model_folder",
    "stored_tensors",
    "verify",
]
