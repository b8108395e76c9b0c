"""The command line with the model on a server."""

from pathlib import Path

from tests.engines.server_words import models, says
from tests.loopback import listening
from tests.test_cli import call, data

KEY = "sk-secret-0123456789"


def test_a_run_goes_to_the_server_and_needs_no_model_here(tmp_path: Path) -> None:
    with listening() as server:
        server.pages["/v1/models"] = models()
        server.script.append(says("实体名: 周蕙， 实体类型：人物"))
        result = data(
            "run", "ner", "--input", "text=周蕙出生于台湾。", "--model", "techgpt-7b", "--base-url", server.address,
            TECHGPT_API_KEY=KEY, TECHGPT_DATA=str(tmp_path),
        )  # fmt: skip
    assert [mention["text"] for mention in result["mentions"]] == ["周蕙"]
    assert result["model"] == {"name": "neukg/TechGPT-7B", "revision": server.address, "dtype": "remote"}
    assert server.posted[0].headers["authorization"] == f"Bearer {KEY}" and KEY not in str(result)
    assert server.posted[0].body["prompt"].startswith("Human: 抽取出下面文本的实体和实体类型：\n周蕙出生于台湾。")
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_asks_the_server(tmp_path: Path) -> None:
    with listening() as server:
        server.pages["/v1/models"] = models("vllm")
        found = call("doctor", TECHGPT_BASE_URL=server.address, TECHGPT_DATA=str(tmp_path))
        server.pages["/v1/models"] = b"<html>"
        other = call("doctor", TECHGPT_BASE_URL=server.address, TECHGPT_DATA=str(tmp_path))
    assert "vllm" in found.stdout and "neukg/TechGPT-7B" in found.stdout
    assert other.returncode == 1 and "BAD server" in other.stdout


def test_an_address_that_is_none_is_refused_without_repeating_it(tmp_path: Path) -> None:
    done = call("run", "qa", "--input", "question=?", "--base-url", f"ftp://me:{KEY}@host", TECHGPT_LANG="zh")
    assert done.returncode == 2 and "TECHGPT_BASE_URL" in done.stderr and KEY not in done.stderr
