"""What goes wrong between us and a server, on real connections."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.engines.base import CancelToken, Delta
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library
from tests.engines.server_words import engine_at, finished, refuses, request, says, written
from tests.loopback import Exchange, Loopback, listening
from tests.running_app import free_port

KEY = "sk-secret-0123456789"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with listening() as loopback:
        yield loopback


def trouble(server: Loopback, library: Library, folder: Path, *script: Any, **settings: Any) -> WorkbenchError:
    server.script.extend(script)
    engine = engine_at(server, library, folder, **settings)
    with pytest.raises(WorkbenchError) as caught:
        finished(engine, request(engine))
    return caught.value


def test_a_busy_server_is_asked_again_when_it_says(server: Loopback, library: Library, tmp_path: Path) -> None:
    server.script.extend([refuses(429, "slow down", Retry_After="1"), says("Oslo")])
    engine = engine_at(server, library, tmp_path)
    assert finished(engine, request(engine)).text == "Oslo"
    first, second = server.posted
    assert second.at - first.at >= 1.0


def test_a_connection_that_is_reset_before_the_answer_is_made_again(
    server: Loopback, library: Library, tmp_path: Path
) -> None:
    server.script.extend([Exchange.reset, says("Oslo")])
    engine = engine_at(server, library, tmp_path)
    assert finished(engine, request(engine)).text == "Oslo"


def test_a_server_that_keeps_failing_is_told_after_three_tries(
    server: Loopback, library: Library, tmp_path: Path
) -> None:
    error = trouble(server, library, tmp_path, refuses(500, "CUDA error"))
    assert error.code == "server_failed" and "CUDA error" in error.message.en and len(server.posted) == 3


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (401, "Incorrect API key", "server_key_refused"),
        (404, "The model `x` does not exist", "server_model_missing"),
        (404, "Not Found", "server_no_completions"),
        (400, "This model's maximum context length is 2048 tokens", "server_context_full"),
        (422, "Unexpected fields in the request", "server_refused"),
    ],
)
def test_a_refusal_is_told_as_what_it_is(
    server: Loopback, library: Library, tmp_path: Path, status: int, said: str, code: str
) -> None:
    error = trouble(server, library, tmp_path, refuses(status, said))
    assert error.code == code and len(server.posted) == 1


def test_an_answer_that_ends_without_an_end_is_told_with_its_length(
    server: Loopback, library: Library, tmp_path: Path
) -> None:
    error = trouble(server, library, tmp_path, lambda exchange: exchange.events(*written("Oslo")[:1]))
    assert error.code == "server_cut_off" and error.params["count"] == 4 and len(server.posted) == 1


def test_an_error_inside_the_answer_is_told(server: Loopback, library: Library, tmp_path: Path) -> None:
    error = trouble(server, library, tmp_path, lambda exchange: exchange.events({"error": {"message": "worker died"}}))
    assert error.code == "server_broke_off" and "worker died" in error.message.zh


def test_events_that_are_no_json_are_told(server: Loopback, library: Library, tmp_path: Path) -> None:
    error = trouble(server, library, tmp_path, lambda exchange: exchange.events('{"error": "a "quote""}'))
    assert error.code == "server_broke_off"


def test_a_server_that_falls_silent_is_given_up(server: Loopback, library: Library, tmp_path: Path) -> None:
    def begins_and_stalls(exchange: Exchange) -> None:
        exchange.events(written("Oslo")[0])
        exchange.stall()

    error = trouble(server, library, tmp_path, begins_and_stalls, server_timeout=0.5)
    assert error.code == "server_silent" and "0.5" in error.message.en


def test_stop_is_heard_while_the_server_is_silent(server: Loopback, library: Library, tmp_path: Path) -> None:
    def begins_and_stalls(exchange: Exchange) -> None:
        exchange.events(written("Oslo")[0])
        exchange.stall()

    server.script.append(begins_and_stalls)
    engine = engine_at(server, library, tmp_path)
    cancel = CancelToken()
    for event in engine.stream(request(engine), cancel):
        if isinstance(event, Delta):
            cancel.cancel()
    assert (event.text, event.finish_reason) == ("Oslo", "cancelled")  # type: ignore[union-attr]


def test_a_deadline_ends_a_run_with_what_there_is(server: Loopback, library: Library, tmp_path: Path) -> None:
    server.script.append(Exchange.stall)
    engine = engine_at(server, library, tmp_path)
    *_, last = engine.stream(request(engine), CancelToken(deadline_s=0.3))
    assert (last.text, last.finish_reason) == ("", "cancelled")  # type: ignore[union-attr]


def test_a_web_page_is_no_answer(server: Loopback, library: Library, tmp_path: Path) -> None:
    error = trouble(server, library, tmp_path, lambda exchange: exchange.reply(200, "text/html", b"<html>"))
    assert error.code == "server_not_openai" and "text/html" in error.message.en


def test_a_web_site_is_no_server(server: Loopback, library: Library, tmp_path: Path) -> None:
    server.pages["/v1/models"] = b"<html>welcome</html>"
    with pytest.raises(WorkbenchError) as caught:
        engine_at(server, library, tmp_path)
    assert caught.value.code == "server_not_openai"


def test_a_server_that_is_not_there_is_told_with_its_address(
    server: Loopback, library: Library, tmp_path: Path
) -> None:
    server.address = f"http://user:hidden@127.0.0.1:{free_port()}"
    with pytest.raises(WorkbenchError) as caught:
        engine_at(server, library, tmp_path)
    assert caught.value.code == "server_unreachable"
    assert server.address.rpartition("@")[2] in caught.value.message.en and "hidden" not in caught.value.words("zh")


def test_the_key_is_sent_and_never_shown(
    server: Loopback, library: Library, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = trouble(server, library, tmp_path, refuses(400, f"bad request of {KEY}"), api_key=KEY)
    assert server.posted[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in error.words("en") + error.words("zh") + caplog.text


def test_a_key_of_openai_in_the_environment_stays_here(
    server: Loopback, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.script.append(says("Oslo"))
    engine = engine_at(server, library, tmp_path)
    finished(engine, request(engine))
    assert "authorization" not in server.posted[0].headers
