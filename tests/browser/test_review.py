"""The review desk, worked by keyboard alone: two reviewers in two browsers, who never see the same item."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.running_app import App

pytestmark = [pytest.mark.browser, pytest.mark.demo_model]
COUNT = 6
ANSWER = ".rv-answer"


def answers(folder: Path) -> Path:
    entity = {"id": 1, "start_offset": 0, "end_offset": 8, "label": "ORG"}
    rows = [{"text": f"Company{n} <b>😀 rose.", "entities": [entity], "relations": []} for n in range(COUNT)]
    path = folder / "answers.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport={"width": 1360, "height": 900}).new_page()
    for _ in range(240):
        try:
            page.goto(f"{address}/?lang=en")
        except Error:  # the server is not up yet
            page.wait_for_timeout(250)
        else:
            break
    page.click("#tab-review-button")
    page.wait_for_selector(".rv-new[open]")
    return page


def work(page: Page, keys: list[str], seen: list[str]) -> None:
    """Judge an item for each of the keys, none before the next item is there."""
    for key in keys:
        seen.append(page.inner_text(ANSWER))
        for part in key.split():
            page.keyboard.press(part)
        expect(page.locator(ANSWER)).not_to_have_text(seen[-1])


def test_two_reviewers_judge_all_items_by_keyboard(browser: Browser, app: App, tmp_path: Path) -> None:
    ann = opened(browser, app.address)
    form = '[data-form="create"]'
    ann.fill(f'{form} [name="name"]', "Spot check")
    ann.fill(f'{form} [name="reviewer"]', "Ann")
    ann.select_option(f'{form} [name="source"]', "file")
    ann.set_input_files(f'{form} [name="file"]', answers(tmp_path))
    ann.fill(f'{form} [name="n"]', str(COUNT))
    ann.press(f'{form} [name="n"]', "Enter")
    expect(ann.locator(".rv-text mark")).to_be_visible()
    bob = opened(browser, app.address)
    bob.click('details:has([data-form="join"]) summary')
    bob.fill('[data-form="join"] [name="invitation"]', ann.text_content(".rv-invitation") or "")
    bob.fill('[data-form="join"] [name="name"]', "Bob")
    bob.press('[data-form="join"] [name="name"]', "Enter")
    expect(bob.locator(".rv-text mark")).to_be_visible()

    mine: list[str] = []
    theirs: list[str] = []
    work(ann, ["a", "x 2"], mine)
    work(bob, ["a", "Space"], theirs)
    ann.keyboard.press("Backspace")  # the rejected item is back
    expect(ann.locator(ANSWER)).to_have_text(mine[1])
    ann.keyboard.press("a")
    ann.keyboard.press("a")
    bob.keyboard.press("a")
    for page in (ann, bob):
        expect(page.locator(".rv-empty")).to_be_visible()
        assert not page.is_visible(".rv-alert")
    assert not set(mine) & set(theirs)
    ann.click('[data-do="view-desk"]')
    expect(ann.locator(".rv-count .l-en")).to_contain_text(f"{COUNT} of {COUNT} done")
    ann.click('[data-do="view-figures"]')
    expect(ann.locator(".rv-figures .headline")).to_be_visible()
