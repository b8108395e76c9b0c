"""Settings from the environment."""

import pytest

from techgpt_ui.presets import Library
from techgpt_ui.settings import DEFAULT_MODEL, load_settings


@pytest.mark.parametrize(
    ("environment", "host"),
    [({}, "127.0.0.1"), ({"GRADIO_SERVER_NAME": "0.0.0.0"}, "0.0.0.0"), ({"TECHGPT_HOST": "::1"}, "::1")],
)
def test_the_page_stays_on_this_machine_unless_told(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], host: str
) -> None:
    for name in ("GRADIO_SERVER_NAME", "TECHGPT_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings().host == host


@pytest.mark.parametrize("named", [None, "", " "])
def test_the_model_that_nobody_names_is_a_preset(
    library: Library, monkeypatch: pytest.MonkeyPatch, named: str | None
) -> None:
    monkeypatch.delenv("TECHGPT_MODEL", raising=False)
    if named is not None:
        monkeypatch.setenv("TECHGPT_MODEL", named)
    assert load_settings().model == DEFAULT_MODEL
    assert DEFAULT_MODEL in library.models
