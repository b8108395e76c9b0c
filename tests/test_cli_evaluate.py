"""Evaluations on the command line: three documents on the demo model, and what is done with those that are kept."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from techgpt_ui.cli import app
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.evaluation.keeping import conducted
from techgpt_ui.presets import Library
from techgpt_ui.settings import Settings
from techgpt_ui.store import HOST, EvaluationStore, open_database, sqlite_url
from tests.evaluation.answering import RIGHT, THREE, ScriptedEngine, gold_set, plan_of
from tests.test_cli import ROOT, call

GOLD = [
    {"text": "Marie Curie worked in Paris .", "mentions": [{"start": 0, "end": 11, "type": "researcher"}]},
    {"text": "Prolog is older .", "mentions": [{"start": 0, "end": 6, "type": "programlang"}], "lang": "en"},
    {"text": "Nothing is here .", "mentions": []},
]
METRICS = {"string_f1", "span_f1", "strict_f1", "exact_f1", "partial_f1", "type_f1"}
QUICK = ("--max-new-tokens", "16")


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in GOLD), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> EvaluationStore:
    """The database that the commands use as well."""
    url = sqlite_url(tmp_path / "workbench.db")
    monkeypatch.setenv("TECHGPT_DATA", str(settings.data))
    monkeypatch.setenv("TECHGPT_MODEL", settings.model)
    monkeypatch.setenv("TECHGPT_DATABASE_URL", url)
    monkeypatch.setenv("TECHGPT_LANG", "en")
    return EvaluationStore(open_database(url))


@pytest.fixture
def two(library: Library, store: EvaluationStore) -> tuple[str, str]:
    """Two kept evaluations of three documents; the second misses one."""
    ids = []
    for wishes, answers in (({}, RIGHT), ({"shots": 0}, RIGHT | {"Bob went to Rome.": "none"})):
        *_, last = conducted(plan_of(library, **wishes), ScriptedEngine(answers), store=store)
        ids.append(last.id)
    return ids[0], ids[1]


def invoked(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done


def data(*arguments: str | Path) -> Any:
    return json.loads(invoked(*arguments, "--json").stdout)


@pytest.mark.demo_model
@pytest.mark.usefixtures("demo", "store")
def test_three_documents_are_measured_once_and_reported(gold: Path, tmp_path: Path) -> None:
    report, output = tmp_path / "report.html", tmp_path / "figures.json"
    found = data("evaluate", "ner", gold, *QUICK, "--report", report, "--output", output, "--baselines")
    assert (found["n"], found["errors"], sum(found["status"].values())) == (3, 0, 3)
    assert set(found["metrics"]) >= METRICS and found["seconds"] > 0
    assert all(set(figure) == {"value", "low", "high"} for figure in found["metrics"].values())
    assert found["labels"] == ["programlang", "researcher"] and found["baselines"]
    assert found["model"]["name"] == "smollm2-demo" and found["settings"]["seed"] == 0
    written = json.loads(output.read_text(encoding="utf-8"))
    assert len(written.pop("outcomes")) == 3 and written == found
    assert found["id"] in report.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []
    again = invoked("evaluate", "ner", gold, *QUICK)
    assert "* string_f1" in again.stdout and f"{found['seconds']:.1f} s" in again.stdout
    assert "3 of 3 documents done" in again.stderr


@pytest.mark.demo_model
@pytest.mark.usefixtures("demo")
def test_an_interrupted_evaluation_is_told_in_a_sentence_and_kept(store: EvaluationStore, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_text("".join(json.dumps(line) + "\n" for line in GOLD * 10), encoding="utf-8")
    command = [sys.executable, "-m", "techgpt_ui", "evaluate", "ner", str(many)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "0 of 30 documents done\n"
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=120)[1]
    assert process.returncode == 1 and "Give the same command again to go on." in said and "Traceback" not in said
    assert [record.state for record in store.leaderboard(HOST)] == ["stopped"]


@pytest.mark.demo_model
@pytest.mark.usefixtures("demo", "store")
def test_a_sweep_tells_what_cannot_be_had_and_goes_on(
    gold: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, *_: object, **__: object) -> None:
        if name == "int8":
            raise UsageError("gguf_quantised", dtype=name)

    monkeypatch.setattr("techgpt_ui.engines.loading.quantisation", refuse)
    report = tmp_path / "sweep.html"
    grid = ("--dtype", "int8", "--dtype", "fp32", "--shots", "0", "--limit", "1", "--report", report)
    done = CliRunner().invoke(app, [*map(str, ("sweep", "ner", gold, *QUICK, *grid, "--json"))])
    assert done.exit_code == 1 and "int8" in done.stderr and done.stdout, done.stderr
    (entry,) = json.loads(done.stdout)
    assert (entry["point"], entry["dtype"], entry["evaluation"]["n"]) == (2, "fp32", 1)
    assert "fp32" in report.read_text(encoding="utf-8")


def test_a_dry_run_lists_the_grid(gold: Path) -> None:
    listed = data(
        "sweep", "ner", gold, "--dry-run", "--model", "a", "--shots", "0", "--shots", "2", "--grounded", "--free"
    )
    assert [(point["shots"], point["grounded"]) for point in listed] == [
        (0, True), (0, False), (2, True), (2, False),
    ]  # fmt: skip


def test_two_evaluations_are_compared_by_the_beginnings_of_their_ids(two: tuple[str, str], tmp_path: Path) -> None:
    report = tmp_path / "comparison.html"
    found = data("compare", two[0][:8], two[1][:8], "--report", report)
    assert (found["a"], found["b"], found["n"]) == (*two, 3)
    assert found["counts"] == {"regressions": 1, "improvements": 0, "changed": 0, "equal": 2}
    assert set(found["metrics"]["string_f1"]) == {"a", "b", "difference", "low", "high", "p"}
    (difference,) = found["differences"]
    assert difference["answers"] == {"a": "Entity: Rome, Type: location", "b": "none"}
    assert "Bob went to Rome." in report.read_text(encoding="utf-8")


def test_a_comparison_for_people(two: tuple[str, str]) -> None:
    words = invoked("compare", *two).stdout
    assert "* string_f1" in words and "1 worse, 0 better" in words


@pytest.mark.usefixtures("two")
def test_evaluations_of_other_gold_are_not_compared(
    library: Library, store: EvaluationStore, two: tuple[str, str]
) -> None:
    *_, last = conducted(plan_of(library, gold_set(*THREE.documents, sha256="e" * 64)), ScriptedEngine(), store=store)
    with pytest.raises(WorkbenchError, match="different gold"):
        invoked("compare", two[0], last.id)


def test_the_leaderboard_has_the_best_first(two: tuple[str, str]) -> None:
    rows = data("leaderboard")
    assert [row["id"] for row in rows] == list(two)
    assert rows[0]["metrics"]["string_f1"]["value"] == 1 and rows[0]["headline"] == "string_f1"
    assert [line.split()[0] for line in invoked("leaderboard").stdout.splitlines()] == [ident[:8] for ident in two]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("wanted", "count"),
    [(("--task", "ner"), 2), (("--task", "triples"), 0), (("--gold", "gold.jsonl"), 2), (("--gold", "other"), 0)],
)
def test_the_leaderboard_by_task_and_gold(wanted: tuple[str, str], count: int) -> None:
    assert len(data("leaderboard", *wanted)) == count


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("evaluate", "nonsense", "{gold}"), "no task named nonsense"),
        (("evaluate", "ner", "/nowhere/gold.jsonl"), "/nowhere/gold.jsonl"),
        (("evaluate", "ner", "{gold}", "--report", "/nowhere/report.html"), "/nowhere/report.html"),
        (("evaluate", "ner", "{gold}", "--labels", " , "), "no labels"),
        (("evaluate", "ner", "{gold}", "--limit", "0"), "--limit"),
        (("evaluate", "ner", "{gold}", "--sampling", "hot"), "no sampling preset named hot"),
        (("compare", "abc", "abd"), "“abc”"),
        (("leaderboard", "--task", "nonsense"), "no task named nonsense"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(tmp_path: Path, gold: Path, arguments: tuple[str, ...], words: str) -> None:
    given = [argument.format(gold=gold) for argument in arguments]
    done = call(*given, TECHGPT_DATABASE_URL=sqlite_url(tmp_path / "workbench.db"), TECHGPT_LANG="en")
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr and done.stdout == ""
