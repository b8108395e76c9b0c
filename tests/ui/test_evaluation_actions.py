"""What the evaluation tab does, asked as its page would ask, and as a page that lies would."""

import json
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.engines.base import CancelToken
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library
from techgpt_ui.ui.evaluation_form import MAX_SHOTS
from tests.evaluation.answering import ScriptedEngine
from tests.ui.evaluation_page import ANN, BERN, BOB, OSLO, EvaluationPage, event, filled, listed, request, write_gold

ANSWERS = {OSLO["text"]: "Entity: Oslo, Type: place", BERN["text"]: "Entity: Rome, Type: place"}


@pytest.fixture(autouse=True)
def _temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


@pytest.fixture
def page(library: Library, tmp_path: Path) -> EvaluationPage:
    return EvaluationPage(library, ScriptedEngine(ANSWERS), tmp_path)


@pytest.fixture
def gold(tmp_path: Path) -> str:
    return write_gold(tmp_path)


def test_a_gold_file_fills_in_the_settings_that_fit(page: EvaluationPage, gold: str) -> None:
    changes = page.does.upload(*filled(gold, task="domain"))
    assert "2 documents" in changes["summary"] and "format jsonl" in changes["summary"]
    assert (changes["form_task"], changes["form_sampling"]) == ("ner", page.tab.task.sampling)
    assert changes["form_labels"]["value"] == ["place"] and changes["form_labels"]["visible"]


def test_a_bad_gold_file_is_told_with_its_line_and_leaves_no_summary(page: EvaluationPage, tmp_path: Path) -> None:
    bad = write_gold(tmp_path, OSLO, {"text": "x", "mentions": [{"start": 0, "end": 9, "type": "y"}]})
    changes = page.does.upload(*filled(bad))
    assert "line 2" in changes["notice"] and changes["summary"] == ""


def test_a_finished_evaluation_is_shown_kept_and_listed(page: EvaluationPage, gold: str) -> None:
    shown = page.run(gold)
    assert "<b>0.500</b>" in shown["detail"] and "2 documents" in shown["detail"]
    assert listed(shown)["total"] == 1 and shown["chosen"] in listed(shown)["html"]
    assert (shown["run"]["interactive"], shown["stop"]["interactive"], shown["notice"]) == (True, False, "")


def test_progress_counts_documents(page: EvaluationPage, gold: str) -> None:
    told = [changes["progress"] for changes in page.runner.run(request(), *filled(gold)) if "progress" in changes]
    assert ["1 of 2 documents" in words for words in told].count(True) == 1
    assert told[-1] == ""


def test_the_limit_takes_the_first_documents(page: EvaluationPage, gold: str) -> None:
    assert "1 documents" in page.run(gold, limit=1)["detail"]


def test_no_labels_ask_for_none(page: EvaluationPage, gold: str) -> None:
    shown = page.run(gold, labels=[])
    assert "nothing in particular" in shown["detail"]


def test_equal_settings_are_answered_once(library: Library, tmp_path: Path, gold: str) -> None:
    engine = ScriptedEngine(ANSWERS)
    page = EvaluationPage(library, engine, tmp_path)
    assert page.run(gold)["chosen"] == page.run(gold)["chosen"]
    assert len(engine.prompts) == 2


def test_stop_keeps_what_was_done_and_the_next_run_goes_on(library: Library, tmp_path: Path, gold: str) -> None:
    page: Any = None

    def stop_at_the_second(number: int, cancel: CancelToken) -> None:
        if number == 2:
            page.runner.stop(request())

    engine = ScriptedEngine(ANSWERS, before=stop_at_the_second)
    page = EvaluationPage(library, engine, tmp_path)
    stopped = page.run(gold)
    assert "Stopped after 1 of 2 documents" in stopped["detail"]
    assert "unfinished, 1 of 2" in listed(stopped)["html"]
    assert "2 documents" in page.run(gold)["detail"]
    assert len(engine.prompts) == 3


def test_a_page_that_goes_away_leaves_a_stopped_evaluation(page: EvaluationPage, gold: str) -> None:
    steps = page.runner.run(request(), *filled(gold))
    for _ in range(4):
        next(steps)
    steps.close()
    (record,) = page.bench.evaluations.leaderboard(f"browser:{ANN}")
    assert record.state == "stopped"


def test_a_visitor_without_a_cookie_sees_the_result_and_keeps_nothing(page: EvaluationPage, gold: str) -> None:
    shown = page.run(gold, cookie="")
    assert "not kept" in shown["detail"] and "<b>0.500</b>" in shown["detail"]
    assert page.bench.evaluations.leaderboard("") == ()
    assert not shown["actions"]["visible"] and "data-evaluation" not in shown["detail"]


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"limit": 2.5}, "whole number from 1 on"),
        ({"shots": MAX_SHOTS + 1}, "from 0 to 16"),
        ({"seed": -1}, "seed"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"examples": "nearest"}, "no pool is uploaded"),
    ],
)
def test_bad_settings_are_named_and_nothing_is_run(
    page: EvaluationPage, gold: str, wishes: dict[str, Any], words: str
) -> None:
    shown = page.run(gold, **wishes)
    assert words in shown["notice"] and "detail" not in shown and shown["run"]["interactive"]


def test_without_a_gold_file_one_is_asked_for(page: EvaluationPage) -> None:
    assert "There is no gold file yet." in page.run(None)["notice"]


