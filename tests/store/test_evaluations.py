"""Evaluations: whose they are, how they are gone on with, and what may be read of another's."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.store import HOST, Database, EvaluationRecord, EvaluationStore, OutcomeRecord
from tests.store.examples import NOON, SQLITE_ONLY
from tests.store.strategies import ANY_JSON, ANY_TEXT, WEIRD

SCORES = {"headline": "accuracy", "figures": [{"name": "accuracy", "value": 0.5, "low": None, "high": 1.0}]}
FIGURES: dict[str, Any] = {"scores": SCORES, "conduct": {"n": 2}, "baselines": {"frequent": SCORES}}


@pytest.fixture
def evaluations(database: Database) -> EvaluationStore:
    return EvaluationStore(database)


def an_evaluation(number: int = 1, owner: str = "ann", **changes: Any) -> EvaluationRecord:
    usual: dict[str, Any] = {
        "task": "ner",
        "gold": "dev.jsonl",
        "gold_sha256": "a" * 64,
        "documents": 2,
        "settings": {"model": "techgpt-7b", "seed": 7},
        "model": {"name": "techgpt-7b", "revision": "main", "dtype": "bf16"},
        "code_version": "1.0",
        "created": NOON,
        "updated": NOON,
    }
    return EvaluationRecord(id=f"{number:032x}", owner=owner, **usual | changes)


def an_outcome(position: int, **content: Any) -> OutcomeRecord:
    return OutcomeRecord(position=position, content=content or {"raw": "Rome"})


def test_an_evaluation_comes_back_as_it_was(evaluations: EvaluationStore) -> None:
    record = an_evaluation(model=None, gold=WEIRD, settings={WEIRD: WEIRD})
    assert evaluations.begin(record) == record
    assert evaluations.get("ann", record.id) == record


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.dictionaries(ANY_TEXT, ANY_JSON, max_size=3), max_size=4))
def test_any_outcome_comes_back(evaluations: EvaluationStore, contents: list[dict[str, Any]]) -> None:
    record = evaluations.begin(an_evaluation(), fresh=True)
    outcomes = tuple(OutcomeRecord(position=at, content=content) for at, content in enumerate(contents))
    for outcome in reversed(outcomes):
        evaluations.add_outcome("ann", record.id, outcome)
    assert evaluations.outcomes("ann", record.id) == outcomes


@SQLITE_ONLY
def test_what_is_stored_is_text_for_any_database(evaluations: EvaluationStore, tmp_path: Path) -> None:
    record = evaluations.begin(an_evaluation(gold=WEIRD, settings={WEIRD: WEIRD}))
    evaluations.add_outcome("ann", record.id, an_outcome(0, raw=WEIRD))
    connection = sqlite3.connect(tmp_path / "data" / "history.db")
    rows = connection.execute("SELECT * FROM evaluations").fetchall()
    rows += connection.execute("SELECT * FROM evaluation_outcomes").fetchall()
    connection.close()
    assert all("\0" not in value for row in rows for value in row if isinstance(value, str))


@pytest.mark.parametrize("name", ["settings", "scores"])
def test_a_record_holds_nothing_but_json(name: str) -> None:
    with pytest.raises(ValidationError):
        an_evaluation(**{name: {"value": object()}})


def test_a_later_outcome_of_a_position_takes_the_earlier_ones_place(evaluations: EvaluationStore) -> None:
    record = evaluations.begin(an_evaluation())
    for raw in ("first", "second"):
        evaluations.add_outcome("ann", record.id, an_outcome(0, raw=raw))
    assert [outcome.content for outcome in evaluations.outcomes("ann", record.id)] == [{"raw": "second"}]


def test_beginning_again_goes_on_with_what_is_there(evaluations: EvaluationStore) -> None:
    record = evaluations.begin(an_evaluation())
    evaluations.add_outcome("ann", record.id, an_outcome(0))
    evaluations.stop("ann", record.id)
    assert evaluations.get("ann", record.id).state == "stopped"
    again = evaluations.begin(an_evaluation(created=NOON + timedelta(days=1)))
    assert (again.state, again.created, len(evaluations.outcomes("ann", record.id))) == ("running", NOON, 1)


def test_two_that_begin_the_same_at_once_share_it(evaluations: EvaluationStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda _: evaluations.begin(an_evaluation()).id, range(16)))
    assert len(set(begun)) == 1 and len(evaluations.leaderboard("ann")) == 1


def test_a_fresh_beginning_forgets_what_was_there(evaluations: EvaluationStore) -> None:
    record = evaluations.begin(an_evaluation())
    evaluations.add_outcome("ann", record.id, an_outcome(0))
    evaluations.finish("ann", record.id, **FIGURES)
    again = evaluations.begin(an_evaluation(), fresh=True)
    assert (again.state, again.scores, evaluations.outcomes("ann", record.id)) == ("running", None, ())


def test_a_finished_evaluation_has_its_figures_and_stays_finished(evaluations: EvaluationStore) -> None:
    record = evaluations.begin(an_evaluation())
    finished = evaluations.finish("ann", record.id, **FIGURES)
    assert (finished.state, finished.scores, finished.conduct) == ("finished", SCORES, {"n": 2})
    assert finished.baselines == {"frequent": SCORES} and finished.updated > record.updated
    assert evaluations.begin(an_evaluation()) == finished


def test_a_figure_that_is_no_number_is_unknown(evaluations: EvaluationStore) -> None:
    record = evaluations.begin(an_evaluation())
    finished = evaluations.finish("ann", record.id, scores={"value": float("nan")}, conduct={}, baselines={})
    assert finished.scores == {"value": None}


@pytest.mark.parametrize("reader", ["ann", "ben", HOST])
def test_everybody_reads_what_is_the_hosts(evaluations: EvaluationStore, reader: str) -> None:
    record = evaluations.begin(an_evaluation(owner=HOST))
    evaluations.add_outcome(HOST, record.id, an_outcome(0))
    assert evaluations.get(reader, record.id).owner == HOST
    assert len(evaluations.outcomes(reader, record.id)) == 1
    assert evaluations.done(reader, [record.id]) == {record.id: 1}
    assert [found.id for found in evaluations.leaderboard(reader)] == [record.id]


Change = Callable[[EvaluationStore, str, str], object]
CHANGES: dict[str, Change] = {
    "add_outcome": lambda store, owner, ident: store.add_outcome(owner, ident, an_outcome(0)),
    "finish": lambda store, owner, ident: store.finish(owner, ident, **FIGURES),
    "stop": lambda store, owner, ident: store.stop(owner, ident),
}
READINGS: dict[str, Change] = {
    "get": lambda store, owner, ident: store.get(owner, ident),
    "outcomes": lambda store, owner, ident: store.outcomes(owner, ident),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_changes_what_is_the_hosts(evaluations: EvaluationStore, change: str) -> None:
    record = evaluations.begin(an_evaluation(owner=HOST))
    with pytest.raises(WorkbenchError) as caught:
        CHANGES[change](evaluations, "ann", record.id)
    assert caught.value.code == "evaluation_missing" and evaluations.get(HOST, record.id) == record
    assert evaluations.delete("ann", [record.id]) == 0


@pytest.mark.parametrize("access", CHANGES | READINGS)
@pytest.mark.parametrize("name", ["his", "0" * 32, "", "\0", "\ud800", "%"])
def test_another_owners_evaluation_is_as_missing_as_none(evaluations: EvaluationStore, access: str, name: str) -> None:
    his = evaluations.begin(an_evaluation(owner="ben"))
    with pytest.raises(WorkbenchError) as caught:
        (CHANGES | READINGS)[access](evaluations, "ann", his.id if name == "his" else name)
    assert caught.value.code == "evaluation_missing" and evaluations.get("ben", his.id) == his


def test_an_id_that_another_owner_has_is_not_gone_on_with(evaluations: EvaluationStore) -> None:
    his = evaluations.begin(an_evaluation(owner="ben"))
    with pytest.raises(WorkbenchError):
        evaluations.begin(an_evaluation(owner="ann"), fresh=True)
    assert evaluations.get("ben", his.id) == his


def test_the_leaderboard_is_of_ones_own_and_the_hosts_newest_first(evaluations: EvaluationStore) -> None:
    owners = ["ann", "ben", HOST]
    for number, owner in enumerate(owners, start=1):
        evaluations.begin(an_evaluation(number, owner, created=NOON + timedelta(seconds=number)))
    assert [record.owner for record in evaluations.leaderboard("ann")] == [HOST, "ann"]


def test_the_leaderboard_by_task_gold_and_state(evaluations: EvaluationStore) -> None:
    evaluations.begin(an_evaluation(1))
    evaluations.begin(an_evaluation(2, task="triples"))
    evaluations.begin(an_evaluation(3, gold_sha256="b" * 64))
    evaluations.finish("ann", f"{3:032x}", **FIGURES)

    def found(**wanted: Any) -> list[int]:
        return sorted(int(record.id, 16) for record in evaluations.leaderboard("ann", **wanted))

    assert (found(task="ner"), found(gold_sha256="b" * 64), found(state="finished")) == ([1, 3], [3], [3])
    assert found(task="ner", state="running") == [1]


@pytest.mark.parametrize(
    ("beginning", "code"), [("0", "evaluation_ambiguous"), ("f", "evaluation_unknown"), ("%", "evaluation_unknown")]
)
def test_a_beginning_that_names_not_just_one_is_told(evaluations: EvaluationStore, beginning: str, code: str) -> None:
    evaluations.begin(an_evaluation(1))
    evaluations.begin(an_evaluation(2))
    with pytest.raises(UsageError) as caught:
        evaluations.find("ann", beginning)
    assert caught.value.code == code


def test_an_evaluation_is_found_by_the_beginning_of_its_id(evaluations: EvaluationStore) -> None:
    record = evaluations.begin(an_evaluation(0xABC << 116))
    evaluations.begin(an_evaluation(0xABD << 116, owner="ben"))
    assert evaluations.find("ann", "ab") == record


def test_deleting_takes_the_outcomes_along_and_passes_over_others(
    evaluations: EvaluationStore, database: Database
) -> None:
    hers, his = evaluations.begin(an_evaluation(1)), evaluations.begin(an_evaluation(2, "ben"))
    for record in (hers, his):
        evaluations.add_outcome(record.owner, record.id, an_outcome(0))
    assert evaluations.delete("ann", [hers.id, his.id, "\ud800"]) == 1
    with database.reading() as connection:
        left = connection.exec_driver_sql("SELECT evaluation FROM evaluation_outcomes").scalars().all()
    assert left == [his.id]


def test_an_evaluation_that_was_deleted_takes_no_more_outcomes(evaluations: EvaluationStore) -> None:
    record = evaluations.begin(an_evaluation())
    evaluations.delete("ann", [record.id])
    with pytest.raises(WorkbenchError):
        evaluations.add_outcome("ann", record.id, an_outcome(0))


def test_an_unfinished_one_counts_what_is_done(evaluations: EvaluationStore) -> None:
    one, other = evaluations.begin(an_evaluation(1)), evaluations.begin(an_evaluation(2))
    for position in range(3):
        evaluations.add_outcome("ann", one.id, an_outcome(position))
    assert evaluations.done("ann", [one.id, other.id, "0" * 32]) == {one.id: 3, other.id: 0}
