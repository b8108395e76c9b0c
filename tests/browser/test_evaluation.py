"""Evaluation in a real Chromium: run, stop, compare, take along, open a document in its tab."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect

from tests.browser.steps import READY_MS, opened, set_number
from tests.browser.test_accessibility import violations
from tests.running_app import App

HOSTILE = "<link prediction, 属于, KG> <img src=x onerror=\"document.title='owned'\"> ${1+1} {{value}} by Bob"
TEXTS = [
    ("Grace Holloway moved from Dublin to Oslo.", {"Grace Holloway": "person", "Dublin": "location"}),
    (HOSTILE, {"Bob": "person"}),
    ("The museum in Lisbon opened in 1998.", {"Lisbon": "location"}),
    ("Tom Whitfield lives in Toronto.", {"Tom Whitfield": "person", "Toronto": "location"}),
]
TEXT_WITHOUT_TYPES = """
(source) => [...source.childNodes].filter((node) => node.nodeName !== "SUB").map((node) => node.textContent).join("")
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    lines = [{"text": text, "mentions": [_mention(text, *one) for one in found.items()]} for text, found in TEXTS]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def _mention(text: str, words: str, kind: str) -> dict[str, object]:
    return {"start": text.index(words), "end": text.index(words) + len(words), "type": kind}


@pytest.fixture(scope="module")
def page(browser: Browser, app: App, gold: Path) -> Iterator[Page]:
    """One user's page, on which two evaluations were run that differ in their seed and length."""
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    evaluation(page, app, "en")
    choose(page, gold)
    page.click("#evaluation-settings > button")
    set_number(page, "evaluation-max_new_tokens", 24)
    evaluated(page, 1)
    set_number(page, "evaluation-max_new_tokens", 6)
    evaluated(page, 2)
    yield page
    page.close()


def evaluation(page: Page, app: App, lang: str) -> None:
    opened(page, app.address, "ner", lang).click("#tab-evaluation-button")
    expect(page.locator("#evaluation-run")).to_be_visible()


