"""The model is switched in the page while others wait, on the real demo models."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import READY_MS, fill_in, limit_tokens, opened, set_number
from tests.running_app import App

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def show_models(page: Page) -> None:
    page.click("#tab-model-button")
    expect(page.locator("#model-load")).to_be_visible()


def show_task(page: Page, task: str) -> None:
    page.evaluate("(task) => window.techgptOpen(task)", task)
    expect(page.locator(f"#{task}-run")).to_be_visible()


def wish(page: Page, model: str) -> None:
    box = page.locator("#model-name input")
    fill_in(box, model)
    box.press("Enter")
    page.click("#model-load")


def begin_endless_run(page: Page) -> None:
    page.click("#ner-sampling button")
    set_number(page, "ner-min_new_tokens", "3000")
    set_number(page, "ner-max_new_tokens", "3000")
    page.locator("#ner-grounded input").uncheck()
    page.click("#ner-run")
    expect(page.locator("#ner-raw textarea")).not_to_have_value("", timeout=READY_MS)


def test_a_run_waits_for_the_switch_and_is_answered_by_the_new_model(browser: Browser, app: App) -> None:
    ann, bob = (browser.new_page(viewport={"width": 1360, "height": 900}) for _ in "ab")
    begin_endless_run(opened(ann, app.address, "ner"))
    opened(bob, app.address, "terms")
    limit_tokens(bob, "terms", 24)
    show_models(bob)
    wish(bob, "techgpt-demo")
    for page in (ann, bob):
        expect(page.locator("#header .state")).to_contain_text("switching the model", timeout=READY_MS)
    show_task(bob, "terms")
    bob.click("#terms-run")
    expect(bob.locator("#terms-status")).to_contain_text("being switched", timeout=READY_MS)
    ann.click("#ner-stop")
    expect(ann.locator("#ner-status")).to_contain_text("stopped", timeout=READY_MS)
    expect(bob.locator("#terms-status .badge")).to_be_visible(timeout=READY_MS)
    expect(bob.locator("#header")).to_contain_text("TechGPT demo adapter")
    show_models(bob)
    expect(bob.locator("#model-list .presence.loaded")).to_have_count(1)
    expect(bob.locator(".model-card", has=bob.locator(".presence.loaded"))).to_contain_text("TechGPT demo adapter")
    for page in (ann, bob):
        page.close()


def test_a_bad_folder_is_told_and_the_model_still_answers(browser: Browser, app: App, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    opened(page, app.address, "terms")
    limit_tokens(page, "terms", 24)
    show_models(page)
    wish(page, str(tmp_path))
    expect(page.locator("#model-notice [role=alert]")).to_contain_text("is empty", timeout=READY_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    show_task(page, "terms")
    page.click("#terms-run")
    expect(page.locator("#terms-status .badge")).to_be_visible(timeout=READY_MS)
    page.close()


def test_unload_gives_the_model_up_and_a_run_says_what_to_do(browser: Browser, app: App) -> None:
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    opened(page, app.address, "terms")
    show_models(page)
    page.click("#model-unload")
    expect(page.locator("#header .state.unloaded")).to_be_visible(timeout=READY_MS)
    show_task(page, "terms")
    page.click("#terms-run")
    expect(page.locator("#terms-status [role=alert]")).to_contain_text("Load a model", timeout=READY_MS)
    show_models(page)
    page.click("#model-reload")
    expect(page.locator("#header .state.ready")).to_be_visible(timeout=READY_MS)
    page.click("#model-log button")
    expect(page.locator("#model-log .load-log")).to_contain_text("loaded in", timeout=READY_MS)
    page.close()
