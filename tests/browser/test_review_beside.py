"""The model beside the review desk: a text is run again, and verdicts become examples that a tab offers."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import READY_MS, opened
from tests.running_app import App

pytestmark = [pytest.mark.browser, pytest.mark.demo_model, pytest.mark.thorough]
TEXT = "Grace Holloway works for Fjord Analytics in Oslo ."
HOSTILE = "person <img src=x onerror=alert(1)>"
SLOW_MS = 30_000


@pytest.fixture(scope="module")
def desk(browser: Browser, app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Ann's project: a text of which another tool said two mentions, the first one before her."""
    page = opened(browser.new_context(viewport={"width": 1360, "height": 900}).new_page(), app.address, "ner")
    spans = ((0, 14, "person"), (25, 40, HOSTILE))
    entities = [
        {"id": at, "start_offset": start, "end_offset": end, "label": kind}
        for at, (start, end, kind) in enumerate(spans)
    ]
    file = tmp_path_factory.mktemp("answers") / "answers.jsonl"
    file.write_text(json.dumps({"text": TEXT, "entities": entities, "relations": []}), encoding="utf-8")
    page.click("#tab-review-button")
    page.wait_for_selector(".rv-new[open]")
    form = '[data-form="create"]'
    page.fill(f'{form} [name="name"]', "Spot check")
    page.fill(f'{form} [name="reviewer"]', "Ann")
    page.select_option(f'{form} [name="source"]', "file")
    page.select_option(f'{form} [name="order"]', "document")
    page.set_input_files(f'{form} [name="file"]', file)
    page.press(f'{form} [name="reviewer"]', "Enter")
    expect(page.locator(".rv-text mark")).to_be_visible(timeout=SLOW_MS)
    yield page
    page.close()


def ask(desk: Page, tokens: int) -> None:
    desk.fill('.rv-beside [name="max_new_tokens"]', str(tokens))
    desk.click('.rv-beside [type="submit"]')


def test_a_text_is_run_again_and_stopped_while_the_desk_goes_on(desk: Page) -> None:
    desk.keyboard.press("r")
    expect(desk.locator(".rv-beside form")).to_be_visible(timeout=SLOW_MS)
    ask(desk, 12)
    expect(desk.locator(".rv-counts")).to_be_visible(timeout=READY_MS)
    expect(desk.locator('.rv-row.same[aria-current="true"]')).to_contain_text("Grace Holloway")
    expect(desk.locator(".rv-row.gone")).to_contain_text(HOSTILE)

    desk.fill('.rv-beside [name="temperature"]', "5")
    desk.uncheck('.rv-beside [name="grounded"]')
    ask(desk, 4096)
    expect(desk.locator(".rv-outcome .l-en")).to_contain_text("Generating", timeout=READY_MS)
    desk.focus(".rv-card")
    desk.keyboard.press("a")  # another item of the same text: the run goes on
    expect(desk.locator(".rv-answer")).to_contain_text("Fjord Analytics")
    expect(desk.locator(".rv-beside .rv-stop")).to_be_enabled()
    desk.click(".rv-beside .rv-stop")
    expect(desk.locator(".rv-counts")).to_be_visible(timeout=SLOW_MS)
    expect(desk.locator(".rv-outcome")).to_contain_text("Stopped")

    ask(desk, 4096)
    expect(desk.locator(".rv-outcome .l-en")).to_contain_text("Generating", timeout=READY_MS)
    desk.focus(".rv-card")
    desk.keyboard.press("r")  # who closes the panel is waited for by no run
    expect(desk.locator(".rv-beside")).to_be_hidden()
    expect(desk.locator("#header")).to_contain_text("0 running or waiting", timeout=SLOW_MS)
    assert not desk.is_visible(".rv-alert")


def test_verdicts_become_examples_that_the_tab_offers(desk: Page) -> None:
    desk.keyboard.press("x")
    desk.keyboard.press("2")
    expect(desk.locator(".rv-empty")).to_be_visible()
    desk.click('[data-do="view-project"]')
    desk.click(".rv-gives summary")
    desk.check('.rv-given [name="unexamined"]', timeout=SLOW_MS)
    desk.click(".rv-make")
    desk.click(".rv-told button", timeout=SLOW_MS)
    expect(desk.locator("#ner-example-set")).to_be_visible(timeout=SLOW_MS)
    desk.click("#ner-example-set input")
    desk.get_by_role("option", name="Spot check").click()
    shots = desk.locator("#ner-shots textarea")
    expect(shots).not_to_have_value("", timeout=SLOW_MS)
    (example,) = json.loads(shots.input_value())
    assert (example["inputs"]["text"], example["answer"]) == (TEXT, [["Grace Holloway", "person"]])
