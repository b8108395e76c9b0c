"""Two reviewers work through a sample at the review desk by keyboard, while the server is killed under them.

    python -m benchmarks.review_walk GOLD [--items 200] [--documents 60] [--report report.html]

`GOLD` holds sentences with their entities in the contract's form (CrossNER, say). The app is started as users start it,
its own HTTP endpoint runs the demo model over the sentences, the Results are uploaded as a review project, and two
people in two Chromium contexts judge it with keys alone: what the gold says, but for a share of slips. The server is
killed with SIGKILL twice on the way. Then the lead settles the disputes and downloads the report. Prints figures as
JSON; exits with 1 if an acknowledged decision is missing, or an item is not judged exactly once a round.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Browser, Error, Page, Response, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
START_S = 300
SLIPS = 0.08
"""Share of a reviewer's verdicts that are not what the gold says."""
DECIDE = "/techgpt-review/decide"
SIGNATURE = "document.querySelector('.rv-card').innerText + document.querySelector('.rv-text mark')?.dataset.at"
"""What tells the item on the screen from another one."""

Span = tuple[int, int]
Gold = dict[str, dict[Span, str]]


class Server:
    """`python app.py` on a free port, with a database that survives being killed."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.database = folder / "review.db"
        self._log = folder / "log"
        self._environment = os.environ | {
            "TECHGPT_PORT": str(port), "TECHGPT_DATABASE_URL": f"sqlite:///{self.database}", "TECHGPT_LANG": "en",
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for the page."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(self.address, timeout=20):
                return
            time.sleep(0.2)
        raise TimeoutError(self._log.read_text(errors="replace")[-2000:])

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it, at once unless another signal is named."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(60)


@dataclass
class Reviewer:
    """A person with a browser of his own, who knows the gold and slips now and then."""

    name: str
    page: Page
    gold: Gold
    chance: Random
    acknowledged: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.url.endswith(DECIDE) and response.ok:
            self.acknowledged.append(json.loads(response.request.post_data or "{}"))

    def has_item(self) -> bool:
        """Whether an item is on the screen."""
        return self.page.is_visible(".rv-card") and not self.page.is_visible(".rv-empty")

    def judge(self, *, slips: bool = True) -> None:
        """One item, by its keys; returns when the server has it and the next one, or none, is on the screen."""
        seen = self._signature()
        with self.page.expect_response(lambda answer: answer.url.endswith(DECIDE)):
            self.press_keys(slips=slips)
        self.page.wait_for_function(
            f"seen => !document.querySelector('.rv-empty').hidden || {SIGNATURE} !== seen", arg=seen
        )

    def press_keys(self, *, slips: bool = True) -> None:
        """The keys for the item on the screen, without waiting for anything."""
        text, span, said = self._item()
        known = self.gold[text].get(span)
        if slips and self.chance.random() < SLIPS:
            known = None if known else said or "misc"
        for key in self._keys(known, said, overlaps=any(_overlap(span, other) for other in self.gold[text])):
            self.page.keyboard.press(key) if len(key) == 1 or key in ("Enter", "Control+a") else self._type(key)

    def press(self, css: str) -> None:
        """A button, by keyboard."""
        self.page.focus(css)
        self.page.keyboard.press("Enter")

    def open(self, view: str) -> None:
        """The desk or the disputes, as they are now."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/techgpt-review/open")):
            self.press(f'[data-do="view-{view}"]')
        self.page.wait_for_selector(".rv-card:visible, .rv-empty:visible")

    def come_back(self, address: str) -> None:
        """Load the page anew and go on with the newest project."""
        open_desk(self.page, address)
        self.press(".rv-projects li button")
        self.page.wait_for_selector(".rv-card:visible, .rv-empty:visible")

    def _type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def _signature(self) -> str:
        return str(self.page.evaluate(SIGNATURE))

    def _item(self) -> tuple[str, Span, str]:
        found = self.page.evaluate(
            "() => ({text: document.querySelector('.rv-text').textContent, "
            "marks: [...document.querySelectorAll('.rv-text mark')].map(m => [Number(m.dataset.at), m.textContent]), "
            "type: document.querySelector('.rv-answer .rv-type')?.textContent ?? ''})"
        )
        start, last = found["marks"][0], found["marks"][-1]
        return found["text"], (start[0], last[0] + len(last[1])), found["type"]

    def _keys(self, known: str | None, said: str, *, overlaps: bool) -> list[str]:
        if known is None:
            return ["x", "1" if overlaps else "4"]
        if known == said:
            return ["a"]
        choices = self.page.locator(".rv-choices button").all_inner_texts()
        digit = next((str(at) for at, words in enumerate(choices, 1) if words.split(maxsplit=1)[1:] == [known]), None)
        return [digit] if digit else ["e", "Control+a", known, "Enter"]


