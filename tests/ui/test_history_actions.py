"""What the history tab does, asked as its page would ask, and as a page that lies would."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from techgpt_ui.presets import Library
from techgpt_ui.store import RunStore, open_database, sqlite_url
from techgpt_ui.ui.history_actions import NOTE_LIMIT, PAGE, HistoryActions, HistoryParts
from techgpt_ui.ui.owners import COOKIE
from techgpt_ui.ui.workbench import TabParts, Workbench
from tests.store.examples import NOON, a_result, a_run

ANN, BOB = "a" * 43, "b" * 43
NOT_FOUND = "There is no such run."


def request(cookie: str = ANN) -> gr.Request:
    cookies = {COOKIE: cookie} if cookie else {}
    return cast(gr.Request, SimpleNamespace(username=None, cookies=cookies))


def event(**data: Any) -> gr.EventData:
    return gr.EventData(None, data)


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[RunStore]:
    database = open_database(sqlite_url(tmp_path / "history.db"))
    yield RunStore(database)
    database.close()


@pytest.fixture
def does(runs: RunStore, library: Library) -> HistoryActions:
    none: Any = None
    bench = Workbench(
        library=library,
        host=none,
        sessions=none,
        say=none,
        runs=runs,
        conversations=none,
        evaluations=none,
        tabs={"ner": none},
    )
    return HistoryActions(bench, HistoryParts(*HistoryParts._fields))


def kept(runs: RunStore, count: int = 1, cookie: str = ANN, **changes: Any) -> list[str]:
    """The ids of new runs, oldest first."""
    records = [a_run(f"browser:{cookie}", created=NOON + timedelta(minutes=at), **changes) for at in range(count)]
    for record in records:
        runs.add(record)
    return [record.id for record in records]


def listed(changes: dict[str, Any]) -> dict[str, Any]:
    return json.loads(changes["listing"])


def ids(changes: dict[str, Any]) -> list[str]:
    return [part.split('"')[0] for part in listed(changes)["rows"].split('data-id="')[1:]]


def test_the_list_has_the_newest_of_one_s_own_first(does: HistoryActions, runs: RunStore) -> None:
    mine = kept(runs, 3)
    kept(runs, 2, BOB)
    changes = does.refresh(request(), "", "")
    assert ids(changes) == mine[::-1]
    assert (listed(changes)["total"], listed(changes)["more"], listed(changes)["state"]) == (3, False, "")


def test_more_goes_on_where_the_list_ends(does: HistoryActions, runs: RunStore) -> None:
    mine = kept(runs, PAGE + 2)[::-1]
    first = does.refresh(request(), "", "")
    assert (ids(first), listed(first)["more"]) == (mine[:PAGE], True)
    second = does.more(request(), event(last=mine[PAGE - 1]), "", "")
    assert (ids(second), listed(second)["more"]) == (mine[PAGE:], False)


def test_search_and_task_narrow_the_list(does: HistoryActions, runs: RunStore) -> None:
    (wanted,) = kept(runs, note="看这里")
    kept(runs, note="看这里", task="triples")
    kept(runs)
    assert ids(does.refresh(request(), "这里", "ner")) == [wanted]
    assert listed(does.refresh(request(), "nothing", ""))["state"] == "none"


def test_without_a_cookie_nothing_is_kept_and_that_is_said(does: HistoryActions, runs: RunStore) -> None:
    assert listed(does.refresh(request(""), "", ""))["state"] == "no_owner"
    runs.add(a_run(""))
    assert ids(does.refresh(request(""), "", "")) == []
    assert "no cookie" in does.take_in(request(""), b"{}", "", "")["notice"]


def test_a_list_without_runs_says_so(does: HistoryActions) -> None:
    assert listed(does.refresh(request(), "", ""))["state"] == "empty"


def test_a_run_is_shown_with_its_note_and_its_tab(does: HistoryActions, runs: RunStore) -> None:
    (run,) = kept(runs, note="好")
    changes = does.show(request(), event(id=run))
    assert (changes["chosen"], changes["chosen_task"], changes["note"]) == (run, "ner", "好")
    assert "阿里巴巴" in changes["detail"]


def test_a_run_of_a_task_that_is_gone_has_no_tab(does: HistoryActions, runs: RunStore) -> None:
    (run,) = kept(runs, task="my_own")
    changes = does.show(request(), event(id=run))
    assert changes["chosen_task"] == ""
    assert "my_own" in changes["detail"]


def test_a_run_of_another_is_as_missing_as_none(does: HistoryActions, runs: RunStore) -> None:
    (theirs,) = kept(runs, cookie=BOB)
    (mine,) = kept(runs)
    answers = [
        does.show(request(), event(id=theirs)),
        does.more(request(), event(last=theirs), "", ""),
        does.annotate(request(), theirs, "mine now"),
        does.compare(request(), event(ids=[mine, theirs])),
        does.export(request(), theirs),
        does.opener(TabParts(does.bench.library.tasks["ner"], [], [], [], None))(request(), theirs),
    ]
    assert all(NOT_FOUND in answer["notice"] for answer in answers)
    assert all(answer["opened"] == answer["document"] == "" and "detail" not in answer for answer in answers)
    does.erase(request(), event(what="marked", ids=[theirs]), "", "", "")
    does.erase(request(), event(what="all"), "", "", "")
    assert runs.get(f"browser:{BOB}", theirs).note == ""


def test_a_run_goes_only_into_the_tab_of_its_own_task(does: HistoryActions, runs: RunStore) -> None:
    (run,) = kept(runs, task="triples")
    changes = does.opener(TabParts(does.bench.library.tasks["ner"], [], [], [], None))(request(), run)
    assert NOT_FOUND in changes["notice"] and changes["opened"] == ""


@pytest.mark.parametrize("data", [None, {}, {"id": 5}, {"id": ["x"]}, "text", {"id": "../../etc"}])
def test_events_that_no_page_sends_find_nothing(does: HistoryActions, data: Any) -> None:
    assert NOT_FOUND in does.show(request(), gr.EventData(None, data))["notice"]


def test_a_note_is_kept_and_its_row_redrawn(does: HistoryActions, runs: RunStore) -> None:
    (run,) = kept(runs)
    changes = does.annotate(request(), run, " 有用 <b> ")
    assert runs.get(f"browser:{ANN}", run).note == "有用 <b>"
    assert listed(changes)["mode"] == "row" and "有用 &lt;b&gt;" in listed(changes)["rows"]


def test_a_note_that_is_too_long_is_refused(does: HistoryActions, runs: RunStore) -> None:
    (run,) = kept(runs, note="old")
    assert "2000 characters" in does.annotate(request(), run, "x" * (NOTE_LIMIT + 1))["notice"]
    assert runs.get(f"browser:{ANN}", run).note == "old"


def test_two_runs_are_compared_the_older_one_first(does: HistoryActions, runs: RunStore) -> None:
    older, newer = [*kept(runs, raw="Oslo"), *kept(runs, 2, raw="Bergen")[1:]]
    shown = does.compare(request(), event(ids=[newer, older]))["detail"]
    assert shown.index("<del class=''>Oslo</del>") < shown.index("<ins class=''>Bergen</ins>")


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_comparison_takes_two(does: HistoryActions, runs: RunStore, count: int) -> None:
    assert "two selected runs" in does.compare(request(), event(ids=kept(runs, count)))["notice"]


def test_selected_runs_are_deleted_and_the_shown_one_goes_with_them(does: HistoryActions, runs: RunStore) -> None:
    one, two, three = kept(runs, 3)
    changes = does.erase(request(), event(what="marked", ids=[one, two]), three, "", "")
    assert ids(changes) == [three]
    assert "detail" not in changes and "2" in changes["notice"]
    assert does.erase(request(), event(what="marked", ids=[three]), three, "", "")["detail"] == ""


def test_all_of_one_s_own_are_deleted_whatever_the_search(does: HistoryActions, runs: RunStore) -> None:
    kept(runs, PAGE + 2)
    kept(runs, 1, BOB)
    does.erase(request(), event(what="all"), "", "a search", "ner")
    assert (runs.count(f"browser:{ANN}"), runs.count(f"browser:{BOB}")) == (0, 1)


def test_an_exported_run_comes_back_by_its_import(does: HistoryActions, runs: RunStore) -> None:
    (run,) = kept(runs, note="好", result=a_result().to_stored())
    document = json.loads(does.export(request(), run)["document"])
    assert document["name"].startswith("techgpt-run-20261125-120000-")
    assert ANN not in document["content"]
    changes = does.take_in(request(BOB), document["content"].encode(), "", "")
    assert ids(changes) == [changes["chosen"]] == [listed(changes)["current"]]
    assert "阿里巴巴" in changes["detail"] and changes["note"] == "好"


@pytest.mark.parametrize(
    ("data", "words"), [(b"", "no valid JSON"), (b"{}", "no exported run"), (b"x" * 6_000_000, "the limit is 5 MB")]
)
def test_a_file_that_is_no_run_is_refused_with_words(
    does: HistoryActions, runs: RunStore, data: bytes, words: str
) -> None:
    assert words in does.take_in(request(), data, "", "")["notice"]
    assert runs.count(f"browser:{ANN}") == 0


def test_a_run_that_cannot_be_shown_is_told_and_logged(
    does: HistoryActions, runs: RunStore, caplog: pytest.LogCaptureFixture
) -> None:
    (run,) = kept(runs, result=a_result().to_stored() | {"mentions": "junk"})
    assert "went wrong" in does.show(request(), event(id=run))["notice"]
    assert "the history failed" in caplog.text
