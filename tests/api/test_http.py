"""The HTTP endpoints of the running app, as gradio_client and plain HTTP see them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from techgpt_ui.engines.host import ModelHost
from techgpt_ui.pipeline import complete, make_sampling
from techgpt_ui.presets import Library, load_library
from tests.api.calls import (
    FEW_TOKENS,
    PATIENCE_S,
    ROOT,
    SEED,
    joined,
    posted,
    seconds_of_a_short_run,
    timeless,
    wait_until,
)

TASKS = list(load_library().tasks)

pytestmark = pytest.mark.demo_model


@pytest.mark.parametrize("task_id", TASKS)
def test_an_endpoint_answers_as_the_pipeline_does(
    answered: Callable[[str], dict[str, Any]], library: Library, host: ModelHost, task_id: str
) -> None:
    task = library.task(task_id)
    wanted = complete(
        task,
        task.samples[0].inputs,
        model=host.preset,
        engine=host.engine(),
        sampling=make_sampling(library.sampling(task.sampling).values, {"max_new_tokens": FEW_TOKENS}),
        seed=SEED,
        grounded=task.grounded,
    )
    assert timeless(answered(task_id)) == timeless(wanted.to_json("en"))


@pytest.mark.parametrize("task_id", ["ner", "mrc"])
def test_an_endpoint_answers_as_the_command_line_does(
    client: Client, library: Library, demo: Path, task_id: str
) -> None:
    given = {name: value for name, value in library.task(task_id).samples[0].inputs.items() if isinstance(value, str)}
    pairs = [part for name, value in given.items() for part in ("--input", f"{name}={value}")]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "techgpt_ui",
            "run",
            task_id,
            "--seed",
            str(SEED),
            "--max-new-tokens",
            "16",
            "--json",
            *pairs,
        ],
        cwd=ROOT,
        env=os.environ | {"TECHGPT_DATA": str(demo.parent.parent), "TECHGPT_LANG": "", "TECHGPT_MODEL": "smollm2-demo"},
        capture_output=True,
        check=True,
    )
    answer = client.predict(api_name=f"/{task_id}", seed=SEED, max_new_tokens=16, **given)
    assert timeless(answer) == timeless(json.loads(done.stdout))


def test_an_answer_grows_until_it_is_whole(client: Client) -> None:
    job = client.submit(message="Tell me about steel.", seed=SEED, max_new_tokens=12, api_name="/chat")
    result = job.result()
    *partial, last = job.outputs()
    written = list(dict.fromkeys(update["raw"] for update in partial))
    assert last == result
    assert len(written) > 3
    assert all(len(more) > len(less) and more.startswith(less) for less, more in pairwise(written))
    assert result["raw"].startswith(written[-1])
    assert {update["phase"] for update in partial} <= {"loading", "waiting", "generating"}


def test_grounding_and_the_sampling_preset_can_be_chosen(client: Client) -> None:
    text = "Ada Lovelace met Charles Babbage in London."
    free = client.predict(text=text, grounded=False, sampling="upstream", max_new_tokens=10, api_name="/ner")
    assert free["sampling"]["num_beams"] == load_library().sampling("upstream").values.num_beams
    assert free["sampling"]["max_new_tokens"] == 10
    bound = client.predict(text=text, grounded=True, max_new_tokens=4, api_name="/ner")
    assert bound["raw"].startswith("Entity: ")


def test_tasks_are_listed_as_on_the_command_line(client: Client) -> None:
    command = [sys.executable, "-m", "techgpt_ui", "tasks", "--json"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    assert client.predict(api_name="/tasks") == json.loads(listed)


def test_an_answer_from_elsewhere_is_read_as_on_the_command_line(client: Client, tmp_path: Path) -> None:
    source, raw = "Ada met 张三 in London.", "Entity: Ada, Type: person\r\nEntity: 张三, Type: person\n\x07?"
    (tmp_path / "source").write_bytes(source.encode())
    (tmp_path / "raw").write_bytes(raw.encode())
    files = ["--source", str(tmp_path / "source"), "--raw", str(tmp_path / "raw")]
    command = [sys.executable, "-m", "techgpt_ui", "parse", "ner", *files, "--json"]
    read = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"TECHGPT_LANG": ""}, capture_output=True, check=True
    ).stdout
    assert client.predict("ner", source, raw, api_name="/parse") == json.loads(read)


@pytest.mark.parametrize(
    ("endpoint", "call", "words"),
    [
        ("ner", {"text": "  "}, "“Text” is empty"),
        ("ner", {"text": None}, "“text” must be a text"),
        ("ner", {"text": 5}, "“text” must be a text"),
        ("ner", {"text": {"path": "/etc/hostname"}}, "“text” must be a text"),
        ("ner", {"text": "x" * 100_001}, "the limit is 100000"),
        ("ner", {"text": "a\x00b"}, "U+0000"),
        ("ner", {"text": "a\ud800b"}, "lone surrogate"),
        ("ner", {"text": "x", "types": "person"}, "“types” must be a list of texts"),
        ("ner", {"text": "x", "types": [5]}, "“types” must be a list of texts"),
        ("ner", {"text": "x", "types": ["a:b"]}, "cannot be used as a name"),
        ("ner", {"text": "x", "seed": -1}, "seed cannot be -1"),
        ("ner", {"text": "x", "seed": True}, "“seed” must be a whole number"),
        ("ner", {"text": "x", "max_new_tokens": 9999}, "max_new_tokens cannot be 9999"),
        ("ner", {"text": "x", "sampling": "nothing"}, "no sampling preset named nothing"),
        ("ner", {"text": "x", "grounded": "yes"}, "“grounded” must be true or false"),
        ("translation", {"text": "x", "direction": "en-fr"}, "knows no “en-fr”"),
        ("copywriting", {"topic": "x", "length": 3}, "from 5 to 2000"),
        ("chat", {"message": "x", "history": {"role": "user"}}, "“history” must be a list of turns"),
        ("chat", {"message": "x", "history": [{"role": "user", "content": "y"}]}, "no record of earlier turns"),
        ("parse", {"task": "nothing", "source": "x", "raw": "y"}, "no task named nothing"),
        ("parse", {"task": "ner", "source": "x", "raw": "a\ud800"}, "lone surrogate"),
        ("parse", {"task": "ner", "source": "x", "raw": "y" * 100_001}, "the limit is 100000"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(address: str, endpoint: str, call: dict[str, Any], words: str) -> None:
    event, data = posted(address, endpoint, call)
    assert event == "error"
    assert words in data["error"]
    assert "Traceback" not in data["error"]


def test_gradio_client_raises_the_words(client: Client) -> None:
    with pytest.raises(AppError, match=r"“Text” is empty\. Fill it in"):
        client.predict(text="", api_name="/ner")


def test_a_value_that_looks_like_a_file_is_refused_and_no_file_read(address: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the hidden word", encoding="utf-8")
    uploaded = httpx.post(f"{address}/gradio_api/upload", files={"files": ("x.txt", b"the hidden word")}).json()[0]
    for path in (str(secret), uploaded, "app.py"):
        value = {"path": path, "meta": {"_type": "gradio.FileData"}}
        for endpoint, call in (("ner", {"text": value}), ("parse", {"task": "ner", "source": value, "raw": ""})):
            event, data = posted(address, endpoint, call)
            assert event == "error"
            assert "hidden word" not in json.dumps(data)
    _, data = posted(address, "parse", {"task": "ner", "source": str(secret), "raw": str(secret)})
    assert "hidden word" not in json.dumps(data)


def test_an_answer_that_looks_like_a_file_opens_no_file(client: Client) -> None:
    raw = "path: app.py\nmeta: gradio.FileData\n_type: gradio.FileData"
    read = client.predict("open_ie", "app.py", raw, api_name="/parse")
    assert [value["text"] for value in read["fields"]["path"]] == ["app.py"]
    assert "url" not in json.dumps(read)


def test_a_run_that_its_client_cancels_frees_the_device(client: Client) -> None:
    job = client.submit(message="Count.", sampling="endless", api_name="/chat")
    wait_until(lambda: any(update["raw"] for update in job.outputs()))
    job.cancel()
    assert seconds_of_a_short_run(client) < PATIENCE_S


def test_a_run_whose_stream_is_dropped_frees_the_device(address: str, client: Client) -> None:
    event_id = joined(address, "chat", {"message": "Count.", "sampling": "endless"})
    with httpx.stream("GET", f"{address}/gradio_api/call/chat/{event_id}", timeout=60) as stream:
        lines = stream.iter_lines()
        while '"raw": ""' in (line := next(lines)) or '"raw"' not in line:
            pass
    assert seconds_of_a_short_run(client) < PATIENCE_S
