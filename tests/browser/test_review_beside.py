"""The model beside the review desk: a text run again, and verdicts that become examples for the tab."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import READY_MS, opened
from tests.running_app import App

pytestmark = [pytest.mark.browser, pytest.mark.demo_model]
TEXT = "Grace Holloway works for Fjord Analytics in Oslo ."
CLEO = "the Moon <b>😀"


@pytest.fixture
def desk(browser: Browser, app: App, tmp_path: Path) -> Page:
    """Ann's project of one text of which somebody said two mentions, one of them nowhere in it."""
    page = opened(browser.new_context(viewport={"width": 1360, "height": 900}).new_page(), app.address, "ner")
    page.click("#tab-review-button")
    page.wait_for_selector(".rv-new")
    file = tmp_path / "answers.jsonl"
    entities = [{"id": 1, "start_offset": 0, "end_offset": 14, "label": "person"}]
    file.write_text(json.dumps({"text": TEXT, "entities": entities, "relations": []}), encoding="utf-8")
    page.evaluate("document.querySelector('.rv-new').open = true")
    form = '[data-form="create"]'
    page.fill(f'{form} [name="name"]', "Spot check")
    page.fill(f'{form} [name="reviewer"]', "Ann")
    page.select_option(f'{form} [name="source"]', "file")
    page.set_input_files(f'{form} [name="file"]', file)
    page.press(f'{form} [name="reviewer"]', "Enter")
    expect(page.locator(".rv-text mark")).to_be_visible()
    return page


def test_a_text_is_run_again_and_stopped_while_decisions_go_on(desk: Page) -> None:
    desk.keyboard.press("r")
    expect(desk.locator(".rv-beside form")).to_be_visible()
    desk.fill('.rv-beside [name="max_new_tokens"]', "24")
    desk.click('.rv-beside [type="submit"]')
    expect(desk.locator(".rv-counts .l-en")).to_be_visible(timeout=READY_MS)
    rows = desk.locator(".rv-row")
    expect(rows.first).to_be_visible()
    assert rows.filter(has_text="Grace Holloway").count() >= 1
    expect(desk.locator('.rv-row[aria-current="true"]')).to_have_count(1)
    assert not desk.is_visible(".rv-alert")

    desk.fill('.rv-beside [name="max_new_tokens"]', "4096")
    desk.uncheck('.rv-beside [name="grounded"]')
    desk.fill('.rv-beside [name="temperature"]', "5")
    desk.click('.rv-beside [type="submit"]')
    expect(desk.locator(".rv-beside .rv-stop")).to_be_enabled()
    desk.focus(".rv-card")
    desk.keyboard.press("c")  # the desk is not kept waiting
    desk.keyboard.type("as before")
    desk.click(".rv-beside .rv-stop")
    expect(desk.locator(".rv-beside .rv-stop")).to_be_disabled(timeout=20_000)
    expect(desk.locator("#header")).to_contain_text("0")
    desk.focus(".rv-card")
    desk.keyboard.press("a")
    expect(desk.locator(".rv-beside")).to_be_hidden()
    expect(desk.locator(".rv-empty")).to_be_visible()
