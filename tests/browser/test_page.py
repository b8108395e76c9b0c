"""The page in a real Chromium, on the real demo model."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OWN_TEXT = "Grace Holloway moved from Dublin to Oslo in 2009 and works for Fjord Analytics."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> met <link prediction, 属于, KG> & <b>Bob</b> in Oslo."
READY_MS = 120_000

pytestmark = pytest.mark.browser


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``python app.py`` as a user starts it."""
    port = free_port()
    log = (tmp_path_factory.mktemp("app") / "log").open("w+", encoding="utf-8")
    environment = os.environ | {"TECHGPT_PORT": str(port), "TECHGPT_DATA": str(demo.parent.parent), "TECHGPT_LANG": ""}
    app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    yield f"http://127.0.0.1:{port}"
    app.terminate()
    app.wait(30)


@pytest.fixture(scope="module")
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


def opened(page: Page, address: str, task: str, lang: str = "en") -> Page:
    for _ in range(240):
        try:
            page.goto(f"{address}/?task={task}&lang={lang}")
            break
        except Error:  # the server is not up yet
            page.wait_for_timeout(250)
    expect(page.locator("#header .state.ready")).to_be_visible(timeout=READY_MS)
    expect(page.locator(f"#{task}-run")).to_be_visible()
    return page


def run(page: Page, task: str) -> None:
    page.click(f"#{task}-run")
    expect(page.locator(f"#{task}-status .badge")).to_be_visible(timeout=READY_MS)


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
    page.fill("#ner-min_new_tokens input", "3000")
    page.fill("#ner-max_new_tokens input", "3000")
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
    page.fill("#ner-temperature input", temperature)
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
