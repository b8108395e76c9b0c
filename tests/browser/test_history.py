"""The history in a real Chromium: what was run is found again, put back, compared, taken along and deleted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.steps import READY_MS, fill_in, limit_tokens, opened, run, set_number
from tests.running_app import App

SOURCE = "Grace Holloway moved from Dublin to Oslo in 2009."
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> ${1+1} {{value}} <b>Bob</b>"

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1360, "height": 900}, timezone_id="Asia/Shanghai")
    yield page
    page.context.close()


def sent(response: Response) -> list[Any]:
    """What the page sent to a handler."""
    posted = response.request.post_data_json if "/predict" in response.url else {}
    return list(posted["data"]) if posted else []


def keep(page: Page, answer: str, text: str = SOURCE) -> None:
    """Keep a run without a model: an answer made elsewhere."""
    if not page.locator("#ner-pasted").is_visible():
        page.click("#ner-import button")
    page.fill("#ner-text textarea", text)
    fill_in(page.locator("#ner-pasted textarea"), answer)
    with page.expect_response(lambda response: answer in sent(response)):
        page.click("#ner-read")
    expect(page.locator("#ner-raw textarea")).to_have_value(answer)


def history(page: Page, count: int) -> None:
    """The history, with this many runs."""
    page.click("#tab-history-button")
    expect(page.locator(".run-row")).to_have_count(count)


def choose(page: Page, words: str) -> None:
    page.locator(".run-open", has_text=words).click()
    expect(page.locator(".run-detail")).to_contain_text(words)


@pytest.mark.thorough
def test_a_run_is_found_after_a_restart_and_goes_back_into_its_tab(page: Page, app: App) -> None:
    limit_tokens(opened(page, app.address, "ner"), "ner", 9)
    set_number(page, "ner-seed", "4")
    page.fill("#ner-text textarea", SOURCE)
    run(page, "ner")
    answer = page.locator("#ner-raw textarea").input_value()
    expect(page.locator("#ner-status")).to_contain_text("answer 9 tokens")
    history(page, 1)
    app.stop()
    app.start()
    opened(page, app.address, "triples")
    history(page, 1)
    choose(page, "Grace Holloway")
    expect(page.locator(".run-detail")).to_contain_text("Settings and origin")
    page.click("#history-open")
    expect(page.locator("#ner-text textarea")).to_have_value(SOURCE)
    expect(page.locator("#ner-raw textarea")).to_have_value(answer)
    expect(page.locator("#ner-status .badge")).to_be_visible()
    page.click("#ner-sampling button")
    expect(page.locator("#ner-max_new_tokens input")).to_have_value("9")
    expect(page.locator("#ner-seed input")).to_have_value("4")
    history(page, 1)
    page.click("#history-again")
    expect(page.locator("#ner-stop")).to_be_enabled(timeout=READY_MS)
    expect(page.locator("#ner-run")).to_be_enabled(timeout=READY_MS)
    history(page, 2)


def test_a_run_opens_in_a_family_that_was_never_open(page: Page, app: App) -> None:
    opened(page, app.address, "ner")
    keep(page, "Entity: Oslo, Type: place")
    page.goto(f"{app.address}/?task=translation&lang=en")
    expect(page.locator("#translation-run")).to_be_visible()
    history(page, 1)
    choose(page, "Grace Holloway")
    page.click("#history-open")
    expect(page.locator("#ner-text textarea")).to_have_value(SOURCE)
    assert page.locator("#ner-marked mark").all_inner_texts() == ["Oslo"]


def test_two_browsers_do_not_see_each_other_s_runs(page: Page, app: App, browser: Browser) -> None:
    keep(opened(page, app.address, "ner"), "Entity: Oslo, Type: place")
    history(page, 1)
    theirs = page.locator(".run-row").get_attribute("data-id")
    other = browser.new_page()
    keep(opened(other, app.address, "ner"), "Entity: Dublin, Type: place", "Dublin is far.")
    history(other, 1)
    expect(other.locator(".run-row")).to_contain_text("Dublin is far.")
    other.evaluate("(id) => { document.querySelector('.run-row').dataset.id = id; }", theirs)
    other.click(".run-open")
    expect(other.locator("#history-notice [role=alert]")).to_contain_text("There is no such run.")
    assert other.locator(".run-detail").count() == 0
    other.context.close()


@pytest.mark.thorough
def test_a_comparison_marks_what_differs(page: Page, app: App) -> None:
    opened(page, app.address, "ner")
    keep(page, "Entity: Oslo, Type: place\nEntity: Dublin, Type: place")
    keep(page, "Entity: Oslo, Type: place\nEntity: Grace Holloway, Type: person")
    history(page, 2)
    expect(page.locator("[data-do=compare]")).to_be_disabled()
    for box in page.locator(".run-mark input").all():
        box.check()
    page.click("[data-do=compare]")
    shown = page.locator(".run-comparison")
    expect(shown.locator("del")).to_have_text(["Dublin", "place"])
    expect(shown.locator("ins")).to_have_text(["Grace Holloway", "person"])
    for place, words in (("one", "Dublin"), ("both", "Oslo"), ("other", "Grace Holloway")):
        expect(shown.locator(f"tr.in-{place}")).to_contain_text(words)


def test_an_exported_run_comes_back_after_it_was_deleted(page: Page, app: App, tmp_path: Path) -> None:
    keep(opened(page, app.address, "ner"), "Entity: Oslo, Type: place")
    history(page, 1)
    choose(page, "Grace Holloway")
    with page.expect_download() as download:
        page.click("#history-export")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    page.locator(".run-mark input").check()
    page.click("[data-do=erase]")
    page.click("[data-do=sure]")
    expect(page.locator("[data-state=empty]")).to_be_visible()
    expect(page.locator("#history-actions")).to_be_hidden()
    with page.expect_file_chooser() as chooser:
        page.click("#history-import")
    chooser.value.set_files(file)
    expect(page.locator(".run-row")).to_have_count(1)
    expect(page.locator(".run-detail")).to_contain_text("Entity: Oslo")
    broken = tmp_path / "broken.json"
    broken.write_text('{"format": "other"}', encoding="utf-8")
    with page.expect_file_chooser() as chooser:
        page.click("#history-import")
    chooser.value.set_files(broken)
    expect(page.locator("#history-notice [role=alert]")).to_contain_text("no exported run")


@pytest.mark.thorough
def test_all_runs_go_only_at_the_second_click(page: Page, app: App) -> None:
    opened(page, app.address, "ner")
    keep(page, "Entity: Oslo, Type: place")
    keep(page, "Entity: Dublin, Type: place")
    history(page, 2)
    page.click("[data-do=erase_all]")
    expect(page.locator("[data-do=sure]")).to_have_text("确定删除我的全部 2 条记录？Really delete all 2 of mine?")
    page.click("[data-do=cancel]")
    expect(page.locator("[data-do=sure]")).to_be_hidden()
    expect(page.locator(".run-row")).to_have_count(2)
    page.click("[data-do=erase_all]")
    page.click("[data-do=sure]")
    expect(page.locator(".run-row")).to_have_count(0)


@pytest.mark.thorough
def test_a_note_is_shown_found_and_kept(page: Page, app: App) -> None:
    opened(page, app.address, "ner")
    keep(page, "Entity: Oslo, Type: place", "first text")
    keep(page, "Entity: Oslo, Type: place", "second text")
    history(page, 2)
    choose(page, "first text")
    page.fill("#history-note textarea", "看这里")
    page.click("#history-save")
    expect(page.locator(".run-row", has_text="first text").locator(".run-note")).to_have_text("看这里")
    page.fill("#history-search textarea", "这里")
    expect(page.locator(".run-row")).to_have_count(1)
    expect(page.locator(".run-row")).to_contain_text("first text")


@pytest.mark.thorough
def test_the_list_is_led_with_the_keyboard_and_tells_the_reader_s_own_time(page: Page, app: App) -> None:
    opened(page, app.address, "ner")
    keep(page, "Entity: Oslo, Type: place", "first text")
    keep(page, "Entity: Oslo, Type: place", "second text")
    history(page, 2)
    page.locator(".run-open").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".run-detail")).to_contain_text("first text")
    shown = page.locator(".run-row time").first
    moment = page.evaluate(
        "(at) => new Date(new Date(at).getTime() + 8 * 3600e3).toISOString()", shown.get_attribute("datetime")
    )
    expect(shown).to_have_text(moment[:16].replace("T", " "))
    expect(page.locator(".run-detail time")).not_to_contain_text("UTC")


@pytest.mark.parametrize("width", [390, pytest.param(1360, marks=pytest.mark.thorough)])
def test_the_history_fits_the_screen_in_chinese_and_shows_texts_to_the_letter(page: Page, app: App, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, app.address, "ner", "zh")
    keep(page, HOSTILE, HOSTILE)
    keep(page, "实体名: 周蕙， 实体类型：人物", "周蕙出生于台湾。" * 40)
    history(page, 2)
    choose(page, "Bob")
    expect(page.locator(".run-detail .letters").first).to_have_text(HOSTILE)
    for box in page.locator(".run-mark input").all():
        box.check()
    page.click("[data-do=compare]")
    expect(page.locator(".run-comparison")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title() != "owned"
    body = page.locator("body").inner_text()
    assert "__i18n__" not in body and "Really delete" not in body and "两次运行的比较" in body
