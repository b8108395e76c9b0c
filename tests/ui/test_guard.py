"""What is posted to the page: bounded, and never a reason to fetch something from elsewhere."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from techgpt_ui.ui.guard import BODY_LIMIT, GuardMiddleware


async def echo(request: Request) -> Response:
    return JSONResponse({"size": len(await request.body())})


@pytest.fixture
def client() -> TestClient:
    routes = [Route(path, echo, methods=["POST"]) for path in ("/gradio_api/run/ner", "/gradio_api/upload", "/x")]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(GuardMiddleware)]))


def file(path: str) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize("path", ["http://198.51.100.7/a", "https://example.org/a", "ftp://example.org/a"])
def test_a_file_on_another_machine_is_refused_however_deep_it_lies(client: TestClient, path: str) -> None:
    answer = client.post("/gradio_api/run/ner", json={"data": ["x", [{"deep": file(path)}]]})
    assert answer.status_code == 400 and "other machines" in answer.json()["detail"]


def test_it_is_refused_when_json_spells_it_otherwise(client: TestClient) -> None:
    body = rb'{"data": [{"p\u0061th": "http:\/\/198.51.100.7", "meta": {"_type": "gradio.\u0046ileData"}}]}'
    assert client.post("/gradio_api/run/ner", content=body).status_code == 400


@pytest.mark.parametrize("data", [["http://example.org is a text"], [file("/tmp/gradio/x.json")], [None, 1]])
def test_texts_and_uploaded_files_pass_whole(client: TestClient, data: list[Any]) -> None:
    answer = client.post("/gradio_api/run/ner", json={"data": data})
    assert answer.status_code == 200 and answer.json()["size"] > 10


def test_an_oversized_request_is_refused_in_words(client: TestClient) -> None:
    answer = client.post("/gradio_api/run/ner", content=b" " * (BODY_LIMIT + 1))
    assert answer.status_code == 413 and "16 MB" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/x"])
def test_uploads_and_other_paths_are_not_held_up(client: TestClient, path: str) -> None:
    assert client.post(path, content=b" " * (BODY_LIMIT + 1)).status_code == 200


def test_what_is_no_json_is_left_to_gradio(client: TestClient) -> None:
    assert client.post("/gradio_api/run/ner", content=b"[" * 100_000).status_code == 200
