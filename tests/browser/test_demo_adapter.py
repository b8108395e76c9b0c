"""What a newcomer without a GPU sees first: TechGPT's own prompts and formats, answered by the demo adapter."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from techgpt_ui.settings import DEFAULT_MODEL
from tests.browser.steps import opened, run
from tests.running_app import App

ENGLISH = "Grace Holloway moved from Dublin to Oslo and works for Fjord Analytics ."
CHINESE = "昨天，北京大学教授林晓在上海会见了来自东京的客人。"
SONG = "《女人树》由周蕙演唱，收录于专辑《周蕙精选》。"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app as it comes, with no model named."""
    app = App(tmp_path_factory.mktemp("adapter"), demo.parent.parent, TECHGPT_MODEL="")
    app.start()
    yield app.address
    app.stop()


def raw_answer(page: Page, task: str) -> list[str]:
    return page.locator(f"#{task}-raw textarea").input_value().split("\n")


@pytest.mark.parametrize(("lang", "text"), [("en", ENGLISH), ("zh", CHINESE)])
def test_entities_come_in_techgpts_format_and_stand_in_the_text(page: Page, address: str, lang: str, text: str) -> None:
    opened(page, address, "ner", lang).fill("#ner-text textarea", text)
    run(page, "ner")
    marks = page.locator("#ner-marked mark").all_inner_texts()
    assert marks and all(mark.split("\n")[0] in text for mark in marks)
    assert all(line.startswith("实体名: ") and "， 实体类型：" in line for line in raw_answer(page, "ner"))


def test_triples_come_in_techgpts_format(page: Page, address: str) -> None:
    opened(page, address, "triples", "zh").fill("#triples-text textarea", SONG)
    run(page, "triples")
    assert page.locator("#triples-table tbody tr").count() >= 1
    assert all(line.startswith("<") and line.endswith(">") for line in raw_answer(page, "triples"))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        pytest.param("en", "It is not TechGPT", marks=pytest.mark.thorough),
        ("zh", "它不是 TechGPT"),
    ],
)
def test_the_page_says_what_it_is_and_is_not(page: Page, address: str, lang: str, words: str) -> None:
    opened(page, address, "ner", lang)
    expect(page.locator("body")).to_contain_text(words)
    expect(page.locator("#header")).to_contain_text("TechGPT")
    assert DEFAULT_MODEL in page.content() or "SmolLM2-135M" in page.content()
