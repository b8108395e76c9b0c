"""Every capability's tab on the real demo model: it runs, shows its answer as what it is, and fits the screen."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from techgpt_ui.presets import load_library
from techgpt_ui.renderers import RENDERERS
from tests.browser.steps import READY_MS, fill_in, limit_tokens, opened

pytestmark = pytest.mark.browser

TASKS = [task for task in load_library().tasks.values() if not task.turns_input]

# What each renderer must have put on the page.
SIGNS = {
    "entities": ".source mark",
    "triples": ".table-frame",
    "chips": ".chip",
    "fields": ".card",
    "labels": ".bar-row",
    "prose": ".prose-answer",
    "evidence": ".prose-answer",
    "parallel": ".parallel .prose-answer",
    "code": ".code-block, .prose-answer",
}


@pytest.fixture(scope="module")
def tabs(browser: Browser, address: str) -> Iterator[Page]:
    """One page on which all tabs are opened, one after another."""
    page = opened(browser.new_page(viewport={"width": 1360, "height": 900}), address, TASKS[0].id)
    yield page
    page.close()


def test_every_renderer_has_its_sign() -> None:
    assert SIGNS.keys() == RENDERERS.keys()


@pytest.mark.parametrize(("task_id", "renderer"), [(task.id, task.renderer) for task in TASKS])
def test_a_tab_runs_its_first_example(tabs: Page, task_id: str, renderer: str) -> None:
    page = tabs
    page.evaluate(f'window.techgptOpen("{task_id}")')
    expect(page.locator(f"#{task_id}-run")).to_be_visible()
    limit_tokens(page, task_id, 32)
    page.click(f"#{task_id}-run")
    expect(page.locator(f"#{task_id}-status .badge")).to_be_visible(timeout=READY_MS)
    panel = page.get_by_role("tabpanel").filter(has=page.locator(f"#{task_id}-status")).last
    expect(panel.locator(SIGNS[renderer]).first).to_be_visible()
    assert page.locator(f"#{task_id}-raw textarea").input_value()


@pytest.mark.parametrize(
    ("width", "lang"),
    [
        (390, "zh"),
        (1360, "en"),
        pytest.param(390, "en", marks=pytest.mark.thorough),
        pytest.param(1360, "zh", marks=pytest.mark.thorough),
    ],
)
def test_tabs_fit_the_screen_and_speak_one_language(page: Page, address: str, lang: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page, address, TASKS[0].id, lang)
    for task in TASKS:
        page.evaluate(f'window.techgptOpen("{task.id}")')
        expect(page.locator(f"#{task.id}-run")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, task.id
        shown = page.locator("body").inner_text()
        assert "__i18n__" not in shown
        if lang == "en":
            labels = page.locator("label:visible, button:visible").all_inner_texts()
            # The button that leads to the other language names it in that language.
            assert [label for label in labels if re.search("[\u4e00-\u9fff]", label) and label != "中文"] == []


def test_choosing_an_example_fills_every_input(page: Page, address: str) -> None:
    opened(page, address, "copywriting")
    sample = load_library().task("copywriting").samples[1]
    page.click("#copywriting-examples input")
    page.get_by_role("option").nth(1).click()
    expect(page.locator("#copywriting-topic textarea")).to_have_value(sample.inputs["topic"])
    expect(page.locator("#copywriting-length input")).to_have_value(str(sample.inputs["length"]))


def test_the_prompt_is_shown_before_it_is_sent_with_special_tokens_and_what_is_cut(page: Page, address: str) -> None:
    opened(page, address, "ner").fill("#ner-text textarea", "Oslo is far. " * 2000)
    page.click("#ner-inspector button")
    page.click("#ner-inspect")
    tokens = page.locator("#ner-tokens")
    expect(tokens.locator(".tok.special").first).to_have_text("<|im_start|>", timeout=READY_MS)
    expect(tokens.locator(".cut-rest")).to_contain_text("Oslo is far.")
    expect(tokens.locator(".facts")).to_contain_text("of a context of 8192")


def test_an_answer_made_elsewhere_is_read_and_aligned(page: Page, address: str) -> None:
    opened(page, address, "ner").fill("#ner-text textarea", "周蕙出生于台湾。")
    page.click("#ner-import button")
    fill_in(page.locator("#ner-pasted textarea"), "实体名: 周蕙， 实体类型：人物\n其他")
    page.click("#ner-read")
    expect(page.locator("#ner-status .badge.partial")).to_be_visible()
    assert page.locator("#ner-marked mark").all_inner_texts() == ["周蕙"]
    expect(page.locator("#ner-status .leftovers")).to_contain_text("其他")


def test_an_answer_is_sent_to_another_tab(page: Page, address: str) -> None:
    opened(page, address, "abstract_to_title").click("#abstract_to_title-import button")
    fill_in(page.locator("#abstract_to_title-pasted textarea"), "Alumina Films")
    page.click("#abstract_to_title-read")
    expect(page.locator("#abstract_to_title-status .badge")).to_be_visible()
    page.click("#abstract_to_title-send-title_to_abstract")
    expect(page.locator("#title_to_abstract-title textarea")).to_be_visible()
    expect(page.locator("#title_to_abstract-title textarea")).to_have_value("Alumina Films")


def test_the_first_page_leads_to_every_capability(page: Page, address: str) -> None:
    opened(page, address, "ner").get_by_role("tab", name="Home", exact=True).click()
    assert page.locator(".task-card").count() == len(load_library().tasks)
    page.click('.task-card[data-open="translation"]')
    expect(page.locator("#translation-run")).to_be_visible()
