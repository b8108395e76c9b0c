"""The command ``export``: from runs, databases and files to the files of other tools."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result as Outcome
from typer.testing import CliRunner

from techgpt_ui.annotations import AnnotatedDocument
from techgpt_ui.cli import app, base
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.exporters import export
from techgpt_ui.presets import load_library
from techgpt_ui.store import ReviewStore, RunRecord, RunStore, open_database, sqlite_url
from tests.annotated import a_document
from tests.store.examples import TEXT, a_result, a_run
from tests.store.review_examples import Desk, a_lead

LIBRARY = load_library()
Call = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def presets_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All calls see the real presets, but do not spend a second each on reading them."""
    monkeypatch.setattr(base, "load_library", lambda folder: LIBRARY)


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunRecord]:
    """Two owners' runs in the database of the settings."""
    monkeypatch.setenv("TECHGPT_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TECHGPT_LANG", "en")
    found = [a_run("ann"), a_run("bo"), a_run("ann", settings={"variant": "given-types"})]
    database = open_database(sqlite_url(tmp_path / "data" / "workbench.db"))
    for record in found:
        RunStore(database).add(record)
    database.close()
    return found


def call(*arguments: str | Path) -> Outcome:
    done = CliRunner().invoke(app, ["export", *map(str, arguments)])
    if isinstance(done.exception, WorkbenchError):
        return done
    assert done.exit_code == 0, done.output
    return done


def refusal(*arguments: str | Path) -> WorkbenchError:
    error = call(*arguments).exception
    assert isinstance(error, WorkbenchError)
    return error


