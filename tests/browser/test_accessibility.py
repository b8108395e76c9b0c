"""WCAG 2 A and AA, as far as axe-core can tell, on every tab with an answer in it; and the keyboard alone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from techgpt_ui.presets import Task, load_library
from tests.browser.steps import fill_in, opened

pytestmark = pytest.mark.browser

TASKS = [task for task in load_library().tasks.values() if not task.turns_input]


def violations(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    return [f"{problem['id']}: {node['html'][:120]}" for problem in found for node in problem["nodes"]]


def shown_with_a_sample_answer(page: Page, task: Task) -> None:
    page.evaluate(f'window.techgptOpen("{task.id}")')
    page.click(f"#{task.id}-import button")
    fill_in(page.locator(f"#{task.id}-pasted textarea"), task.samples[0].answer)
    page.click(f"#{task.id}-read")
    expect(page.locator(f"#{task.id}-status .badge")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.thorough)])
def test_answers_of_every_kind_are_readable_for_all(page: Page, address: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    opened(page, address, TASKS[0].id)
    for task in {task.renderer: task for task in TASKS}.values():
        shown_with_a_sample_answer(page, task)
        assert violations(page) == [], task.id


@pytest.mark.parametrize("tab", ["home", "history", "model"])
def test_the_other_pages_are_readable_for_all(page: Page, address: str, tab: str) -> None:
    opened(page, address, TASKS[0].id).click(f"#tab-{tab}-button")
    assert violations(page) == []


def test_a_task_runs_by_keyboard_alone_with_its_focus_in_sight(page: Page, address: str) -> None:
    opened(page, address, "ner").focus("#ner-text textarea")
    seen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "() => { const at = document.activeElement; const style = getComputedStyle(at);"
            " return [at.id, style.outlineStyle !== 'none' || style.boxShadow !== 'none']; }"
        )
        seen.append(focus)
        if focus[0] == "ner-run":
            break
    assert seen[-1][0] == "ner-run"
    assert [focus for focus in seen if not focus[1]] == []
    page.keyboard.press("Enter")
    expect(page.locator("#ner-stop")).to_be_enabled()
    page.click("#ner-stop")
    expect(page.locator("#ner-run")).to_be_enabled(timeout=60_000)