def test_examples_come_from_the_pool(page: EvaluationPage, gold: str, tmp_path: Path) -> None:
    pooled = {"text": "Cy is in Lima.", "mentions": [{"start": 9, "end": 13, "type": "place"}]}
    pool = write_gold(tmp_path, pooled, name="pool.jsonl")
    assert "pool.jsonl" in page.run(gold, examples="nearest", pool=pool, shots=1)["detail"]


def test_two_evaluations_are_compared_and_can_be_taken_along(page: EvaluationPage, gold: str) -> None:
    ids = [page.run(gold)["chosen"], page.run(gold, seed=3)["chosen"]]
    shown = page.does.compare(request(), event(ids=ids))
    assert "Two evaluations compared" in shown["detail"] and set(shown["chosen"].split()) == set(ids)
    report = Path(page.does.report(request(), shown["chosen"], "zh-CN")["file"])
    assert '<html lang="zh-CN">' in report.read_text(encoding="utf-8")
    data = json.loads(Path(page.does.document(request(), shown["chosen"])["file"]).read_bytes())
    assert data["n"] == 2 and {"a", "b", "metrics", "differences"} <= data.keys()


def test_evaluations_of_other_gold_are_not_compared(page: EvaluationPage, gold: str, tmp_path: Path) -> None:
    other = write_gold(tmp_path, OSLO, name="other.jsonl")
    ids = [page.run(gold)["chosen"], page.run(other)["chosen"]]
    assert 'role="alert"' in page.does.compare(request(), event(ids=ids))["notice"]


def test_the_file_of_an_evaluation_has_its_figures_and_every_document(page: EvaluationPage, gold: str) -> None:
    path = Path(page.does.document(request(), page.run(gold)["chosen"])["file"])
    data = json.loads(path.read_bytes())
    assert (data["n"], data["errors"], data["metrics"]["string_f1"]["value"]) == (2, 0, 0.5)
    assert len(data["outcomes"]) == 2


def test_nobody_reads_compares_opens_or_deletes_another_s_evaluation(page: EvaluationPage, gold: str) -> None:
    ids = [page.run(gold)["chosen"], page.run(gold, seed=3)["chosen"]]
    bob = request(BOB)
    for changes in (
        page.does.show(bob, event(id=ids[0])),
        page.does.compare(bob, event(ids=ids)),
        page.does.report(bob, ids[0], "en"),
        page.does.document(bob, ids[0]),
        page.does.want(bob, event(evaluation=ids[0], position=0)),
    ):
        assert "There is no such evaluation." in changes["notice"]
    assert listed(page.does.erase(bob, event(ids=ids), ""))["total"] == 0
    assert listed(page.does.refresh(request()))["total"] == 2


@pytest.mark.parametrize("cookie", [ANN, ""])
def test_the_host_s_evaluations_are_read_by_all_and_deleted_by_none(
    page: EvaluationPage, gold: str, cookie: str
) -> None:
    record = page.bench.evaluations.get(f"browser:{ANN}", page.run(gold, limit=1)["chosen"])
    page.bench.evaluations.begin(record.model_copy(update={"id": "0" * 32, "owner": ""}))
    erased = page.does.erase(request(cookie), event(ids=["0" * 32]), "")
    assert "0" * 32 in listed(erased)["html"] and "cannot be deleted here" in erased["notice"]


def test_deleting_what_is_shown_clears_it(page: EvaluationPage, gold: str) -> None:
    chosen = page.run(gold)["chosen"]
    changes = page.does.erase(request(), event(ids=[chosen]), chosen)
    assert (changes["detail"], changes["chosen"], listed(changes)["total"]) == ("", "", 0)
    assert "Evaluations deleted: 1." in changes["notice"]


def opened(page: EvaluationPage, chosen: str, position: int) -> dict[str, Any]:
    wanted = page.does.want(request(), event(evaluation=chosen, position=position))["opened"]
    return page.does.opener(page.tab)(request(), wanted)


def test_a_document_opens_with_its_inputs_settings_and_answer(page: EvaluationPage, gold: str) -> None:
    values = opened(page, page.run(gold, seed=5, max_new_tokens=77)["chosen"], 1)
    assert (values["text"], values["types"], values["out_raw"]) == (BERN["text"], ["place"], ANSWERS[BERN["text"]])
    assert (values["seed"], values["max_new_tokens"], values["preset"]) == (5, 77, "extraction")


def test_a_document_that_failed_opens_with_its_inputs_and_the_reason(
    library: Library, tmp_path: Path, gold: str
) -> None:
    broken = WorkbenchError("generation_failed", why="the device is gone")
    page = EvaluationPage(library, ScriptedEngine({OSLO["text"]: broken}), tmp_path)
    values = opened(page, page.run(gold)["chosen"], 0)
    assert values["text"] == OSLO["text"] and values["out_raw"] == ""
    assert "the device is gone" in values["out_status"]


def test_a_document_that_is_not_there_does_not_open(page: EvaluationPage, gold: str) -> None:
    assert "There is no such evaluation." in opened(page, page.run(gold)["chosen"], 9)["notice"]


def test_a_tab_opens_once_it_is_filled_and_not_where_it_could_not_be(page: EvaluationPage, gold: str) -> None:
    chosen = page.run(gold)["chosen"]
    ways = [opened(page, chosen, position)["way"] for position in (1, 1, 9)]
    assert [way.split(" ")[0] for way in ways] == ["ner", "ner", ""]
    assert ways[0] != ways[1]
