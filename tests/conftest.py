"""Shared fixtures: the real demo model, fetched once into the repository's own data folder."""

import os
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.presets import Library, load_library
from techgpt_ui.settings import Settings
from techgpt_ui.weights import fetch_demo

ROOT = Path(__file__).resolve().parent.parent

# The same examples at every run: a change is never refused for what another one had done. New ones are looked for with
# `--hypothesis-profile=default`.
hypothesis_settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis_settings.load_profile("steady")


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(data=Path(os.environ.get("TECHGPT_DATA") or ROOT / "data"), model="smollm2-demo", lang="en")


@pytest.fixture(scope="session")
def demo(settings: Settings) -> Path:
    return fetch_demo(settings.cache, lambda progress: None)


@pytest.fixture(scope="session")
def host(settings: Settings, library: Library, demo: Path) -> ModelHost:
    host = ModelHost(resolve_model("smollm2-demo", library), settings)
    host.load()
    return host