def choose(page: Page, gold: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.click("#evaluation-gold button")
    chooser.value.set_files(gold)


def evaluated(page: Page, count: int) -> None:
    page.click("#evaluation-run")
    expect(page.locator("#evaluation-list tr[data-id]")).to_have_count(count, timeout=READY_MS)
    expect(page.locator("#evaluation-run")).to_be_enabled()


def both_compared(page: Page) -> None:
    page.click("#tab-evaluation-button")
    for box in page.locator("#evaluation-list input[type=checkbox]").all():
        box.check()
    page.click("#evaluation-list [data-do=compare]")
    expect(page.locator("#evaluation-detail h3")).to_contain_text("Two evaluations compared")


def downloaded(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.click(button)
    return _saved(download.value, folder)


def _saved(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def test_what_was_run_is_read_in_figures_and_documents(page: Page) -> None:
    page.click("#tab-evaluation-button")
    page.locator("#evaluation-list .run-open").first.click()
    expect(page.locator("#evaluation-detail .headline")).to_contain_text("4 documents")
    expect(page.locator("#evaluation-detail .plot svg").first).to_be_visible()
    expect(page.locator("#evaluation-detail .outcome").first).to_be_visible()


def test_a_text_that_looks_like_html_is_shown_to_the_letter(page: Page) -> None:
    page.click("#tab-evaluation-button")
    page.locator("#evaluation-list .run-open").first.click()
    hostile = page.locator("#evaluation-detail .outcome", has_text="link prediction")
    hostile.locator("summary").first.click()
    expect(hostile.locator(".source").first).to_contain_text(HOSTILE.removesuffix("Bob"))
    assert page.title() != "owned" and page.locator("#evaluation-detail img").count() == 0


def test_a_document_opens_in_its_tab_with_the_same_inputs_settings_and_answer(page: Page) -> None:
    page.click("#tab-evaluation-button")
    page.evaluate("document.querySelector('#evaluation-detail .headline')?.setAttribute('data-before', '')")
    page.locator("#evaluation-list .run-open").last.click()
    expect(page.locator("#evaluation-detail .headline:not([data-before])")).to_be_visible()
    document = page.locator("#evaluation-detail .outcome").first
    document.locator("summary").first.click()
    document.get_by_text("Raw answer").click()
    answer = document.locator(".letters").last.inner_text()
    source = document.locator(".pair .source").first
    text = source.evaluate(TEXT_WITHOUT_TYPES)
    document.locator(".open-outcome").click()
    expect(page.locator("#ner-raw textarea")).to_have_value(answer)
    expect(page.locator("#ner-text textarea")).to_have_value(text)
    if not page.locator("#ner-max_new_tokens").is_visible():
        page.click("#ner-sampling > button")
    assert page.locator("#ner-max_new_tokens input").input_value() in ("6", "24")


def test_two_settings_are_compared_and_their_report_asks_nobody(page: Page, browser: Browser, tmp_path: Path) -> None:
    both_compared(page)
    expect(page.locator("#evaluation-detail")).to_contain_text("Max new tokens")
    file = downloaded(page, "#evaluation-report", tmp_path)
    reader = browser.new_page()
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(file.as_uri())
    expect(reader.locator("h1 .l-en")).to_contain_text("Two evaluations compared")
    reader.check("#lang-zh")
    expect(reader.locator("h1 .l-zh")).to_contain_text("两次评测的比较")
    expect(reader.locator("h1 .l-en")).to_be_hidden()
    assert asked == [file.as_uri()]
    assert reader.title() != "owned"
    assert violations(reader) == []
    reader.close()


def test_the_data_of_an_evaluation_are_taken_along(page: Page, tmp_path: Path) -> None:
    page.click("#tab-evaluation-button")
    page.locator("#evaluation-list .run-open").first.click()
    expect(page.locator("#evaluation-detail .headline")).to_be_visible()
    data = json.loads(downloaded(page, "#evaluation-json", tmp_path).read_bytes())
    assert data["n"] == 4 and len(data["outcomes"]) == 4


def test_the_leaderboard_is_sorted_by_a_click(page: Page) -> None:
    page.click("#tab-evaluation-button")
    ids = "() => [...document.querySelectorAll('#evaluation-list tr[data-id]')].map((row) => row.dataset.id)"
    before = page.evaluate(ids)
    page.click("#evaluation-list [data-sort=headline]")
    assert page.evaluate(ids) == before[::-1]


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_all_of_it_is_readable_for_all(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    expect(page.locator("body.dark")).to_have_count(int(scheme == "dark"))
    both_compared(page)
    for document in page.locator("#evaluation-detail .outcome > summary").all():
        document.click()
    assert violations(page) == []
    page.locator("#evaluation-list .run-open").first.click()
    expect(page.locator("#evaluation-detail .headline")).to_be_visible()
    assert violations(page) == []


def test_stop_ends_the_run_and_frees_the_model(browser: Browser, app: App, gold: Path) -> None:
    page = browser.new_page()
    evaluation(page, app, "en")
    choose(page, gold)
    expect(page.locator("#evaluation-summary .chip")).to_have_count(2)
    page.click("#evaluation-run")
    expect(page.locator("#evaluation-progress [role=progressbar]")).to_be_visible()
    page.click("#evaluation-stop")
    expect(page.locator("#evaluation-run")).to_be_enabled(timeout=30_000)
    expect(page.locator("#evaluation-list")).to_contain_text("unfinished")
    expect(page.locator("#header")).to_contain_text("0 running or waiting")
    page.context.close()


def test_it_fits_a_narrow_screen_in_chinese_and_tells_what_is_wrong_with_a_file(
    browser: Browser, app: App, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    evaluation(page, app, "zh")
    bad = tmp_path / "坏.jsonl"
    bad.write_text('{"text": "x", "mentions": [{"start": 0, "end": 9, "type": "<b>"}]}', encoding="utf-8")
    choose(page, bad)
    expect(page.locator("#evaluation-notice [role=alert] .l-zh").first).to_contain_text(
        "偏移 0–9 不在长度为 1 的文本内"
    )
    page.click("#evaluation-settings > button")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    body = page.locator("body").inner_text()
    assert "__i18n__" not in body and "Leaderboard" not in body and "排行榜" in body
    page.context.close()
