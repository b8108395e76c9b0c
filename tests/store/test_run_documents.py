"""A run leaves as a JSON document and comes back; what is no such document is refused with a reason."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from techgpt_ui.errors import UsageError
from techgpt_ui.store import IMPORT_LIMIT, RunRecord, RunStore
from tests.store.examples import NOON, a_run
from tests.store.strategies import ANY_TEXT, WEIRD

Change = Callable[[dict[str, Any]], object]


def apart_from_identity(record: RunRecord) -> dict[str, Any]:
    return record.model_dump(exclude={"id", "owner", "kind", "origin"})


def refusal(runs: RunStore, data: bytes) -> UsageError:
    with pytest.raises(UsageError) as caught:
        runs.import_record("ben", data)
    assert runs.count("ben") == 0
    return caught.value


@pytest.fixture
def exported(runs: RunStore) -> bytes:
    record = a_run(note="看", created=NOON)
    runs.add(record)
    return runs.export("ann", record.id)


def changed(exported: bytes, change: Change) -> bytes:
    document = json.loads(exported)
    change(document)
    return json.dumps(document).encode("utf-8")


def test_an_export_names_its_format_and_is_legible(exported: bytes) -> None:
    document = json.loads(exported)
    assert (document["format"], document["version"]) == ("techgpt-run", 1)
    assert document["run"]["created"] == "2026-11-25T12:00:00+00:00"
    assert "阿里巴巴在杭州。" in exported.decode("utf-8")


def test_an_export_does_not_say_whose_run_it_was(exported: bytes) -> None:
    assert "owner" not in json.loads(exported)["run"]
    assert b"ann" not in exported


def test_an_imported_run_is_the_importers_own(runs: RunStore) -> None:
    record = a_run(note="看", inputs={"text": WEIRD}, raw=WEIRD)
    runs.add(record)
    imported = runs.import_record("ben", runs.export("ann", record.id))
    assert runs.get("ben", imported.id) == imported
    assert (imported.owner, imported.kind, imported.origin) == ("ben", "import", record.id)
    assert imported.id != record.id
    assert apart_from_identity(imported) == apart_from_identity(record)
    assert runs.search("ann") == (record,)


def test_a_run_can_be_imported_twice(runs: RunStore, exported: bytes) -> None:
    first, second = (runs.import_record("ben", exported) for _ in range(2))
    assert first.id != second.id and runs.count("ben") == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inputs=st.dictionaries(ANY_TEXT, ANY_TEXT), note=ANY_TEXT, raw=ANY_TEXT)
def test_any_text_survives_the_journey(runs: RunStore, inputs: dict[str, str], note: str, raw: str) -> None:
    record = a_run(inputs=inputs, note=json.loads(json.dumps(note)), raw=raw)
    runs.add(record)
    imported = runs.import_record("ben", runs.export("ann", record.id))
    assert apart_from_identity(runs.get("ben", imported.id)) == apart_from_identity(record)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"not json",
        b"\xff\xfe\xff",
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b"\x89PNG\r\n",
    ],
)
def test_what_is_not_json(runs: RunStore, data: bytes) -> None:
    assert refusal(runs, data).code == "import_not_json"


@pytest.mark.parametrize("data", [b"[]", b"null", b'"techgpt-run"', b"{}", b'{"format": "other", "version": 1}'])
def test_json_of_another_kind(runs: RunStore, data: bytes) -> None:
    assert refusal(runs, data).code == "import_not_a_run"


def test_a_file_of_absurd_size(runs: RunStore, exported: bytes) -> None:
    limit = exported + b" " * (IMPORT_LIMIT - len(exported))
    error = refusal(runs, limit + b" ")
    assert (error.code, error.params["limit"]) == ("import_too_large", "5")
    runs.import_record("ben", limit)


def test_a_document_of_a_newer_version(runs: RunStore, exported: bytes) -> None:
    error = refusal(runs, changed(exported, lambda document: document.update(version=2, run="unheard of")))
    assert error.code == "import_newer"
    assert "version 2" in error.message.en and "Update the app" in error.hint.en


KEYS = ["id", "kind", "task", "created", "inputs", "settings", "result", "code_version", "note", "origin"]


@pytest.mark.parametrize("key", KEYS)
def test_a_run_without_one_of_its_keys(runs: RunStore, exported: bytes, key: str) -> None:
    error = refusal(runs, changed(exported, lambda document: document["run"].pop(key)))
    assert error.message.en == f"“run” in the file lacks {key}."


@pytest.mark.parametrize("key", ["task", "status", "prompt", "raw", "sampling", "warnings"])
def test_a_result_without_one_of_its_keys(runs: RunStore, exported: bytes, key: str) -> None:
    error = refusal(runs, changed(exported, lambda document: document["run"]["result"].pop(key)))
    assert error.message.en == f"“run.result” in the file lacks {key}."


@pytest.mark.parametrize("key", ["version", "run"])
def test_a_document_without_one_of_its_keys(runs: RunStore, exported: bytes, key: str) -> None:
    assert refusal(runs, changed(exported, lambda document: document.pop(key))).code == "import_keys_missing"


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda document: document.update(version="1"), "version"),
        (lambda document: document.update(version=True), "version"),
        (lambda document: document.update(version=0), "version"),
        (lambda document: document.update(run=[]), "run"),
        (lambda document: document["run"].update(id="../../etc"), "run.id"),
        (lambda document: document["run"].update(kind="stolen"), "run.kind"),
        (lambda document: document["run"].update(task=7), "run.task"),
        (lambda document: document["run"].update(created="yesterday"), "run.created"),
        (lambda document: document["run"].update(created="2026-11-25T12:00:00"), "run.created"),
        (lambda document: document["run"].update(created="0001-01-01T00:00:00+14:00"), "run.created"),
        (lambda document: document["run"].update(inputs=[]), "run.inputs"),
        (lambda document: document["run"].update(note=None), "run.note"),
        (lambda document: document["run"].update(surprise=1), "run.surprise"),
        (lambda document: document["run"].update(owner="ann"), "run.owner"),
        (lambda document: document["run"]["result"].update(warnings="one"), "run.result.warnings"),
        (lambda document: document["run"]["result"].update(warnings=[1]), "run.result.warnings"),
        (lambda document: document["run"]["result"].update(status="wonderful"), "run.result.status"),
        (lambda document: document["run"]["result"].update(model="TechGPT"), "run.result.model"),
        (lambda document: document["run"]["result"]["mentions"][0].update(start="x"), "run.result.mentions.0.start"),
        (lambda document: document["run"]["result"].update(surprise=1), "run.result.surprise"),
    ],
)
def test_a_value_that_cannot_be(runs: RunStore, exported: bytes, change: Change, name: str) -> None:
    error = refusal(runs, changed(exported, change))
    assert (error.code, error.params["name"]) == ("import_bad_value", name)


def test_deep_nesting_inside_a_run(runs: RunStore, exported: bytes) -> None:
    nested = json.loads("[" * 300 + "]" * 300)
    error = refusal(runs, changed(exported, lambda document: document["run"].update(settings={"deep": nested})))
    assert (error.code, error.params["name"]) == ("import_bad_value", "run.settings")


def test_every_refusal_has_words_in_both_languages(runs: RunStore) -> None:
    error = refusal(runs, b"{")
    assert error.words("zh") != error.words("en")
