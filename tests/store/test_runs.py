"""The history of runs: whose they are, how they are found, and in which order."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.store import Database, RunRecord, RunStore
from techgpt_ui.store.encoding import MAX_DEPTH
from tests.store.examples import NOON, SQLITE_ONLY, a_result, a_run
from tests.store.strategies import ANY_JSON, ANY_TEXT, WEIRD


def found(runs: RunStore, query: str, owner: str = "ann") -> set[str]:
    return {record.id for record in runs.search(owner, query=query)}


def test_a_run_comes_back_as_it_was(runs: RunStore) -> None:
    record = a_run(note="看起来不错")
    runs.add(record)
    assert runs.get("ann", record.id) == record


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inputs=st.dictionaries(ANY_TEXT, ANY_JSON, max_size=4), note=ANY_TEXT, raw=ANY_TEXT)
def test_any_json_and_any_text_come_back(runs: RunStore, inputs: dict[str, Any], note: str, raw: str) -> None:
    record = a_run(inputs=inputs, note=note, raw=raw)
    runs.add(record)
    assert runs.get("ann", record.id) == record
    assert record.inputs == json.loads(json.dumps(inputs))
    assert record.note == note


@SQLITE_ONLY
def test_what_is_stored_is_text_for_any_database(runs: RunStore, tmp_path: Path) -> None:
    runs.add(a_run(inputs={WEIRD: WEIRD}, raw=WEIRD, note=WEIRD, task=WEIRD))
    connection = sqlite3.connect(tmp_path / "data" / "history.db")
    (row,) = connection.execute("SELECT * FROM runs").fetchall()
    names = [name for _, name, *_ in connection.execute("PRAGMA table_info(runs)")]
    connection.close()
    stored = dict(zip(names, row, strict=True))
    assert all("\0" not in value for value in stored.values() if value)
    assert all(stored[name].isascii() for name in ("inputs", "settings", "result"))


@pytest.mark.parametrize("value", [{"a"}, object(), {("a",): 1}, pytest.param(10**5000, id="number"), b"bytes"])
def test_a_record_holds_nothing_but_json(value: object) -> None:
    with pytest.raises(ValidationError):
        a_run(inputs={"value": value})


@pytest.mark.parametrize("depth", [MAX_DEPTH, 900, 100_000])
def test_a_record_is_not_nested_without_end(depth: int) -> None:
    nested: list[Any] = []
    for _ in range(depth):
        nested = [nested]
    with pytest.raises(ValidationError, match=r"deep|recursion"):
        a_run(inputs={"value": nested})


def test_a_number_that_json_does_not_know_is_unknown() -> None:
    record = a_run(settings={"nan": float("nan"), "inf": float("inf"), "pair": (1, 2)})
    assert record.settings == {"nan": None, "inf": None, "pair": [1, 2]}


def test_moments_are_kept_in_utc_to_the_microsecond(runs: RunStore) -> None:
    east = timezone(timedelta(hours=8))
    record = a_run(created=datetime(2026, 11, 25, 20, 0, 0, 123456, tzinfo=east))
    runs.add(record)
    kept = runs.get("ann", record.id).created
    assert (kept, kept.tzinfo) == (datetime(2026, 11, 25, 12, 0, 0, 123456, tzinfo=UTC), UTC)
    with pytest.raises(ValidationError):
        a_run(created=datetime(2026, 11, 25))
    with pytest.raises(ValidationError):
        a_run(created=datetime.min.replace(tzinfo=east))


def test_two_owners_do_not_see_each_other(runs: RunStore) -> None:
    hers, his = a_run("ann"), a_run("ben")
    for record in (hers, his):
        runs.add(record)
    assert runs.search("ann") == (hers,) and runs.search("ben") == (his,)
    assert (runs.count("ann"), runs.count("ben"), runs.count("cem")) == (1, 1, 0)
    assert found(runs, "阿里巴巴", "ben") == {his.id}
    assert runs.search("ann", before=his.cursor) == (hers,)
    assert runs.search("ben", before=his.cursor) == ()


@pytest.mark.parametrize("owner", ["ANN", "ann ", "an_", "%", ""])
def test_only_the_very_same_owner_is_the_same(runs: RunStore, owner: str) -> None:
    runs.add(a_run("ann"))
    assert (runs.search(owner), runs.count(owner)) == ((), 0)


@pytest.mark.parametrize("run_id", ["0" * 32, "", "\0", "\ud800", "' OR 1=1 --"])
def test_a_run_of_another_owner_is_as_missing_as_none(runs: RunStore, run_id: str) -> None:
    his = a_run("ben")
    runs.add(his)
    said = []
    for wanted in (his.id, run_id):
        for attempt in (runs.get, runs.export, lambda owner, wanted: runs.annotate(owner, wanted, "mine")):
            with pytest.raises(WorkbenchError) as caught:
                attempt("ann", wanted)
            said.append((caught.value.code, caught.value.words("en"), caught.value.params))
    assert set(map(str, said)) == {str(said[0])} and said[0][0] == "run_missing"
    assert runs.get("ben", his.id) == his


def test_deleting_passes_over_what_belongs_to_others(runs: RunStore) -> None:
    hers, kept, his = a_run("ann"), a_run("ann"), a_run("ben")
    for record in (hers, kept, his):
        runs.add(record)
    assert runs.delete("ann", [his.id, "\ud800", "0" * 32]) == 0
    assert runs.delete("ann", [hers.id, his.id, hers.id]) == 1
    assert runs.delete("ann", []) == 0
    assert (runs.search("ann"), runs.search("ben")) == ((kept,), (his,))


def test_all_runs_of_an_owner_are_deleted_and_no_other(runs: RunStore) -> None:
    for owner in ("ann", "ann", "ben"):
        runs.add(a_run(owner))
    assert runs.clear("ann") == 2
    assert (runs.count("ann"), runs.count("ben")) == (0, 1)


def test_many_runs_are_deleted_at_once(runs: RunStore) -> None:
    records = [a_run() for _ in range(3)]
    for record in records:
        runs.add(record)
    assert runs.delete("ann", [*(f"{number:032x}" for number in range(40_000)), *(r.id for r in records)]) == 3


@pytest.mark.parametrize(
    "query",
    [
        "浙江",  # inputs
        "第二段",  # inside a list of the inputs
        "杭州：地点",  # raw answer
        "复核",  # note
        "techgpt",  # model name
        "TECHGPT-7b",
        "Ｔｅｃｈ",  # full-width letters
        "７Ｂ",
        "：地",  # full-width punctuation
        ":地",  # and its half-width form
        "strasse",  # written Straße
        "STRASSE",
        "ｱｲｳ",  # half-width katakana
        "アイウ",
        "100%",
        "a_b",
        "c:\\dir",
        "[x]/*",
        "  浙江\n",  # blanks around it do not count
        "half \ud800",
        "",
    ],
)
def test_search_finds_text_wherever_it_stands(runs: RunStore, query: str) -> None:
    text = "浙江省，Straße，アイウ，100%，a_b，C:\\Dir，[x]/*"
    record = a_run(inputs={"text": text, "more": ["第一段", {"inner": "第二段"}]}, raw="杭州：地点，half \ud800")
    runs.add(record)
    runs.annotate("ann", record.id, "需要复核")
    assert found(runs, query) == {record.id}


@pytest.mark.parametrize("query", ["%", "_", "1__%", "\\", "/", "*", "types", "bf16", "杭州。 Tech", "浙江", "'", "\0"])
def test_search_knows_no_wildcards_and_looks_nowhere_else(runs: RunStore, query: str) -> None:
    runs.add(a_run(settings={"preset": "浙江"}))
    assert found(runs, query) == set()


def test_a_new_note_replaces_the_old_one_in_the_search_too(runs: RunStore) -> None:
    record = a_run(note="first")
    runs.add(record)
    changed = runs.annotate("ann", record.id, "SECOND")
    assert changed == runs.get("ann", record.id) == record.model_copy(update={"note": "SECOND"})
    assert (found(runs, "first"), found(runs, "second")) == (set(), {record.id})


def test_search_by_task(runs: RunStore) -> None:
    ner, other = a_run(task="ner"), a_run(task="triples")
    for record in (ner, other):
        runs.add(record)
    assert runs.search("ann", task="triples") == (other,)
    assert runs.search("ann", task="triples", query="不在") == ()
    assert runs.search("ann", task="") == ()


def test_a_result_without_a_model_is_searched_as_well(runs: RunStore) -> None:
    result = a_result("抛出的回答").model_copy(update={"model": None}).to_json("en")
    record = a_run(result=result)
    runs.add(record)
    assert found(runs, "抛出") == {record.id}


def test_pages_are_newest_first_and_complete_where_moments_are_equal(runs: RunStore) -> None:
    moments = [NOON] * 7 + [NOON + timedelta(microseconds=1)] * 3 + [NOON - timedelta(days=1)]
    records = [a_run(created=moment) for moment in moments]
    for record in records:
        runs.add(record)
    expected = sorted(records, key=lambda record: record.cursor, reverse=True)
    seen: list[RunRecord] = []
    while page := runs.search("ann", limit=3, before=seen[-1].cursor if seen else None):
        seen += page
    assert seen == expected


def test_runs_that_come_or_go_do_not_shift_the_pages(runs: RunStore) -> None:
    records = [a_run(created=NOON + timedelta(seconds=number)) for number in range(6)]
    for record in records:
        runs.add(record)
    first = runs.search("ann", limit=2)
    runs.add(a_run(created=NOON + timedelta(hours=1)))
    runs.delete("ann", [record.id for record in first])
    assert runs.search("ann", limit=2, before=first[-1].cursor) == (records[3], records[2])


@SQLITE_ONLY
def test_paging_reads_along_the_index(database: Database, runs: RunStore) -> None:
    with database.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT id FROM runs WHERE owner = 'ann' ORDER BY created DESC, id DESC LIMIT 50"
        ).all()
    assert [step.detail for step in plan] == [
        "SEARCH runs USING COVERING INDEX ix_runs_owner_created_id (owner=?)",
    ]


def test_the_host_reads_all_runs_oldest_first_or_those_of_one_owner(runs: RunStore) -> None:
    records = [a_run(owner, created=NOON - timedelta(hours=at)) for at, owner in enumerate(("ann", "bo", "ann"))]
    for record in records:
        runs.add(record)
    assert list(runs.every()) == records[::-1]
    assert list(runs.every("ann")) == [records[2], records[0]]


def test_the_host_reads_a_run_whoevers_it_is(runs: RunStore) -> None:
    runs.add(record := a_run("bo"))
    assert runs.of_any_owner(record.id) == record
    with pytest.raises(WorkbenchError) as refused:
        runs.of_any_owner("f" * 32)
    assert refused.value.code == "run_missing"
