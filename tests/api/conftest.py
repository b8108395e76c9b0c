"""The real app, started as a user starts it, and clients of it."""

import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client

from techgpt_ui.presets import Library
from tests.api.calls import sample_call
from tests.running_app import App

START_S = 120
ENDLESS = """
id: endless
title: {zh: 不停, en: Endless}
reason: {zh: 只用于测试, en: Only for tests}
values: {min_new_tokens: 4000, max_new_tokens: 4000}
"""


@pytest.fixture(scope="package")
def address(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``python app.py`` with a data folder of its own and a sampling that never comes to an end."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "data").mkdir()
    (folder / "data" / "models").symlink_to(demo.parent)
    (folder / "presets" / "sampling").mkdir(parents=True)
    (folder / "presets" / "sampling" / "endless.yaml").write_text(ENDLESS, encoding="utf-8")
    app = App(folder, folder / "data", TECHGPT_PRESETS=str(folder / "presets"))
    app.start()
    try:
        yield served(app)
    finally:
        app.stop()


def served(app: App) -> str:
    """The address once something answers there."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and not app.ended:
        try:
            httpx.get(f"{app.address}/config").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.25)
        else:
            return app.address
    pytest.fail(f"the app did not start:\n{app.log.read_text(encoding='utf-8')[-3000:]}")


@pytest.fixture(scope="package")
def client(address: str) -> Client:
    return Client(address, verbose=False)


@pytest.fixture(scope="package")
def answered(client: Client, library: Library) -> Callable[[str], dict[str, Any]]:
    """What the endpoint of a task answers to the inputs of its first sample; each is asked once."""

    @cache
    def ask(task_id: str) -> dict[str, Any]:
        return client.predict(api_name=f"/{task_id}", **sample_call(library, task_id))

    return ask
