"""The app as a user starts it, and a real Chromium to look at it with."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def address(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``python app.py`` as a user starts it, with a database of its own."""
    port = free_port()
    folder = tmp_path_factory.mktemp("app")
    environment = os.environ | {
        "TECHGPT_PORT": str(port),
        "TECHGPT_DATA": str(demo.parent.parent),
        "TECHGPT_DATABASE_URL": f"sqlite:///{folder / 'runs.db'}",
        "TECHGPT_LANG": "",
    }
    with (folder / "log").open("w", encoding="utf-8") as log:
        app = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        yield f"http://127.0.0.1:{port}"
        app.terminate()
        app.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install Debian's chromium"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*flags, "--disable-sync", "--no-first-run"])
        yield browser
        browser.close()


@pytest.fixture
def asked() -> list[str]:
    """Hosts that the page asked for anything."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, asked: list[str]) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    page.on("request", lambda request: asked.append(urlparse(request.url).hostname or ""))
    yield page
    page.close()
