"""A further run beside a review, asked as the desk's page would ask, and as a page that lies would."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library
from techgpt_ui.store import Judged, Place
from techgpt_ui.ui.review_beside import _lines
from tests.evaluation.answering import BROKEN, ScriptedEngine
from tests.loops import run_apart
from tests.ui.review_page import ANN, BOB, TEXT, ReviewPage

ANSWER = "Entity: Rome, Type: person\nEntity: Ada, Type: person"
BLIND = (Place(item=0), Place(item=1, blind=True))


@pytest.fixture
def page(library: Library, tmp_path: Path) -> ReviewPage:
    return ReviewPage(library, ScriptedEngine({TEXT: ANSWER}), tmp_path)


def test_the_answer_stands_beside_the_projects_items(page: ReviewPage) -> None:
    done = page.run()["done"]
    assert [(row["change"], row["items"]) for row in done["rows"]] == [("type", (1,)), ("same", (0,))]
    assert done["counts"] == {"type": 1, "text": 0, "new": 0, "gone": 0, "same": 1}
    assert (done["raw"], done["finish"], done["model"]["name"]) == (ANSWER, "stop", "scripted")


def test_nothing_is_decided_by_it(page: ReviewPage) -> None:
    page.run()
    assert page.reviews.content(ANN, page.project).log == ()


def test_the_run_goes_to_the_persons_own_history_with_its_settings(page: ReviewPage) -> None:
    page.join()
    kept = page.bench.runs.get(BOB, page.run(BOB, seed=7, temperature=0.5)["done"]["run"])
    assert page.bench.runs.count(ANN) == 0
    assert (kept.kind, kept.task, kept.inputs["text"], kept.settings["seed"]) == ("run", "ner", TEXT, 7)
    assert kept.settings["sampling"]["do_sample"] and kept.settings["sampling"]["temperature"] == 0.5


def test_a_verdict_is_shown_with_its_row(page: ReviewPage) -> None:
    page.reviews.next(ANN, page.project)
    page.reviews.decide(ANN, page.project, Judged(item=0, verdict="reject"))
    decided = {row["items"]: row["decided"] for row in page.run()["done"]["rows"]}
    assert decided == {(0,): {"verdict": "reject", "carried": False}, (1,): None}


def test_a_correction_that_the_model_now_makes_itself_is_marked(page: ReviewPage) -> None:
    page.reviews.next(ANN, page.project, count=2)
    said = {"text": "Rome", "type": "person", "start": 9, "end": 13}
    page.reviews.decide(ANN, page.project, Judged(item=1, verdict="edit", payload=said))
    assert [row["wanted"] for row in page.run()["done"]["rows"]] == [True, False]


def test_blind_items_keep_the_model_silent_until_they_are_decided(library: Library, tmp_path: Path) -> None:
    engine = ScriptedEngine({TEXT: ANSWER})
    page = ReviewPage(library, engine, tmp_path, places=BLIND)
    assert page.run()["error"]["code"] == "review_rerun_blind" and not engine.prompts
    with pytest.raises(WorkbenchError, match="judged without"):
        page.rerun.options(ANN, page.asks())
    page.reviews.next(ANN, page.project, count=2)
    page.reviews.decide(ANN, page.project, Judged(item=1, verdict="accept"))
    assert "done" in page.run()


def test_the_second_of_two_blind_reviewers_must_still_decide(library: Library, tmp_path: Path) -> None:
    places = (Place(item=0), Place(item=1, blind=True, double=True))
    page = ReviewPage(library, ScriptedEngine({TEXT: ANSWER}), tmp_path, places=places)
    page.join()
    page.reviews.next(ANN, page.project, count=2)
    page.reviews.decide(ANN, page.project, Judged(item=1, verdict="accept"))
    assert "done" in page.run(ANN)
    assert page.run(BOB)["error"]["code"] == "review_rerun_blind"


def test_a_stranger_runs_nothing(page: ReviewPage) -> None:
    assert page.run(BOB)["error"]["code"] == "review_project_missing"
    assert page.bench.runs.count(BOB) == 0


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"item": 9}, "review_item_missing"),
        ({"temperature": 9}, "bad_sampling"),
        ({"temperature": "hot"}, "review_bad_request"),
        ({"max_new_tokens": 0}, "bad_sampling"),
        ({"sampling": "no-such"}, "unknown_sampling"),
        ({"seed": -1}, "review_bad_request"),
        ({"surprise": 1}, "review_bad_request"),
    ],
)
def test_bad_wishes_are_named_and_nothing_is_run(page: ReviewPage, wishes: dict[str, Any], code: str) -> None:
    assert page.run(**wishes)["error"]["code"] == code
    assert page.bench.runs.count(ANN) == 0


def test_an_unknown_instruction_is_named(library: Library, tmp_path: Path) -> None:
    page = ReviewPage(library, ScriptedEngine(), tmp_path, model="techgpt-demo")
    assert page.run(variant="no-such")["error"]["code"] == "unknown_variant"


def test_a_model_that_fails_is_told_and_leaves_room_for_the_next(library: Library, tmp_path: Path) -> None:
    page = ReviewPage(library, ScriptedEngine(otherwise=BROKEN), tmp_path)
    assert page.run()["error"]["code"] == "generation_failed"
    assert page.bench.host.door.runs == 0


def test_a_document_of_another_tool_is_asked_for_the_projects_types(library: Library, tmp_path: Path) -> None:
    engine = ScriptedEngine()
    ReviewPage(library, engine, tmp_path, inputs={"text": TEXT}).run()
    assert f"Types: person, place\nText: {TEXT}" in engine.prompts[0]


def test_stop_ends_the_persons_run_alone(library: Library, tmp_path: Path) -> None:
    page: Any = None

    def stop(number: int, cancel: CancelToken) -> None:
        page.rerun.stop(BOB, {})
        assert not cancel.cancelled
        page.rerun.stop(ANN, {})

    page = ReviewPage(library, ScriptedEngine({TEXT: ANSWER}, before=stop), tmp_path)
    done = page.run()["done"]
    assert (done["finish"], done["counts"]["gone"]) == ("cancelled", 2)


def test_the_choices_are_those_of_the_task_and_the_loaded_model(library: Library, tmp_path: Path) -> None:
    page = ReviewPage(library, ScriptedEngine(), tmp_path, model="techgpt-demo")
    found = page.rerun.options(ANN, page.asks())
    assert found["variants"][0]["id"] == "trained" and found["sampling"] == library.task("ner").sampling
    assert {one["id"] for one in found["samplings"]} == set(library.samplings)


def test_a_page_that_goes_away_ends_the_run() -> None:
    begun, closed, never = threading.Event(), threading.Event(), threading.Event()

    def steps() -> Iterator[dict[str, Any] | None]:
        try:
            yield {"words": "one"}
            while True:
                begun.set()
                never.wait(0.01)
                yield None
        finally:
            closed.set()

    async def look_and_go() -> bytes:
        lines = _lines(steps)
        first = await anext(lines)
        await asyncio.to_thread(begun.wait, 30)
        await lines.aclose()  # type: ignore[attr-defined]
        return first

    assert run_apart(look_and_go()) == b'{"words": "one"}\n'
    assert closed.wait(30)
