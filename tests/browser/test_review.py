"""The review desk in a real Chromium: by keyboard, with the mouse, and what leads do to a project."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.review_steps import TEXT, Person, a_relation, found, row, select
from tests.browser.steps import READY_MS, fill_in
from tests.browser.test_accessibility import violations
from tests.running_app import App

pytestmark = pytest.mark.browser
COUNT = 6
ANSWER = ".rv-answer"
TOLD = ".rv-told .l-en"
CREATE = '[data-form="create"]'


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app without a model: nobody is asked anything."""
    folder = tmp_path_factory.mktemp("review")
    app = App(folder, folder, TECHGPT_BASE_URL="http://127.0.0.1:9/v1")
    app.start()
    yield app.address
    app.stop()


@pytest.fixture(scope="module")
def ann(browser: Browser, address: str) -> Iterator[Person]:
    person = Person(browser, address, "Ann")
    yield person
    person.page.context.close()


@pytest.fixture(scope="module")
def bob(browser: Browser, address: str) -> Iterator[Person]:
    person = Person(browser, address, "Bob")
    yield person
    person.page.context.close()


def answers(folder: Path) -> Path:
    entity = {"id": 1, "start_offset": 0, "end_offset": 8, "label": "ORG"}
    rows = [{"text": f"Company{n} <b>😀 rose.", "entities": [entity], "relations": []} for n in range(COUNT)]
    path = folder / "answers.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def work(page: Page, keys: list[str], seen: list[str]) -> None:
    """Judge an item for each of the keys, none before the next item is there."""
    for key in keys:
        seen.append(page.inner_text(ANSWER))
        for part in key.split():
            page.keyboard.press(part)
        expect(page.locator(ANSWER)).not_to_have_text(seen[-1])


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def sent(page: Page) -> None:
    """Everything that was judged is written."""
    page.click('[data-do="view-desk"]')
    expect(page.locator(".rv-head")).to_be_visible()
    assert not page.is_visible(".rv-alert")


def test_two_reviewers_judge_all_items_by_keyboard(ann: Person, bob: Person, tmp_path: Path) -> None:
    page, other = ann.page, bob.page
    page.fill(f'{CREATE} [name="name"]', "Spot check")
    page.fill(f'{CREATE} [name="reviewer"]', "Ann")
    page.select_option(f'{CREATE} [name="source"]', "file")
    page.set_input_files(f'{CREATE} [name="file"]', answers(tmp_path))
    page.fill(f'{CREATE} [name="n"]', str(COUNT))
    page.press(f'{CREATE} [name="n"]', "Enter")
    expect(page.locator(".rv-text mark")).to_be_visible()
    other.click('details:has([data-form="join"]) summary')
    other.fill('[data-form="join"] [name="invitation"]', page.text_content(".rv-invitation") or "")
    other.fill('[data-form="join"] [name="name"]', "Bob")
    other.press('[data-form="join"] [name="name"]', "Enter")
    expect(other.locator(".rv-text mark")).to_be_visible()

    mine: list[str] = []
    theirs: list[str] = []
    work(page, ["a", "x 2"], mine)
    work(other, ["a", "Space"], theirs)
    page.keyboard.press("Backspace")  # the rejected item is back
    expect(page.locator(ANSWER)).to_have_text(mine[1])
    press(page, "a", "a")
    press(other, "a")
    for one in (page, other):
        expect(one.locator(".rv-empty")).to_be_visible()
        assert not one.is_visible(".rv-alert")
    assert not set(mine) & set(theirs)
    page.click('[data-do="view-desk"]')
    expect(page.locator(".rv-count .l-en")).to_contain_text(f"{COUNT} of {COUNT} done")
    page.click('[data-do="view-figures"]')
    expect(page.locator(".rv-figures .headline")).to_be_visible(timeout=READY_MS)


