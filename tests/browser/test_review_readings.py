"""Drawn texts are read to their end in a real Chromium: by keyboard, with the mouse, triples as well."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.review_steps import TEXT, Person, a_relation, found, row, select
from tests.browser.test_accessibility import violations
from tests.running_app import App

pytestmark = pytest.mark.browser
TOLD = ".rv-told .l-en"
COUNTS = ".rv-marks .l-en"
EMPTY = "Nobody was here, in Paris."


@pytest.fixture(scope="module")
def ann(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("reading")
    app = App(folder, folder, TECHGPT_BASE_URL="http://127.0.0.1:9/v1")
    app.start()
    person = Person(browser, app.address, "Ann")
    yield person
    person.page.context.close()
    app.stop()


def reads(ann: Person, project: str) -> Page:
    page = ann.opens(project)
    page.click('[data-do="view-reads"]')
    expect(page.locator(".rv-card")).to_be_visible()
    return page


def notes(ann: Person, project: str) -> list[dict[str, Any]]:
    """What was noted as missed in the text that is to be read."""
    return list(ann.ask("reading", project=project)["task"]["missed"])


def test_a_text_in_which_nothing_was_found_is_read_by_keyboard_and_counts_for_recall(ann: Person) -> None:
    project = ann.project(row("a", mentions=found(TEXT, ("London", "place"))), row("b", EMPTY), n=1, documents=2)
    page = ann.opens(project)
    page.keyboard.press("a")
    expect(page.locator(".rv-to-read .l-en")).to_contain_text("left to read to the end: 2")
    page.click('[data-do="view-reads"]')
    for at in range(2):
        expect(page.locator(COUNTS).first).to_contain_text(f"{at} of 2 texts read")
        if EMPTY in page.inner_text(".rv-text"):
            page.keyboard.press("m")
            page.keyboard.type("Paris")
            page.fill('.rv-edit [name="type"]', "place")
            page.keyboard.press("Enter")
            expect(page.locator(TOLD)).to_have_text("Noted as missed.")
            expect(page.locator(".rv-text mark.new")).to_have_text("Paris")
        page.keyboard.press("a")
    expect(page.locator(".rv-to-read .l-en")).to_contain_text("2 of 2 texts read")
    page.click('[data-do="view-figures"]')
    row_of_recall = page.locator(".rv-figures tr", has_text="2 / 2")
    expect(row_of_recall).to_contain_text("0.500")
    page.click('[data-do="view-reads"]')
    page.keyboard.press("Backspace")
    expect(page.locator(TOLD).last).to_have_text("read")
    expect(page.locator(COUNTS).first).to_contain_text("1 of 2 texts read")


@pytest.mark.thorough
def test_a_missed_relation_is_marked_end_by_end(ann: Person) -> None:
    text = "Bob met Ada."
    project = ann.project(a_relation(), row("e", text, task="triples"), n=1, documents=2)
    page = reads(ann, project)
    expect(page.locator(".rv-text")).to_have_text(text)
    select(page, "Bob")
    select(page, "Ada")
    page.fill('.rv-edit [name="type"]', "met")
    page.keyboard.press("Enter")
    expect(page.locator(".rv-log li")).to_contain_text("Bob — met → Ada")
    (note,) = notes(ann, project)
    assert note["predicate"] == "met"
    assert [note[name]["start"] for name in ("head", "tail")] == [0, 8]


@pytest.mark.thorough
def test_the_ends_of_a_missed_relation_can_be_written_and_swapped(ann: Person) -> None:
    project = ann.project(a_relation(), row("e", "Bob met Ada.", task="triples"), n=1, documents=2)
    page = reads(ann, project)
    page.keyboard.press("m")
    page.keyboard.type("Ada")
    page.fill('.rv-edit [name="tail"]', "Bob")
    page.fill('.rv-edit [name="type"]', "met")
    page.click('.rv-edit [data-do="swap"]')
    page.click('.rv-edit [type="submit"]')
    expect(page.locator(".rv-log li")).to_contain_text("Bob — met → Ada")
    (note,) = notes(ann, project)
    assert [note[name]["start"] for name in ("head", "tail")] == [0, 8]


@pytest.mark.thorough
def test_reading_is_put_off_and_fits_a_phone_and_everybody(ann: Person) -> None:
    rows = [row("a", mentions=found(TEXT, ("London", "place"))), row("b", EMPTY), row("c", "Nil.")]
    project = ann.project(*rows, n=1, documents=3)
    page = reads(ann, project)
    first = page.inner_text(".rv-text")
    page.keyboard.press("Space")
    expect(page.locator(".rv-text")).not_to_have_text(first)
    page.keyboard.press("Space")
    expect(page.locator(".rv-text")).to_have_text(first)
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
