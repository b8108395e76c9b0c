"""How the tests call the app, and what they compare."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client

from techgpt_ui.presets import Library

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 7
FEW_TOKENS = 4
PATIENCE_S = 40
"""Far less than an endless run takes, far more than a short one."""


def sample_call(library: Library, task_id: str) -> dict[str, Any]:
    """A call with the inputs of a task's first sample."""
    return {**library.task(task_id).samples[0].inputs, "seed": SEED, "max_new_tokens": FEW_TOKENS}


def timeless(result: dict[str, Any]) -> dict[str, Any]:
    """A Result without its seconds, which differ from run to run."""
    usage = {name: count for name, count in result["usage"].items() if name not in ("ttft_s", "total_s")}
    return {**result, "usage": usage}


def joined(address: str, endpoint: str, call: dict[str, Any]) -> str:
    """Start a call over plain HTTP; the id of its stream."""
    url = f"{address}/gradio_api/call/v2/{endpoint}"
    reply = httpx.post(url, content=json.dumps(call), headers={"content-type": "application/json"})
    return str(reply.raise_for_status().json()["event_id"])


def posted(address: str, endpoint: str, call: dict[str, Any]) -> tuple[str, Any]:
    """A call over plain HTTP to its end: the name of the last event and its data."""
    url = f"{address}/gradio_api/call/{endpoint}/{joined(address, endpoint, call)}"
    event, data = httpx.get(url, timeout=120).text.strip().splitlines()[-2:]
    return event.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def seconds_of_a_short_run(client: Client) -> float:
    began = time.monotonic()
    client.predict(question="What is steel?", max_new_tokens=1, api_name="/qa")
    return time.monotonic() - began
