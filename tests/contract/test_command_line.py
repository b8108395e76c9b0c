"""The command line's contract for every capability: it runs on the models for a trial, and reads untidy answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from techgpt_ui.cli import app
from techgpt_ui.presets import Library, load_library
from techgpt_ui.schema import Result
from techgpt_ui.settings import DEFAULT_MODEL

SOURCE = "《女人树》由周蕙演唱，2月8日上午在台北发行。氧化铝薄膜属于材料领域。"

# (task, inputs for parse, untidy answer, what the Result must hold, what is left over)
UNTIDY: list[tuple[str, list[str], str, dict[str, Any], list[str]]] = [
    ("terms", [], "领域术语：\n1、氧化铝薄膜\n2、材料", {"items": ["氧化铝薄膜", "材料"]}, []),
    ("ner", [], "好的：\n实体名:周蕙,实体类型:人物", {"mentions": ["周蕙"]}, ["好的："]),
    ("triples", [], "＜周蕙，演唱，女人树＞\n<周蕙, 出", {"relations": ["演唱"]}, ["<周蕙, 出"]),
    ("keywords", [], "关键词：周蕙；女人树、专辑。", {"items": ["周蕙", "女人树", "专辑"]}, []),
    ("title_to_abstract", [], "\n 本文研究了氧化铝。 \n", {"text": "本文研究了氧化铝。"}, []),
    ("abstract_to_title", [], "标题：《氧化铝薄膜》\n希望您满意", {"text": "氧化铝薄膜"}, ["希望您满意"]),
    ("domain", ["labels=材料,医学"], "该文本属于材料领域。", {"labels": ["材料"]}, []),
    ("mrc", [], "答：是周蕙。", {"text": "答：是周蕙。", "items": ["周蕙"]}, []),
    ("qa", [], "沸点是100摄氏度。\nHuman: 还有呢", {"text": "沸点是100摄氏度。"}, []),
    ("context_qa", [], "无法回答", {"text": "无法回答", "items": []}, []),
    ("advice", [], "1. 早睡\n2. 早起", {"text": "1. 早睡\n2. 早起"}, []),
    ("copywriting", [], "轻便，耐用。", {"text": "轻便，耐用。"}, []),
    ("translation", [], "Alumina films.", {"text": "Alumina films."}, []),
    ("code", [], "如下：\n```python\nprint(1)\n```", {"code": ["print(1)"], "text": "如下："}, []),
    (
        "open_ie",
        ["fields=时间,地点"],
        "**时间**：2月8日上午。\n地点：无",
        {"fields": {"时间": ["2月8日上午"], "地点": []}},
        [],
    ),
    ("chat", [], "你好！", {"text": "你好！"}, []),
]


def call(*arguments: str | Path) -> Any:
    """The JSON of a call in this process."""
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def spelled(result: dict[str, Any], key: str) -> Any:
    """The words under one key of a Result."""
    value = result[key]
    if key == "text":
        return value
    if key == "fields":
        return {name: [item["text"] for item in items] for name, items in value.items()}
    word = {"relations": "predicate", "code": "source"}.get(key, "text")
    return [entry[word] for entry in value]


def test_tasks_lists_sixteen_in_both_languages() -> None:
    listed = call("tasks")
    assert len(listed) == 16
    assert all(task["title"]["zh"] and task["title"]["en"] and task["help"]["zh"] for task in listed)


def test_every_capability_has_an_untidy_answer_here(library: Library) -> None:
    assert {task_id for task_id, *_ in UNTIDY} == set(library.tasks)


@pytest.mark.parametrize(("task_id", "inputs", "raw", "found", "left"), UNTIDY, ids=[entry[0] for entry in UNTIDY])
def test_parse_reads_an_untidy_answer_and_reports_what_is_left(
    tmp_path: Path, task_id: str, inputs: list[str], raw: str, found: dict[str, Any], left: list[str]
) -> None:
    (tmp_path / "source").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "raw").write_text(raw, encoding="utf-8")
    given = [part for pair in inputs for part in ("--input", pair)]
    result = call("parse", task_id, "--source", tmp_path / "source", "--raw", tmp_path / "raw", *given)
    assert {key: spelled(result, key) for key in found} == found
    assert result["unparsed"] == left and result["status"] == ("partial" if left else "parsed")


@pytest.mark.parametrize("task_id", ["ner", "triples", "domain", "code"])
def test_parse_says_unparsed_and_keeps_the_answer(tmp_path: Path, task_id: str) -> None:
    (tmp_path / "source").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "raw").write_text("很抱歉，这个问题我实在没有办法帮助您，请您换一个问题再试一试吧", encoding="utf-8")
    result = call("parse", task_id, "--source", tmp_path / "source", "--raw", tmp_path / "raw")
    assert result["status"] == "unparsed" and "".join(result["unparsed"]).startswith("很抱歉")


@pytest.mark.demo_model
@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("model", [DEFAULT_MODEL, "smollm2-demo"])
@pytest.mark.parametrize("task_id", sorted(load_library().tasks))
def test_run_works_on_the_demo_model(
    library: Library, monkeypatch: pytest.MonkeyPatch, settings: Any, task_id: str, model: str
) -> None:
    monkeypatch.setenv("TECHGPT_DATA", str(settings.data))
    task = library.task(task_id)
    given = []
    for name, value in task.samples[0].inputs.items():
        words = json.dumps(value, ensure_ascii=False) if name == task.turns_input else value
        joined = ",".join(words) if isinstance(words, list) else str(words)
        given += ["--input", f"{name}={joined}"]
    result = call("run", task_id, *given, "--model", model, "--seed", "7", "--max-new-tokens", "16")
    read = Result.from_stored(result)
    assert read.raw and read.model is not None and read.model.name == model
    assert read.usage is not None and read.usage.completion_tokens <= 16
    allowed = {
        "task",
        "status",
        "prompt",
        "raw",
        "seed",
        "sampling",
        "model",
        "mentions",
        "relations",
        "items",
        "fields",
    }
    allowed |= {"labels", "text", "code", "unparsed", "warnings", "finish_reason", "usage"}
    assert set(result) <= allowed