def results(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_a_run_is_exported_by_its_id_and_losses_are_told(records: list[RunRecord], tmp_path: Path) -> None:
    done = call(records[0].id, "--format", "conll", "--out", tmp_path / "run.conll")
    assert "阿 -X- _ B-组织" in (tmp_path / "run.conll").read_text(encoding="utf-8")
    assert "1 confidences were left out." in done.stderr and done.stdout == ""


def test_losses_are_told_in_the_language_of_the_settings(
    records: list[RunRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TECHGPT_LANG", "zh")
    assert "1 个置信度未写入" in call(records[0].id, "--format", "conll", "--out", tmp_path / "run.conll").stderr


def test_a_database_gives_all_runs_or_those_of_one_owner(records: list[RunRecord], tmp_path: Path) -> None:
    database = tmp_path / "data" / "workbench.db"
    call(database, "--format", "jsonl", "--out", tmp_path / "all.jsonl")
    call(sqlite_url(database), "--format", "jsonl", "--out", tmp_path / "ann.jsonl", "--owner", "ann")
    assert {row["provenance"]["run"] for row in results(tmp_path / "all.jsonl")} == {one.id for one in records}
    assert {row["provenance"]["run"] for row in results(tmp_path / "ann.jsonl")} == {records[0].id, records[2].id}


def test_what_was_exported_as_results_can_be_exported_again(records: list[RunRecord], tmp_path: Path) -> None:
    call(records[2].id, "--format", "jsonl", "--out", tmp_path / "run.jsonl")
    call(tmp_path / "run.jsonl", "--format", "jsonl", "--out", tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "run.jsonl").read_bytes()
    assert results(tmp_path / "again.jsonl")[0]["provenance"]["variant"] == "given-types"


def test_the_file_of_a_run_from_the_history_is_exported(records: list[RunRecord], tmp_path: Path) -> None:
    from techgpt_ui.store.run_documents import write_run

    (tmp_path / "run.json").write_bytes(write_run(records[0]))
    call(tmp_path / "run.json", "--format", "jsonl", "--out", tmp_path / "out.jsonl")
    assert results(tmp_path / "out.jsonl")[0]["document"]["text"] == TEXT


def test_a_bare_result_needs_its_text(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(a_result().to_json("en"), indent=1), encoding="utf-8")
    (tmp_path / "text").write_text(TEXT, encoding="utf-8")
    asked = (tmp_path / "result.json", "--format", "doccano", "--out", tmp_path / "out.jsonl")
    assert refusal(*asked).code == "export_no_source_text"
    call(*asked, "--source", tmp_path / "text")
    assert results(tmp_path / "out.jsonl")[0]["label"] == [[0, 4, "组织"]]


def test_a_text_that_is_not_the_results_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(json.dumps(a_result().to_json("en")), encoding="utf-8")
    (tmp_path / "text").write_text("另一段文字。", encoding="utf-8")
    error = refusal(
        tmp_path / "result.json", "--format", "csv", "--out", tmp_path / "o.csv", "--source", tmp_path / "text"
    )
    assert error.code == "export_bad_result" and not (tmp_path / "o.csv").exists()


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    path = tmp_path / "reviewed.jsonl"
    path.write_bytes(export([a_document()], "jsonl", LIBRARY).content)
    return path


def test_several_files_stand_beside_the_chief_one(reviewed: Path, tmp_path: Path) -> None:
    call(reviewed, "--format", "label_studio", "--out", tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_bytes())[0]["meta"]["document"] == "doc1"
    assert (tmp_path / "out.config.xml").read_bytes().startswith(b"<View>")


def test_several_files_go_into_an_archive_or_a_new_folder(reviewed: Path, tmp_path: Path) -> None:
    call(reviewed, "--format", "brat", "--out", tmp_path / "brat.zip")
    call(reviewed, "--format", "brat", "--out", tmp_path / "brat")
    in_folder = {path.name: path.read_bytes() for path in (tmp_path / "brat").iterdir()}
    with zipfile.ZipFile(tmp_path / "brat.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == in_folder
    assert set(in_folder) == {"annotation.conf", "visual.conf", "doc1.txt", "doc1.ann"}


def test_a_folder_that_holds_something_is_left_alone(reviewed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "own").write_text("mine", encoding="utf-8")
    assert refusal(reviewed, "--format", "brat", "--out", tmp_path / "mine").code == "export_path_taken"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["own"]
    assert not list(tmp_path.glob(".mine*"))


def test_annotations_of_another_tool_are_turned_into_a_third_ones(reviewed: Path, tmp_path: Path) -> None:
    call(reviewed, "--format", "brat", "--out", tmp_path / "brat")
    call(tmp_path / "brat", "--format", "prodigy", "--out", tmp_path / "out.jsonl")
    assert {row["answer"] for row in results(tmp_path / "out.jsonl")} == {"accept", "reject", "ignore"}


@pytest.mark.parametrize(
    ("source", "code"),
    [("f" * 32, "run_missing"), ("nothing-here", "export_no_such_source"), ("no-such://x", "database_url_bad")],
)
def test_a_source_that_is_not_there_is_told(records: list[RunRecord], tmp_path: Path, source: str, code: str) -> None:
    assert refusal(source, "--format", "csv", "--out", tmp_path / "o.csv").code == code


def test_a_format_that_is_unknown_or_without_fitting_runs_is_told(records: list[RunRecord], tmp_path: Path) -> None:
    out = ("--out", tmp_path / "o")
    assert isinstance(refusal(records[0].id, "--format", "word", *out), UsageError)
    assert refusal(records[0].id, "--format", "csv", "--task", "triples", *out).code == "export_no_documents"
    assert refusal(records[0].id, "--format", "sft", *out).code == "export_nothing_judged"


def test_a_run_that_does_not_fit_its_text_is_told_and_the_others_are_exported(
    records: list[RunRecord], tmp_path: Path
) -> None:
    database = open_database(sqlite_url(tmp_path / "data" / "workbench.db"))
    broken = a_run("ann", inputs={"text": "短"})
    RunStore(database).add(broken)
    database.close()
    done = call(tmp_path / "data" / "workbench.db", "--format", "jsonl", "--out", tmp_path / "o.jsonl")
    assert broken.id in done.stderr and len(results(tmp_path / "o.jsonl")) == 3


def test_a_project_is_exported_by_its_name_or_its_id(records: list[RunRecord], tmp_path: Path) -> None:
    file = tmp_path / "data" / "workbench.db"
    ann = a_project(file)
    ann.say(0, "reject", reason="type")
    asked = [(file, "--project", "组织"), (sqlite_url(file), "--project", ann.project), (ann.project,)]
    for number, source in enumerate(asked):
        call(*source, "--format", "jsonl", "--out", tmp_path / f"{number}.jsonl")
    found = [results(tmp_path / f"{number}.jsonl") for number in range(3)]
    assert found[0] == found[1] == found[2]
    decision = found[0][0]["review"]["mentions"][0]["decision"]
    assert (decision["verdict"], decision["reason"], decision["reviewer"]) == ("reject", "type", "Ann")


def test_a_project_that_cannot_be_told_is_refused(records: list[RunRecord], tmp_path: Path) -> None:
    file = tmp_path / "data" / "workbench.db"
    out = ("--format", "jsonl", "--out", tmp_path / "o.jsonl")
    assert refusal(file, "--project", "组织", *out).code == "review_no_project"
    first, second = a_project(file), a_project(file)
    error = refusal(file, "--project", "组织", *out)
    assert error.code == "review_several_projects" and {first.project, second.project} <= set(
        error.message.en.replace(".", ",").replace(" ", ",").split(",")
    )
    assert refusal(records[0].id, "--project", "组织", *out).code == "export_project_of_database"


def a_project(file: Path) -> Desk:
    return a_lead(ReviewStore(open_database(sqlite_url(file))))


def test_a_document_survives_as_a_record() -> None:
    assert AnnotatedDocument.model_validate_json(a_document().model_dump_json()) == a_document()
