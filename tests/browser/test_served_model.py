"""The page with its model on a real server, as a user starts both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import READY_MS, fill_in, opened, run, set_number
from tests.running_app import App
from tests.transformers_server import serving

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture(scope="module")
def page(browser: Browser, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("served")
    with serving(demo, "bfloat16", folder / "serve.log") as address:
        app = App(folder, folder, TECHGPT_BASE_URL=address)
        app.start()
        yield opened(browser.new_page(viewport={"width": 1360, "height": 900}), app.address, "ner")
        app.stop()


def test_a_run_streams_from_the_server_and_is_shown_as_entities(page: Page) -> None:
    page.fill("#ner-text textarea", "Grace Holloway moved from Dublin to Oslo in 2009.")
    run(page, "ner")
    expect(page.locator("#ner-raw textarea")).not_to_have_value("")
    expect(page.locator("#ner-status")).to_contain_text("This server cannot keep to the text")


def test_stop_ends_the_answer_at_the_server_and_the_next_run_works(page: Page) -> None:
    page.evaluate("window.techgptOpen('qa')")
    fill_in(page.locator("#qa-question textarea"), "Tell a long story of a river, in twenty chapters.")
    page.click("#qa-sampling button")
    set_number(page, "qa-max_new_tokens", "1500")
    page.click("#qa-run")
    raw = page.locator("#qa-raw textarea")
    expect(raw).not_to_have_value("", timeout=READY_MS)
    page.click("#qa-stop")
    expect(page.locator("#qa-status")).to_contain_text("stopped", timeout=READY_MS)
    set_number(page, "qa-max_new_tokens", "8")
    run(page, "qa")
    expect(page.locator("#qa-run")).to_be_enabled()


def test_the_tab_of_models_names_the_server(page: Page) -> None:
    page.click("#tab-model-button")
    expect(page.locator(".model-now")).to_contain_text("127.0.0.1")
