"""A dialogue as HTML: what was said to the letter, and only the buttons that make sense."""

import re
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from techgpt_ui.renderers.dialogue import Entry, Utterance, dialogue_html, editing_html, entries_html, live_html

HOSTILE = "<img src=x onerror=alert(1)> <link prediction, 属于, KG> & \"'`"
TAGS = {"article", "b", "button", "code", "div", "h4", "li", "p", "pre", "span", "ul"}


class Elements(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def answer(content: str, **how: object) -> Utterance:
    return Utterance.model_validate({"role": "assistant", "at": 0, "content": content, **how})


def deeds(html: str) -> list[str]:
    return re.findall(r'data-deed="(\w+)"', html)


def texts(html: str) -> list[str]:
    return re.findall(r'<div class="turn-text" dir="auto">(.*?)</div>', html, re.S)


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_turn_shows_to_the_letter(role: str) -> None:
    html = dialogue_html([Utterance.model_validate({"role": role, "at": 0, "content": HOSTILE})])
    assert texts(html) == [str(escape(HOSTILE))]


@pytest.mark.parametrize(
    "html",
    [
        dialogue_html([answer(HOSTILE), answer(f"```{HOSTILE}\n{HOSTILE}\n```"), answer(f"```html\n{HOSTILE}")]),
        live_html(HOSTILE),
        entries_html([Entry("1", HOSTILE)], "1", kept=True, confirming=True),
    ],
)
def test_nothing_that_was_said_becomes_markup(html: str) -> None:
    seen = Elements()
    seen.feed(html)
    assert seen.tags <= TAGS
    assert not [name for name in seen.attributes if name.startswith("on") or name in ("src", "href", "style")]


def test_white_space_and_line_ends_are_kept() -> None:
    assert texts(dialogue_html([answer("a  b\n\n  c")])) == ["a  b\n\n  c"]


def test_fenced_code_is_coloured_and_can_be_copied_alone() -> None:
    html = dialogue_html([answer("Look:\n```python\ndef f(): pass\n```\nDone.")])
    assert texts(html) == ["Look:", "Done."]
    assert '<span class="tok-k">def</span>' in html
    assert 'data-copy="def f(): pass\n"' in html


def test_code_whose_fence_never_closes_runs_to_the_end() -> None:
    html = dialogue_html([answer("Look:\n```\nx = 1\ny = 2")])
    assert texts(html) == ["Look:"] and "y = 2" in html.split("<pre")[1]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    html = dialogue_html([answer("````\n```\nx\n```\n````\nend")])
    assert html.count("<pre") == 1 and texts(html) == ["end"]


def test_code_in_a_question_stays_as_it_was_typed() -> None:
    question = Utterance(role="user", at=0, content="```python\nx\n```")
    assert texts(dialogue_html([question])) == ["```python\nx\n```"]


def test_only_the_given_deeds_are_offered_and_copying_always() -> None:
    html = dialogue_html([answer("a"), answer("b", deeds=("continue", "regenerate", "undo"))])
    assert deeds(html) == ["continue", "regenerate", "undo"]
    assert html.count('class="copy"') == 2
    assert html.count('data-event="submit"') == 2  # those that let the model write


@pytest.mark.parametrize(("reason", "words"), [("length", "cut off at the token limit"), ("cancelled", "stopped")])
def test_an_answer_that_is_not_whole_says_why(reason: str, words: str) -> None:
    assert words in dialogue_html([answer("a", finish_reason=reason)])
    assert words not in dialogue_html([answer("a", finish_reason="stop")])


@pytest.mark.parametrize(("version", "off"), [(1, [True, False]), (2, [False, False]), (3, [False, True])])
def test_the_arrows_end_with_the_answers(version: int, off: list[bool]) -> None:
    html = dialogue_html([answer("a", version=version, versions=3, deeds=("undo",))])
    arrows = re.findall(r'<button[^>]*data-deed="flip"[^>]*>', html)
    assert ["disabled" in arrow for arrow in arrows] == off
    assert f"answer {version} of 3" in html


def test_an_answer_that_may_not_change_any_more_has_no_arrows() -> None:
    html = dialogue_html([answer("a", version=1, versions=2)])
    assert deeds(html) == [] and "answer 1 of 2" in html


def test_turns_that_left_the_prompt_and_turns_to_be_replaced_are_marked() -> None:
    html = dialogue_html([answer("a", dropped=True), answer("b", replaced=True), answer("c")])
    assert html.count("no longer in the prompt") == html.count("will be replaced") == 1


def test_an_empty_answer_is_said_to_be_empty() -> None:
    assert "(empty)" in dialogue_html([answer(" \n")])


def test_an_edit_says_which_question_and_how_to_leave() -> None:
    html = editing_html(1)
    assert "question 2" in html and deeds(html) == ["cancel"]


def test_the_open_conversation_is_told_and_can_be_taken_or_deleted() -> None:
    html = entries_html([Entry("1", "One"), Entry("2", "")], "1", kept=True)
    assert re.findall(r'data-id="(\d)"( aria-current="true")?', html) == [("1", ' aria-current="true"'), ("2", "")]
    assert "Untitled" in html
    assert deeds(html) == ["new", "open", "open", "export", "export", "export", "delete"]


def test_deleting_asks_first() -> None:
    html = entries_html([Entry("1", "One")], "1", kept=True, confirming=True)
    assert "Delete “One”?" in html and deeds(html) == ["new", "open", "delete_now", "keep"]


def test_with_no_conversation_open_there_is_nothing_to_delete() -> None:
    assert deeds(entries_html([Entry("1", "One")], "", kept=True)) == ["new", "open"]


def test_a_browser_without_a_cookie_is_told_that_nothing_is_kept() -> None:
    html = entries_html([], "", kept=False)
    assert "not kept" in html and "不会保存" in html
