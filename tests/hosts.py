"""A host whose model was loaded elsewhere."""

from typing import Any

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.lease import Choice, Loaded
from techgpt_ui.presets import ModelPreset
from techgpt_ui.settings import Settings


def holding(preset: ModelPreset, engine: Any) -> ModelHost:
    host = ModelHost(preset, Settings())
    host.hold(Loaded(Choice(preset=preset), engine))
    return host