@pytest.mark.thorough
def test_the_history_becomes_a_project(ann: Person, address: str) -> None:
    page = ann.page.context.new_page()
    page.goto(f"{address}/?task=ner&lang=en")
    page.click("#ner-import button")
    page.fill("#ner-text textarea", TEXT)
    fill_in(page.locator("#ner-pasted textarea"), "Entity: London, Type: place")
    page.click("#ner-read")
    expect(page.locator("#ner-status .badge")).to_be_visible()
    page.click("#tab-review-button")
    page.evaluate("document.querySelector('.rv-new').open = true")
    page.fill(f'{CREATE} [name="name"]', "From the history")
    page.fill(f'{CREATE} [name="reviewer"]', "Ann")
    page.select_option(f'{CREATE} [name="task"]', "ner")
    page.click(f'{CREATE} button[type="submit"]')
    expect(page.locator(ANSWER)).to_have_text("Londonplace")
    expect(page.locator(".rv-text mark")).to_have_text("London")
    page.close()


def test_a_project_without_items_is_refused_in_words(ann: Person) -> None:
    page = ann.opens(ann.project(row("a", mentions=found(TEXT, ("London", "place")))))
    page.click('[data-do="view-list"]')
    page.evaluate("document.querySelector('.rv-new').open = true")
    page.fill(f'{CREATE} [name="name"]', "Nothing")
    page.fill(f'{CREATE} [name="reviewer"]', "Ann")
    page.select_option(f'{CREATE} [name="source"]', "history")
    page.fill(f'{CREATE} [name="query"]', "no such words")
    page.click(f'{CREATE} button[type="submit"]')
    expect(page.locator(".rv-alert .l-en")).to_contain_text("There is nothing to review.")
    assert page.input_value(f'{CREATE} [name="name"]') == "Nothing"


@pytest.mark.thorough
def test_borders_are_set_with_the_mouse_and_moved_by_the_arrows(ann: Person) -> None:
    project = ann.project(row("a", mentions=found(TEXT, ("Charles", "person"))))
    page = ann.opens(project)
    select(page, "Charles Babbage in")
    expect(page.locator('.rv-edit [name="text"]')).to_have_value("Charles Babbage in")
    press(page, *["ArrowLeft"] * 3, "Shift+ArrowRight", "Shift+ArrowLeft")
    expect(page.locator(".rv-text mark.new").last).to_be_visible()
    press(page, "Enter")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    (event,) = ann.log(project, 0)
    start = TEXT.index("Charles")
    place = {"start": start, "end": start + len("Charles Babbage")}
    assert event["payload"] == {"text": "Charles Babbage", "type": "person", **place}
    assert (event["verdict"], event["reason"]) == ("edit", "boundary")


@pytest.mark.thorough
def test_borders_are_moved_by_keyboard_alone_and_a_stray_key_loses_nothing(ann: Person) -> None:
    project = ann.project(row("a", mentions=found(TEXT, ("Ada", "person"))))
    page = ann.opens(project)
    press(page, "b", *["ArrowRight"] * 9, "a", " ", "Enter")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    assert [event["payload"]["text"] for event in ann.log(project, 0)] == ["Ada Lovelace"]


@pytest.mark.thorough
def test_escape_leaves_an_item_as_it_was(ann: Person) -> None:
    page = ann.opens(ann.project(row("a", mentions=found(TEXT, ("Ada", "person")))))
    press(page, "b", "ArrowRight", "Escape")
    expect(page.locator(".rv-edit")).to_be_hidden()
    expect(page.locator(".rv-text mark.new")).to_have_count(0)
    expect(page.locator(".rv-text mark")).to_have_text("Ada")


@pytest.mark.thorough
def test_the_type_is_changed_without_leaving_the_keyboard(ann: Person) -> None:
    project = ann.project(row("a", mentions=found(TEXT, ("London", "person"))))
    page = ann.opens(project)
    press(page, "e")
    page.keyboard.type("place")
    press(page, "Enter")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    (event,) = ann.log(project, 0)
    assert (event["payload"]["type"], event["reason"]) == ("place", "type")


def at_the_relation(ann: Person) -> tuple[str, Page]:
    """A project with a relation on the screen, whose ends, two mentions, are accepted."""
    project = ann.project(a_relation())
    page = ann.opens(project)
    press(page, "a")
    press(page, "a")
    expect(page.locator(ANSWER)).to_have_text("Ada Lovelace — met → Charles Babbage")
    return project, page


def saved(ann: Person, page: Page, project: str) -> dict[str, Any]:
    """What the log has of the relation once its edit is saved."""
    press(page, "Enter")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    (event,) = ann.log(project, 2)
    return event


