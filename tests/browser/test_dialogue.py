"""A dialogue in a real Chromium, on the real demo model."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.steps import READY_MS, opened, set_number

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"> <link prediction, 属于, KG> ${document.title='owned'} {{value}}"
)
pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, asked: list[str]) -> Iterator[Page]:
    """A browser with a cookie of its own, so that no other test's conversations are listed."""
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    page = context.new_page()
    page.on("request", lambda request: asked.append(urlparse(request.url).hostname or ""))
    yield page
    context.close()


def chatting(page: Page, address: str, tokens: int = 4, lang: str = "en") -> Page:
    """The chat tab, with short answers."""
    opened(page, address, "chat", lang).locator("#chat-sampling button").first.click()
    set_number(page, "chat-max_new_tokens", str(tokens))
    return page


def message(page: Page) -> Locator:
    return page.locator("#chat-message textarea")


def turns(page: Page) -> Locator:
    return page.locator("#chat-dialogue .turn")


def said(page: Page) -> list[str]:
    return page.locator("#chat-dialogue .turn-text").all_inner_texts()


def send(page: Page, words: str) -> None:
    """Type a message, send it with Enter, and wait for the answer."""
    before = turns(page).count()
    message(page).fill(words)
    message(page).press("Enter")
    expect(turns(page)).to_have_count(before + 2, timeout=READY_MS)


def press(page: Page, deed: str, place: str = "dialogue") -> None:
    page.locator(f"#chat-{place} button[data-deed={deed}]").first.click()


def test_a_dialogue_is_led_with_the_keyboard(page: Page, address: str) -> None:
    chatting(page, address)
    message(page).fill("one")
    message(page).press("Shift+Enter")
    message(page).press_sequentially("two")
    expect(message(page)).to_have_value("one\ntwo")
    message(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})  # ends a word of an input method
    expect(turns(page)).to_have_count(0)
    message(page).press("Enter")
    expect(turns(page)).to_have_count(2, timeout=READY_MS)
    expect(message(page)).to_have_value("")
    expect(message(page)).to_be_focused()
    answer = said(page)[1]
    assert said(page)[0] == "one\ntwo"
    assert page.locator("#chat-spoken [aria-live=polite]").inner_text().strip() == answer.strip()
    expect(page.locator("#chat-status .badge")).to_be_visible()
    expect(page.locator("#chat-raw textarea")).to_have_value(answer)


@pytest.mark.thorough
def test_an_answer_goes_on_is_written_anew_and_comes_back(page: Page, address: str) -> None:
    chatting(page, address)
    send(page, "Name a colour.")
    first = said(page)[1]
    press(page, "continue")
    expect(page.locator("#chat-status")).to_contain_text("Continued", timeout=READY_MS)
    whole = said(page)[1]
    assert whole.startswith(first) and len(whole) > len(first)
    press(page, "regenerate")
    expect(turns(page).last).to_contain_text("answer 2 of 2", timeout=READY_MS)
    expect(page.locator("#chat-seed input")).not_to_have_value("0")
    page.locator("#chat-dialogue button[data-deed=flip]").first.click()
    expect(turns(page).last).to_contain_text("answer 1 of 2")
    assert said(page)[1] == whole
    expect(message(page)).to_be_focused()


@pytest.mark.thorough
def test_a_question_is_edited_and_the_last_exchange_undone(page: Page, address: str) -> None:
    chatting(page, address)
    send(page, "Name a colour.")
    send(page, "Another.")
    message(page).fill("my draft")
    press(page, "edit")
    expect(message(page)).to_have_value("Name a colour.")
    message(page).press("Escape")
    expect(message(page)).to_have_value("my draft")
    press(page, "edit")
    expect(page.locator("#chat-live")).to_contain_text("You are editing question 1")
    message(page).fill("Name an animal.")
    message(page).press("Enter")
    expect(turns(page)).to_have_count(2, timeout=READY_MS)
    assert said(page)[0] == "Name an animal."
    expect(message(page)).to_have_value("my draft")
    message(page).fill("")
    press(page, "undo")
    expect(turns(page)).to_have_count(0)
    expect(message(page)).to_have_value("Name an animal.")


def test_escape_stops_and_keeps_what_was_written(page: Page, address: str) -> None:
    chatting(page, address, tokens=1500)
    set_number(page, "chat-min_new_tokens", "1500")
    message(page).fill("Tell me a long story.")
    message(page).press("Enter")
    live = page.locator("#chat-live .turn-text")
    expect(live).not_to_be_empty(timeout=READY_MS)
    expect(page.locator("#chat-dialogue button[data-deed=edit]")).to_have_count(0)
    begun = live.inner_text()
    message(page).press("Escape")
    expect(page.locator("#chat-status")).to_contain_text("stopped", timeout=READY_MS)
    assert said(page)[1].startswith(begun)
    expect(turns(page).last).to_contain_text("Continue")
    expect(page.locator("#chat-run")).to_be_enabled()


