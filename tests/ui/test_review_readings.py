"""What the desk says of documents that are read to their end, and what it takes as missed."""

from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import Library
from techgpt_ui.store import Draft, Place, Project, ReviewDocument, ReviewStore, open_database, sqlite_url
from techgpt_ui.store.review_records import Reading, ReviewKind
from techgpt_ui.ui.review_readings import ReadingActions
from tests.ui.review_page import ADA, ANN, BOB, TEXT, a_mention

NOTE = {"task": "ner", "kind": "mention", "type": "place", "text": "Rome", "start": 9, "end": 13}
LINK = {
    "task": "triples", "kind": "relation", "type": "left",
    "head": {"text": "Ada", "start": 0, "end": 3}, "tail": {"text": "Rome", "start": 9, "end": 13, "odd": 1},
}  # fmt: skip


class Page:
    """A project of Ann's with a text of one mention and an empty one, both to be read."""

    def __init__(self, folder: Path, kind: ReviewKind = "mention") -> None:
        self.reviews = ReviewStore(open_database(sqlite_url(folder / "kept.db")))
        draft = Draft(
            project=Project(owner=ANN, name="Places"),
            documents=(ReviewDocument(name="d", text=TEXT, inputs={"text": TEXT, "types": "x"}),
                       ReviewDocument(name="e", text="Nothing.")),
            items=(a_mention(ADA),), places=(Place(item=0),),
            readings=tuple(Reading(document=at, task="ner", kind=kind) for at in (0, 1)),
        )  # fmt: skip
        self.project = self.reviews.create(draft, "Ann").project
        self._actions = ReadingActions(self.reviews).by_name()

    def ask(self, action: str, owner: str = ANN, **data: Any) -> Any:
        return self._actions[action](owner, {"project": self.project, "document": 0, "task": "ner", **data})

    def kept(self) -> list[Any]:
        return [one.payload for one in self.reviews.of_document(ANN, self.project, 0)]


@pytest.fixture
def page(tmp_path: Path, library: Library) -> Page:
    return Page(tmp_path)


def test_the_empty_text_is_shown_with_what_to_look_for_and_the_counts(page: Page) -> None:
    shown = page.ask("reading")
    task = shown["task"]
    assert (task["text"], task["kind"], task["types"], task["found"]) == ("Nothing.", "mention", ["person"], [])
    assert shown["counts"] == {"total": 2, "done": 0, "waiting": 1}


def test_a_text_that_was_read_makes_way_for_nothing_while_the_other_waits(page: Page) -> None:
    page.ask("examined", document=1)
    assert page.ask("reading") == {"task": None, "counts": {"total": 2, "done": 1, "waiting": 1}}


def test_later_is_answered_with_the_next_text(page: Page) -> None:
    assert page.ask("read_later", document=1)["task"]["document"] == 1


def test_what_was_missed_is_kept_with_its_place_and_shown_again(page: Page) -> None:
    page.ask("missed", document=1, payload=NOTE | {"other": "x"})
    assert page.ask("reading")["task"]["missed"] == [NOTE]


def test_a_missed_relation_is_kept_as_one_with_its_ends(page: Page) -> None:
    page.ask("missed", payload=LINK)
    (kept,) = page.kept()
    assert (kept["predicate"], kept["head"]) == ("left", {"text": "Ada", "start": 0, "end": 3, "type": ""})
    assert set(kept["tail"]) == {"text", "start", "end", "type"}


@pytest.mark.parametrize("payload", ["Ada", {}, {"text": " "}])
def test_a_missed_item_says_what_was_missed(page: Page, payload: Any) -> None:
    with pytest.raises(UsageError) as told:
        page.ask("missed", payload=payload)
    assert told.value.code == "review_missed_empty"


@pytest.mark.parametrize("gap", [{"type": " "}, {"head": {"text": " "}}, {"tail": None}, {"tail": "Rome"}])
def test_a_missed_relation_says_what_of_what(page: Page, gap: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as told:
        page.ask("missed", payload=LINK | gap)
    assert told.value.code == "review_missed_ends"


def test_a_document_is_named_by_its_number(page: Page) -> None:
    with pytest.raises(UsageError) as told:
        page.ask("examined", document=[])
    assert told.value.code == "review_bad_request"


@pytest.mark.parametrize("action", ["reading", "read_later", "missed", "examined"])
def test_somebody_who_is_no_member_learns_nothing(page: Page, action: str) -> None:
    with pytest.raises(WorkbenchError) as told:
        page.ask(action, BOB, payload=NOTE)
    assert told.value.code == "review_project_missing"


def test_every_action_is_tried_by_a_stranger(page: Page) -> None:
    assert set(ReadingActions(page.reviews).by_name()) == {"reading", "read_later", "missed", "examined"}