@pytest.mark.thorough
def test_head_and_tail_are_swapped(ann: Person) -> None:
    project, page = at_the_relation(ann)
    press(page, "s")
    expect(page.locator(ANSWER)).to_have_text("Charles Babbage — met → Ada Lovelace")
    event = saved(ann, page, project)
    assert (event["payload"]["head"]["text"], event["reason"]) == ("Charles Babbage", "direction")


@pytest.mark.thorough
def test_both_ends_of_a_relation_are_moved_by_keyboard(ann: Person) -> None:
    project, page = at_the_relation(ann)
    press(page, "b", *["Shift+ArrowRight"] * 4)
    expect(page.locator(ANSWER)).to_have_text("Lovelace — met → Charles Babbage")
    press(page, "b", *["Shift+ArrowRight"] * 8)
    expect(page.locator(ANSWER)).to_have_text("Lovelace — met → Babbage")
    event = saved(ann, page, project)
    ends = {name: [event["payload"][name][key] for key in ("text", "start", "end")] for name in ("head", "tail")}
    assert ends == {"head": ["Lovelace", 4, 12], "tail": ["Babbage", 25, 32]}
    assert event["reason"] == "boundary"


@pytest.mark.thorough
def test_an_end_of_a_relation_goes_where_the_text_is_selected(ann: Person) -> None:
    project, page = at_the_relation(ann)
    page.locator(".rv-text mark", has_text="Charles Babbage").dblclick(position={"x": 5, "y": 8})
    expect(page.locator(ANSWER)).to_have_text("Ada Lovelace — met → Charles")
    event = saved(ann, page, project)
    assert (event["payload"]["tail"]["text"], event["payload"]["head"]["text"]) == ("Charles", "Ada Lovelace")


@pytest.mark.thorough
def test_an_answer_of_several_lines_keeps_them_when_it_is_edited(ann: Person) -> None:
    project = ann.project(row("a", "Ada met Charles.", task="title_to_abstract", text="One line.\nAnother."))
    page = ann.opens(project)
    press(page, "e")
    expect(page.locator('.rv-edit [name="text"]')).to_have_value("One line.\nAnother.")
    press(page, "End", "Enter", "x", "Control+Enter")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    assert "\n" in ann.log(project, 0)[0]["payload"]["text"]


@pytest.mark.thorough
def test_what_was_missed_is_noted_with_its_place(ann: Person) -> None:
    project = ann.project(row("a", mentions=found(TEXT, ("London", "place"))))
    page = ann.opens(project)
    press(page, "m")
    select(page, "Ada Lovelace")
    page.fill('.rv-edit [name="type"]', "person")
    press(page, "Enter")
    expect(page.locator(TOLD)).to_have_text("Noted as missed.")
    press(page, "m")
    page.click('[data-do="examined"]')
    expect(page.locator(TOLD)).to_have_text("Noted.")
    press(page, "Backspace")
    expect(page.locator(TOLD).first).to_have_text("undone")
    expect(page.locator(TOLD).last).to_have_text("read")
    press(page, "Backspace")
    expect(page.locator(TOLD).last).to_have_text("missed")


def test_a_blind_item_is_named_by_digit_and_never_shows_the_answer(ann: Person) -> None:
    rows = [
        row(name, TEXT + name, mentions=found(TEXT, ("London", kind))) for name, kind in (("a", "place"), ("b", "city"))
    ]
    project = ann.project(*rows, n=2, blind=1.0)
    page = ann.opens(project)
    expect(page.locator(".rv-choices button")).to_have_text(["1 city", "2 place"])
    expect(page.locator(ANSWER)).to_have_text("London")
    press(page, "a")  # means nothing here
    expect(page.locator(".rv-count .l-en")).to_contain_text("0 of 2 done")
    press(page, "d")
    expect(page.locator(TOLD)).to_contain_text("A blind item cannot be merged")
    press(page, "2", "2")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    verdicts = {ann.log(project, item)[0]["verdict"] for item in (0, 1)}
    assert verdicts == {"accept", "edit"}


