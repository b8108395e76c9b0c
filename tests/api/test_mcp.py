"""The same endpoints as tools of a real MCP client over streamable HTTP."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool

from techgpt_ui.presets import Library, load_library
from tests.api.calls import PATIENCE_S, sample_call, timeless
from tests.loops import run_apart

TASKS = list(load_library().tasks)

pytestmark = pytest.mark.demo_model


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[ClientSession]:
    url = f"{address}/gradio_api/mcp/"
    async with streamable_http_client(url) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()
        yield session


async def listed(address: str) -> list[Tool]:
    async with connected(address) as session:
        return (await session.list_tools()).tools


async def called(address: str, tool: str, arguments: dict[str, Any]) -> CallToolResult:
    async with connected(address) as session:
        return await session.call_tool(tool, arguments)


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert content.type == "text"
    return content.text


@pytest.fixture(scope="module")
def tools(address: str) -> dict[str, Tool]:
    return {tool.name: tool for tool in run_apart(listed(address))}


def test_the_tools_are_the_tasks_the_list_and_the_reader(tools: dict[str, Tool]) -> None:
    assert set(tools) == {*TASKS, "tasks", "parse"}


@pytest.mark.parametrize("task_id", TASKS)
def test_a_tool_says_what_it_does_and_what_each_parameter_is(
    tools: dict[str, Tool], library: Library, task_id: str
) -> None:
    task, tool = library.task(task_id), tools[task_id]
    assert tool.description is not None
    assert {task.title.en, task.title.zh, task.help.en.rstrip(".")} <= set(_parts(tool.description, task.title.zh))
    parameters = tool.inputSchema["properties"]
    assert all(parameter["description"].endswith(".") for parameter in parameters.values())
    for field in task.inputs:
        assert field.label.zh in parameters[field.name]["description"]
        assert all(option.id in parameters[field.name]["description"] for option in field.options)
    required = {field.name for field in task.inputs if field.required and field.default is None}
    assert set(tool.inputSchema["required"]) == required


def _parts(description: str, title_zh: str) -> list[str]:
    title, _, rest = description.partition(f" ({title_zh}). ")
    return [title, title_zh, rest.partition(". Gives a JSON object")[0]]


@pytest.mark.parametrize("task_id", TASKS)
def test_a_tool_gives_the_result_of_its_endpoint_as_json(
    address: str, answered: Callable[[str], dict[str, Any]], library: Library, task_id: str
) -> None:
    result = run_apart(called(address, task_id, sample_call(library, task_id)))
    assert not result.isError
    assert timeless(json.loads(text_of(result))) == timeless(answered(task_id))


def test_chinese_reaches_the_client_as_it_is(address: str) -> None:
    result = run_apart(
        called(address, "parse", {"task": "ner", "source": "张三在沈阳。", "raw": "实体：张三，类型：人物"})
    )
    assert "张三" in text_of(result)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": " "}, "“Text” is empty"),
        ({"text": "x", "sampling": "nothing"}, "no sampling preset named nothing"),
        ({"text": {"path": "/etc/hostname"}}, "is not of type 'string'"),
        ({}, "'text' is a required property"),
    ],
)
def test_a_wrong_call_is_told_what_is_wrong(address: str, arguments: dict[str, Any], words: str) -> None:
    result = run_apart(called(address, "ner", arguments))
    assert result.isError
    assert words in text_of(result)


def test_a_client_that_goes_away_frees_the_device(address: str) -> None:
    async def leave() -> None:
        async with asyncio.timeout(5):
            await called(address, "chat", {"message": "Count.", "sampling": "endless"})

    with pytest.raises(TimeoutError):
        run_apart(leave())
    began = time.monotonic()
    run_apart(called(address, "qa", {"question": "What is steel?", "max_new_tokens": 1}))
    assert time.monotonic() - began < PATIENCE_S
