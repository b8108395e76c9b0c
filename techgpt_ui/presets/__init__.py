"""The presets that YAML files hold: tasks (capabilities), models and samplings."""

from techgpt_ui.presets.base import Words
from techgpt_ui.presets.example_sets import ExampleSet
from techgpt_ui.presets.files import read_preset
from techgpt_ui.presets.library import Library, adapter_folder, load_library
from techgpt_ui.presets.models import ModelPreset
from techgpt_ui.presets.sampling import Sampling, SamplingPreset
from techgpt_ui.presets.tasks import (
    FewShotExample,
    FewShotPrompt,
    InputField,
    InputKind,
    Inputs,
    Option,
    Task,
    TrainedPrompt,
    Variant,
)

__all__ = [
    "ExampleSet",
    "FewShotExample",
    "FewShotPrompt",
    "InputField",
    "InputKind",
    "Inputs",
    "Library",
    "ModelPreset",
    "Option",
    "Sampling",
    "SamplingPreset",
    "Task",
    "TrainedPrompt",
    "Variant",
    "Words",
    "adapter_folder",
    "load_library",
    "read_preset",
]