def test_a_disagreement_is_settled_by_the_lead_who_sees_both(ann: Person, bob: Person) -> None:
    project = ann.project(row("a", mentions=found(TEXT, ("London", "place"))), n=1, double=1.0)
    bob.joins(ann, project)
    page, other = ann.opens(project), bob.opens(project)
    press(page, "a")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    other.click('[data-do="view-desk"]')
    expect(other.locator(".rv-marks")).to_contain_text("second reviewer")
    expect(other.locator(".rv-log li")).to_have_count(0)
    press(other, "x", "2")
    expect(other.locator(".rv-empty")).to_be_visible()
    sent(other)
    assert not other.is_visible('[data-do="view-disputes"]')
    page.click('[data-do="view-disputes"]')
    expect(page.locator(".rv-marks")).to_contain_text("dispute")
    expect(page.locator(".rv-log li")).to_contain_text(["Ann", "Bob"])
    press(page, "x", "1")
    expect(page.locator(".rv-empty")).to_be_visible()
    sent(page)
    expect(page.locator(".rv-count .l-en")).to_contain_text("0 in dispute")


@pytest.mark.thorough
def test_a_bulk_is_accepted_and_taken_back_as_a_whole(ann: Person) -> None:
    rows = [row(str(n), f"{TEXT}{n}", mentions=found(TEXT, ("London", "place"), confidence=n / 10)) for n in range(10)]
    page = ann.opens(ann.project(*rows))
    page.click('[data-do="view-project"]')
    page.fill('[data-form="accept_all"] [name="min"]', "0.6")
    page.click('[data-form="accept_all"] button')
    expect(page.locator(TOLD)).to_contain_text("4 accepted")
    expect(page.locator(".rv-count .l-en")).to_contain_text("4 of 10 done")
    page.click('[data-do="view-desk"]')
    expect(page.locator(ANSWER)).to_be_visible()
    press(page, "Backspace")
    expect(page.locator(".rv-count .l-en")).to_contain_text("0 of 10 done")


@pytest.mark.thorough
def test_verdicts_on_the_same_content_are_carried_over_and_say_so(ann: Person) -> None:
    rows = [row(name, TEXT + name, mentions=found(TEXT, ("London", "place"))) for name in "ab"]
    first = ann.project(*rows, name="Last month")
    press(ann.opens(first), "a", "x", "3")
    expect(ann.page.locator(".rv-empty")).to_be_visible()
    second = ann.project(*rows, row("c", mentions=found(TEXT, ("Ada", "person"))), name="This month")
    page = ann.opens(second)
    page.click('[data-do="view-project"]')
    page.select_option('[data-form="carry"] select', first)
    page.click('[data-form="carry"] button')
    expect(page.locator(TOLD)).to_have_text("2 taken over.")
    page.click('[data-do="view-desk"]')
    expect(page.locator(ANSWER)).to_have_text("Adaperson")
    assert [(one["verdict"], one["carried"]) for one in ann.log(second, 1)] == [("reject", True)]


@pytest.mark.thorough
def test_skipped_items_are_put_back(ann: Person) -> None:
    page = ann.opens(ann.project(row("a", mentions=found(TEXT, ("London", "place")))))
    press(page, " ")
    expect(page.locator(".rv-empty")).to_be_visible()
    page.click('[data-do="view-project"]')
    page.click('[data-do="reopen"]')
    expect(page.locator(TOLD)).to_have_text("1 are in the queue again.")
    page.click('[data-do="view-desk"]')
    expect(page.locator(ANSWER)).to_have_text("Londonplace")


@pytest.mark.thorough
def test_an_earlier_item_is_looked_at_again_and_judged_anew(ann: Person) -> None:
    rows = [row(name, TEXT + name, mentions=found(TEXT, ("London", name))) for name in "abc"]
    project = ann.project(*rows)
    page = ann.opens(project)
    press(page, "c")
    page.keyboard.type("Is it a <b>city?")
    press(page, "Enter", "a")
    expect(page.locator(ANSWER)).to_have_text("Londonb")
    press(page, "a", "ArrowLeft", "ArrowLeft")
    expect(page.locator(ANSWER)).to_have_text("Londona")
    expect(page.locator(".rv-log li")).to_contain_text("Is it a <b>city?")
    press(page, "ArrowRight", "ArrowRight")
    expect(page.locator(ANSWER)).to_have_text("Londonc")
    press(page, "ArrowLeft")
    expect(page.locator(ANSWER)).to_have_text("Londonb")
    press(page, "f")
    expect(page.locator(ANSWER)).to_have_text("Londonc")
    sent(page)
    assert [one["verdict"] for one in ann.log(project, 1)] == ["accept", "flag"]


