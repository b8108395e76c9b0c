"""People at the review desk: each has a browser of his own, and projects that are made without its forms."""

import base64
import json
from typing import Any

from playwright.sync_api import Browser, Error, Page, expect

from techgpt_ui.schema import Mention, Relation
from techgpt_ui.ui.review_routes import PATH
from tests.browser.steps import READY_MS

TEXT = "Ada Lovelace met Charles Babbage in London."


def found(text: str, *surfaces: tuple[str, str], confidence: float | None = None) -> list[dict[str, Any]]:
    """Mentions, each where its words stand first."""
    mentions = []
    for number, (surface, kind) in enumerate(surfaces, start=1):
        start = text.index(surface)
        place = {"start": start, "end": start + len(surface), "status": "exact", "confidence": confidence}
        mentions.append(Mention(id=f"m{number}", type=kind, surface=surface, text=surface, **place).model_dump())
    return mentions


def row(ident: str, source: str = TEXT, *, task: str = "ner", model: str = "demo", **parts: Any) -> dict[str, Any]:
    """A Result as our own export writes it."""
    made = {"name": model, "revision": "", "dtype": "fp32"}
    about = {"id": ident, "text": source, "lang": "en"}
    usual = {"task": task, "status": "parsed", "prompt": "", "raw": "", "sampling": {}}
    return {**usual, "model": made, "document": about, **parts}


def a_relation(text: str = TEXT) -> dict[str, Any]:
    """Who met whom."""
    ends = found(text, ("Ada Lovelace", ""), ("Charles Babbage", ""))
    relation = Relation(id="r1", head="m1", predicate="met", tail="m2").model_dump()
    return row("r", text, task="triples", mentions=ends, relations=[relation])


class Person:
    """Somebody with a browser of his own, at the tab of reviews."""

    def __init__(self, browser: Browser, address: str, name: str, **context: Any) -> None:
        self.name = name
        self.page: Page = browser.new_context(viewport={"width": 1360, "height": 900}, **context).new_page()
        self._address = address
        for _ in range(240):
            try:
                self.page.goto(f"{address}/?lang=en")
                break
            except Error:  # the server is not up yet
                self.page.wait_for_timeout(250)
        self.page.click("#tab-review-button", timeout=READY_MS)
        expect(self.page.locator(".rv-new")).to_be_visible(timeout=READY_MS)

    def ask(self, action: str, **data: Any) -> Any:
        """What the desk's own route says, asked with this browser's cookie."""
        answer = self.page.request.post(f"{self._address}{PATH}/{action}", data=data)
        assert answer.ok, answer.text()
        return answer.json()

    def project(self, *rows: dict[str, Any], **form: Any) -> str:
        """A new project of these Results."""
        lines = "".join(json.dumps(one) + "\n" for one in rows).encode()
        known = {"name": "Check", "reviewer": self.name, "file_name": "a.jsonl", "order": "document"}
        return str(self.ask("create", **known | {"file": base64.b64encode(lines).decode()} | form)["project"])

    def joins(self, other: "Person", project: str) -> None:
        """Become a reviewer of somebody's project."""
        self.ask("join", invitation=other.ask("open", project=project)["invitation"], name=self.name)

    def opens(self, project: str) -> Page:
        """The desk of a project."""
        if self.page.is_visible('[data-do="view-list"]'):
            self.page.click('[data-do="view-list"]')
        else:
            self.page.click("#tab-home-button")
            self.page.click("#tab-review-button")
        self.page.click(f'.rv-projects [data-project="{project}"] button')
        expect(self.page.locator(".rv-head")).to_be_visible()
        return self.page

    def log(self, project: str, item: int) -> list[dict[str, Any]]:
        """What was decided on an item, as far as this person may know it."""
        return list(self.ask("show", project=project, item=item)["task"]["history"])


def select(page: Page, words: str) -> None:
    """Mark words of the text with the mouse."""
    ends = page.evaluate(
        """(words) => {
          const box = document.querySelector(".rv-text");
          const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
          const range = document.createRange();
          const whole = box.textContent;
          const from = whole.indexOf(words);
          for (let at = 0, text; (text = walker.nextNode()); at += text.data.length) {
            const inside = (place) => at <= place && place <= at + text.data.length;
            if (inside(from)) range.setStart(text, from - at);
            if (inside(from + words.length)) { range.setEnd(text, from + words.length - at); break; }
          }
          const [first, last] = [range.getClientRects()[0], [...range.getClientRects()].at(-1)];
          return [first.left + 1, first.top + first.height / 2, last.right - 1, last.top + last.height / 2];
        }""",
        words,
    )
    page.mouse.move(ends[0], ends[1])
    page.mouse.down()
    page.mouse.move(ends[2], ends[3], steps=4)
    page.mouse.up()
