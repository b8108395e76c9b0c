"""What tells open pages that the shared model's state has changed."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from techgpt_ui.engines.change import HostState
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.lease import Choice, Loaded
from techgpt_ui.presets import Library
from techgpt_ui.settings import Settings
from techgpt_ui.ui import news
from techgpt_ui.ui.news import PATH, news_routes

ENGINE = SimpleNamespace(info=SimpleNamespace(dtype="bf16"), device="cpu")


@pytest.fixture
def host(library: Library, settings: Settings) -> ModelHost:
    return ModelHost(library.models["smollm2-demo"], settings)


@pytest.fixture
def asking(host: ModelHost, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(news, "FRESH_S", 0)
    return TestClient(Starlette(routes=news_routes(host)))


def word(asking: TestClient) -> str:
    answer = asking.get(PATH)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return answer.text


def test_while_nothing_happens_the_word_stays_though_free_memory_moves(
    asking: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter(range(1 << 30, 1 << 40, 1 << 30))
    monkeypatch.setattr("techgpt_ui.ui.models_actions.memory_free", lambda: next(free))
    assert word(asking) == word(asking) != ""


def test_a_phase_a_model_that_came_and_a_line_of_its_log_are_news(asking: TestClient, host: ModelHost) -> None:
    words = [word(asking)]
    host.state = HostState(phase="fetching")
    words.append(word(asking))
    host.hold(Loaded(Choice(preset=host.preset), cast(Any, ENGINE)))
    words.append(word(asking))
    host.log.append("a line", "warning")
    words.append(word(asking))
    assert len(set(words)) == 4


def test_many_pages_share_an_answer_for_a_moment(host: ModelHost, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(news, "FRESH_S", 3600)
    monkeypatch.setattr(news, "header_html", lambda title, facts: str(made.append(facts)))
    asking = TestClient(Starlette(routes=news_routes(host)))
    assert word(asking) == word(asking)
    assert len(made) == 1