def test_a_duplicate_is_merged_by_keyboard(ann: Person) -> None:
    pieces = [("Ada Lovelace", "person"), ("Lovelace", "name"), ("London", "place")]
    project = ann.project(row("a", mentions=found(TEXT, *pieces)))
    page = ann.opens(project)
    press(page, "d")
    expect(page.locator(".rv-alike button")).to_have_text(["1 Lovelacename demo"])
    press(page, "1")
    expect(page.locator(ANSWER)).to_have_text("Lovelacename")
    press(page, "d")
    expect(page.locator(TOLD)).to_contain_text("Nothing else of this text")
    press(page, "ArrowLeft")
    expect(page.locator(".rv-log li")).to_contain_text("→ Lovelace")
    sent(page)
    assert ann.log(project, 0)[0]["payload"] == {"into": 1}


def test_a_lead_sees_what_a_format_cannot_hold_and_takes_the_file(ann: Person) -> None:
    project = ann.project(row("a", mentions=found(TEXT, ("London", "place"))), name="../A <b>項目")
    page = ann.opens(project)
    press(page, "a")
    sent(page)
    page.click('[data-do="view-project"]')
    page.select_option('[data-form="export"] [name="format"]', "doccano")
    page.click('[data-form="export"] button')
    expect(page.locator(".rv-export li .l-en")).to_contain_text(["1 verdicts were left out."])
    with page.expect_download() as taken:
        page.click(".rv-file")
    assert taken.value.suggested_filename == "A_b_項目-doccano.jsonl"
    assert json.loads(taken.value.path().read_text(encoding="utf-8"))["text"] == TEXT
    page.select_option('[data-form="export"] [name="format"]', "jsonl")
    expect(page.locator(".rv-export")).to_be_hidden()


@pytest.mark.thorough
def test_help_shows_the_keys_and_a_button_works_by_keyboard(ann: Person) -> None:
    page = ann.opens(ann.project(row("a", mentions=found(TEXT, ("London", "place")))))
    press(page, "?")
    expect(page.locator(".rv-help .l-en")).to_contain_text("space skip")
    page.focus('.rv-keys [data-do="help"]')
    press(page, " ")  # presses the button and skips nothing
    expect(page.locator(".rv-help")).to_be_hidden()
    expect(page.locator(ANSWER)).to_have_text("Londonplace")


@pytest.mark.thorough
def test_a_project_is_deleted_at_the_second_press_in_that_project(ann: Person) -> None:
    rows = row("a", mentions=found(TEXT, ("London", "place")))
    keep, gone = ann.project(rows, name="Keep"), ann.project(rows, name="Gone")
    page = ann.opens(keep)
    page.click('[data-do="view-project"]')
    page.click('[data-do="delete"]')
    ann.opens(gone)
    page.click('[data-do="view-project"]')
    page.click('[data-do="delete"]')
    expect(page.locator('[data-do="delete"] .l-en')).to_contain_text("Once more")
    page.click('[data-do="delete"]')
    expect(page.locator(f'.rv-projects [data-project="{keep}"]')).to_be_visible()
    expect(page.locator(f'.rv-projects [data-project="{gone}"]')).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_readable_for_all(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> None:
    eve = Person(browser, address, "Eve", color_scheme=scheme, reduced_motion="reduce")
    pieces = [("Ada Lovelace", "person"), ("Lovelace", "name")]
    rows = [row("a", mentions=found(TEXT, *pieces)), row("b", TEXT + "b", mentions=found(TEXT, *pieces))]
    page = eve.opens(eve.project(*rows, n=4, double=0.5, guidelines="Be fair."))
    assert violations(page) == []
    for key in ("x", "e", "d"):
        press(page, key)
        expect(page.locator(".rv-panel:visible")).to_have_count(1)
        assert violations(page) == [], key
        press(page, "Escape")
    press(page, "a")
    page.click('[data-do="view-project"]')
    page.click('[data-form="export"] button')
    expect(page.locator(".rv-export")).to_be_visible()
    assert violations(page) == []
    page.click('[data-do="view-list"]')
    page.evaluate("document.querySelectorAll('.rv details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    page.context.close()