@pytest.mark.thorough
def test_conversations_are_kept_opened_renamed_taken_away_and_deleted(page: Page, address: str) -> None:
    chatting(page, address)
    entries = page.locator("#chat-conversations .talks button")
    send(page, "Name a colour.")
    press(page, "new", "conversations")
    expect(turns(page)).to_have_count(0)
    send(page, "Name an animal.")
    before = said(page)
    assert entries.all_inner_texts() == ["Name an animal.", "Name a colour."]
    page.fill("#chat-title input", "<b>Animals</b>")
    page.press("#chat-title input", "Enter")
    expect(entries.first).to_have_text("<b>Animals</b>")
    chatting(page, address)
    expect(entries).to_have_count(2)
    expect(turns(page)).to_have_count(0)
    entries.first.click()
    expect(turns(page)).to_have_count(2)
    assert said(page) == before
    with page.expect_download() as taken:
        page.click("#chat-conversations [data-kind=jsonl]")
    line = json.loads(Path(taken.value.path()).read_text(encoding="utf-8"))
    assert taken.value.suggested_filename == "b Animals b.jsonl"
    assert [turn["content"] for turn in line["messages"]] == before
    with page.expect_download() as taken:
        page.click("#chat-conversations [data-kind=md]")
    assert before[1] in Path(taken.value.path()).read_text(encoding="utf-8")
    press(page, "delete", "conversations")
    expect(page.locator("#chat-conversations [role=alert]")).to_contain_text("Delete “<b>Animals</b>”?")
    press(page, "delete_now", "conversations")
    expect(entries).to_have_text(["Name a colour."])
    expect(turns(page)).to_have_count(0)


def test_opening_another_conversation_stops_the_answer_and_keeps_it(page: Page, address: str) -> None:
    chatting(page, address)
    send(page, "Name a colour.")
    press(page, "new", "conversations")
    set_number(page, "chat-max_new_tokens", "1500")
    set_number(page, "chat-min_new_tokens", "1500")
    message(page).fill("Tell me a long story.")
    message(page).press("Enter")
    expect(page.locator("#chat-live .turn-text")).not_to_be_empty(timeout=READY_MS)
    page.locator("#chat-conversations .talks button", has_text="colour").click()
    expect(turns(page).first).to_contain_text("Name a colour.", timeout=READY_MS)
    expect(page.locator("#chat-run")).to_be_enabled()
    page.locator("#chat-conversations .talks button", has_text="story").click()
    expect(turns(page)).to_have_count(2)
    assert said(page)[1].strip()


def test_a_hostile_message_shows_to_the_letter_and_asks_nobody(page: Page, address: str, asked: list[str]) -> None:
    chatting(page, address)
    send(page, HOSTILE)
    assert said(page)[0] == HOSTILE
    assert page.locator("#chat-dialogue img, #chat-conversations img").count() == 0
    assert page.title() != "owned"
    assert set(asked) - {""} == {"127.0.0.1"}


@pytest.mark.thorough
def test_a_document_stands_beside_and_an_example_brings_its_turns(page: Page, address: str) -> None:
    opened(page, address, "context_qa").locator("#context_qa-sampling button").first.click()
    set_number(page, "context_qa-max_new_tokens", "16")
    document = page.locator("#context_qa-context textarea").input_value()
    page.click("#context_qa-run")
    expect(page.locator("#context_qa-dialogue .turn")).to_have_count(2, timeout=READY_MS)
    expect(page.locator("#context_qa-marked .source")).to_have_text(document)
    assert page.locator("#context_qa-marked mark").count() >= 1
    page.click("#context_qa-examples input")
    page.get_by_role("option").nth(2).click()
    expect(page.locator("#context_qa-dialogue .turn").first).to_contain_text("Harbour account")
    expect(page.locator("#context_qa-question textarea")).to_have_value(
        "And what does it cost to close it after six months?"
    )
    expect(page.locator("#context_qa-marked .source")).to_have_count(0)
    expect(page.locator("#context_qa-conversations [aria-current]")).to_have_count(0)


@pytest.mark.thorough
def test_the_answer_goes_to_another_tab(page: Page, address: str) -> None:
    chatting(page, address)
    send(page, "Name a colour.")
    answer = page.locator("#chat-payload textarea").input_value()
    page.click("#chat-send-keywords")
    expect(page.locator("#keywords-text textarea")).to_have_value(answer)


def test_a_dialogue_fits_a_narrow_screen_in_chinese(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 850})
    chatting(page, address, lang="zh")
    send(page, "你好" * 200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#chat-dialogue")).to_contain_text("重新生成")
    assert "__i18n__" not in page.locator("body").inner_text()