def walk(gold_path: Path, items: int, documents: int, report: Path | None) -> dict[str, Any]:
    """The whole day; the figures of it."""
    gold = read_gold(gold_path, documents)
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        server = Server(Path(folder))
        server.start()
        try:
            results = run_model(server, gold, Path(folder) / "results.jsonl")
            ann, bob = open_project(browser, server, gold, results, items)
            kills = work(server, (ann, bob), [items // 3, 2 * items // 3])
            settled = settle_disputes(ann)
            headline = take_report(ann, report)
        finally:
            server.kill(signal.SIGTERM)
        found = checked(server.database, (ann, bob), items)
        return {**found, "kills": kills, "disputes_settled": settled, "headline": headline, "gold": gold_path.name}


def read_gold(path: Path, limit: int) -> Gold:
    """The first sentences with their entities, by span."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:limit]]
    return {row["text"]: {(one["start"], one["end"]): one["type"] for one in row["mentions"]} for row in rows}


def run_model(server: Server, gold: Gold, path: Path) -> Path:
    """Every sentence through the endpoint of the page; the Results as JSON lines."""
    from gradio_client import Client

    client = Client(server.address, verbose=False, httpx_kwargs={"timeout": START_S})
    types = sorted({type_ for spans in gold.values() for type_ in spans.values()})
    with path.open("w", encoding="utf-8") as out:
        for text in gold:
            found = client.predict(text=text, types=types, variant="given-types", api_name="/ner")
            out.write(json.dumps(found | {"inputs": {"text": text}}, ensure_ascii=False) + "\n")
    return path


def open_project(browser: Browser, server: Server, gold: Gold, results: Path, items: int) -> tuple[Reviewer, Reviewer]:
    """Ann makes the project of the Results and leads it; Bob joins."""
    people = [Reviewer(name, new_page(browser, server), gold, Random(name)) for name in ("Ann", "Bob")]
    ann, bob = people
    form = '[data-form="create"]'
    for name, words in {
        "name": "Spot check",
        "reviewer": "Ann",
        "n": items,
        "seed": 7,
        "blind": 10,
        "double": 30,
    }.items():
        ann.page.fill(f'{form} [name="{name}"]', str(words))
    ann.page.select_option(f'{form} [name="source"]', "file")
    ann.page.set_input_files(f'{form} [name="file"]', results)
    ann.page.press(f'{form} [name="n"]', "Enter")
    ann.page.wait_for_selector(".rv-text mark, .rv-alert:visible", timeout=START_S * 1000)
    if ann.page.is_visible(".rv-alert"):
        raise SystemExit(ann.page.inner_text(".rv-alert"))
    bob.press('details:has([data-form="join"]) summary')
    bob.page.fill('[data-form="join"] [name="invitation"]', ann.page.text_content(".rv-invitation") or "")
    bob.page.fill('[data-form="join"] [name="name"]', "Bob")
    bob.page.press('[data-form="join"] [name="name"]', "Enter")
    expect(bob.page.locator(".rv-text mark").first).to_be_visible(timeout=START_S * 1000)
    return ann, bob


def work(server: Server, people: tuple[Reviewer, Reviewer], kill_at: list[int]) -> list[int]:
    """In turn until nothing of the sample is left for either; the server dies at these numbers of decisions."""
    kills, made = [], 0
    while True:
        at_work = [one for one in people if one.has_item() and one.page.is_visible(".rv-marks :text('sample')")]
        if not at_work:
            for one in people:
                one.open("desk")
            if not any(one.has_item() and one.page.is_visible(".rv-marks :text('sample')") for one in people):
                return kills
        for one in at_work:
            made += 1
            if not kill_at or made < kill_at[0]:
                one.judge()
            else:
                kills.append(made)
                kill_at.pop(0)
                one.press_keys()
                server.kill()
                server.start()
                for person in people:
                    person.come_back(server.address)
                break


def settle_disputes(lead: Reviewer) -> int:
    """The lead judges what waits under Disputes, without slips."""
    lead.open("disputes")
    count = 0
    while lead.has_item():
        lead.judge(slips=False)
        count += 1
    return count


def take_report(lead: Reviewer, report: Path | None) -> str:
    """The headline of the figures; the report goes to a file if one is named."""
    lead.press('[data-do="view-figures"]')
    headline = lead.page.locator(".rv-figures .headline")
    expect(headline).to_be_visible()
    with lead.page.expect_download() as download:
        lead.press(".rv-report")
    if report:
        download.value.save_as(report)
    return headline.inner_text()


def checked(database: Path, people: tuple[Reviewer, Reviewer], items: int) -> dict[str, Any]:
    """What the store holds against what the pages were told; SystemExit where it does not agree."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "select d.item, d.round, d.verdict, m.name, d.blind from review_decisions d join review_members m "
            "on m.project = d.project and m.id = d.reviewer "
            "where d.verdict != 'undo' and d.id not in (select undoes from review_decisions where undoes is not null)"
        ).fetchall()
        slots = connection.execute('select item, round, decision, "double" from review_slots where sampled').fetchall()
    # A blind answer is sent as a choice; the store finds out whether it is what the model said.
    standing = Counter((row[0], row[1], row[3], "chosen" if row[4] else row[2]) for row in rows)
    told = Counter(
        (one["item"], one["round"], who.name, "chosen" if one["blind"] else one["verdict"])
        for who in people
        for one in who.acknowledged
    )
    lost = told - standing
    each_round = Counter((row[0], row[1]) for row in rows)
    open_slots = [slot for slot in slots if slot[2] is None and slot[1] != "adjudicated"]
    figures = {
        "sampled": len({slot[0] for slot in slots}), "judged_by_two": len({slot[0] for slot in slots if slot[3]}),
        "decisions": len(rows), "blind": sum(row[4] for row in rows), "acknowledged": sum(told.values()),
        "unacknowledged_but_kept": sum((standing - told).values()), "lost": sum(lost.values()),
        "judged_more_than_once_a_round": sum(count > 1 for count in each_round.values()), "left_open": len(open_slots),
        "verdicts": dict(Counter(row[2] for row in rows)),
    }  # fmt: skip
    if lost or open_slots or figures["judged_more_than_once_a_round"] or figures["sampled"] != items:
        print(json.dumps(figures, indent=1))
        raise SystemExit(1)
    return figures


def new_page(browser: Browser, server: Server) -> Page:
    """A person's own browser at the desk."""
    page = browser.new_context(viewport={"width": 1360, "height": 900}, accept_downloads=True).new_page()
    open_desk(page, server.address)
    return page


def open_desk(page: Page, address: str) -> None:
    """Load the page and open the tab by keyboard."""
    for _ in range(60):
        with suppress(Error):
            page.goto(f"{address}/?lang=en", wait_until="load")
            break
        page.wait_for_timeout(500)
    page.focus("#tab-review-button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".rv-projects li:visible, .rv-new[open]")


@contextmanager
def browsing() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--report", type=Path)
    arguments = parser.parse_args()
    print(json.dumps(walk(arguments.gold, arguments.items, arguments.documents, arguments.report), indent=1))
