"""The app as a user starts it, and a real Chromium to look at it with."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.running_app import App

# Two browsers, two apps and their models share what may be two cores; what never comes is still told.
expect.set_options(timeout=60_000)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def address(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app is; all tests of the page share it."""
    app = App(tmp_path_factory.mktemp("app"), demo.parent.parent)
    app.start()
    yield app.address
    app.stop()


@pytest.fixture(scope="module")
def app(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app of the module's own, with an empty database."""
    app = App(tmp_path_factory.mktemp("own"), demo.parent.parent)
    app.start()
    yield app
    app.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "install Debian's chromium"
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*flags, "--disable-sync", "--no-first-run"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True, scope="module")
def no_page_stays_open(browser: Browser) -> Iterator[None]:
    """A page that is left open asks the app for news and keeps a core busy, through all later tests."""
    yield
    for context in browser.contexts:
        context.close()


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
