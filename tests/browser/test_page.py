"""The page in a real Chromium, on the real demo model."""

from urllib.parse import urlparse

import pytest
from playwright.sync_api import Page, expect

from techgpt_ui.ui.news import PATH as NEWS
from tests.browser.steps import READY_MS, opened, run, set_number

OWN_TEXT = "Grace Holloway moved from Dublin to Oslo in 2009 and works for Fjord Analytics."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> met <link prediction, 属于, KG> & <b>Bob</b> in Oslo."
pytestmark = pytest.mark.browser


def test_a_text_of_one_s_own_gives_highlighted_entities_and_a_table(page: Page, address: str) -> None:
    opened(page, address, "ner").fill("#ner-text textarea", OWN_TEXT)
    run(page, "ner")
    marks = page.locator("#ner-marked mark").all_inner_texts()
    assert marks
    assert all(mark in OWN_TEXT for mark in marks)
    assert page.locator("#ner-table tbody tr").count() >= len(set(marks))


def test_the_first_click_gives_triples(page: Page, address: str) -> None:
    opened(page, address, "triples")
    run(page, "triples")
    assert page.locator("#triples-table tbody tr").count() >= 1
    assert page.locator("#triples-raw textarea").input_value().startswith("<")


def test_the_answer_streams_and_stop_keeps_what_was_written(page: Page, address: str) -> None:
    opened(page, address, "ner").click("#ner-sampling button")
    set_number(page, "ner-min_new_tokens", "3000")
    set_number(page, "ner-max_new_tokens", "3000")
    page.locator("#ner-grounded input").uncheck()
    page.click("#ner-run")
    raw = page.locator("#ner-raw textarea")
    expect(raw).not_to_have_value("", timeout=READY_MS)
    first = raw.input_value()
    expect(raw).not_to_have_value(first, timeout=READY_MS)
    page.click("#ner-stop")
    expect(page.locator("#ner-status")).to_contain_text("stopped", timeout=READY_MS)
    assert raw.input_value().startswith(first)
    expect(page.locator("#ner-run")).to_be_enabled()


@pytest.mark.thorough
def test_the_language_switches_in_the_page_and_keeps_what_was_typed(page: Page, address: str) -> None:
    opened(page, address, "ner").fill("#ner-text textarea", OWN_TEXT)
    page.click("#language")
    expect(page.get_by_role("tab", name="关系三元组抽取")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.locator("#ner-text textarea").input_value() == OWN_TEXT
    assert "__i18n__" not in page.locator("body").inner_text()
    assert "lang=zh" in page.url


@pytest.mark.parametrize(("lang", "tab"), [("zh", "关系三元组抽取"), ("en", "Relation triples")])
def test_an_address_opens_its_task_in_its_language(page: Page, address: str, lang: str, tab: str) -> None:
    opened(page, address, "triples", lang)
    expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    assert "__i18n__" not in page.locator("body").inner_text()


def test_a_hostile_text_shows_to_the_letter(page: Page, address: str) -> None:
    opened(page, address, "ner").fill("#ner-text textarea", HOSTILE)
    run(page, "ner")
    shown = page.evaluate(
        "() => { const copy = document.querySelector('.source').cloneNode(true);"
        " copy.querySelectorAll('sub').forEach((label) => label.remove()); return copy.textContent; }"
    )
    assert shown == HOSTILE
    assert page.title() != "owned"


@pytest.mark.parametrize(
    ("text", "temperature", "words"), [("  ", "1", "is empty"), ("Oslo", "9", "temperature"), ("a\x00b", "1", "U+0000")]
)
def test_bad_input_is_told_and_kept(page: Page, address: str, text: str, temperature: str, words: str) -> None:
    opened(page, address, "ner").click("#ner-sampling button")
    set_number(page, "ner-temperature", temperature)
    page.fill("#ner-text textarea", text)
    page.click("#ner-run")
    expect(page.locator("#ner-status [role=alert]")).to_contain_text(words, timeout=READY_MS)
    assert page.locator("#ner-text textarea").input_value() == text
    expect(page.locator("#ner-run")).to_be_enabled()


def test_the_page_fits_a_narrow_screen(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    opened(page, address, "triples", "zh")
    run(page, "triples")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_no_outside_host_is_asked_for_anything(page: Page, address: str, asked: list[str]) -> None:
    opened(page, address, "ner")
    run(page, "ner")
    assert set(asked) - {""} == {"127.0.0.1"}


def test_an_open_page_asks_for_news_and_for_nothing_else(page: Page, address: str) -> None:
    def hears_news(times: int) -> None:
        for _ in range(times):
            with page.expect_response(lambda answer: answer.url.endswith(NEWS)):
                pass

    opened(page, address, "ner")
    hears_news(3)  # what opening it set off is over
    paths = set()
    page.on("request", lambda request: paths.add(urlparse(request.url).path))
    hears_news(3)
    assert paths == {NEWS}
