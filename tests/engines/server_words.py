"""An engine at a loopback server, and what such a server says."""

from pathlib import Path
from typing import Any

from techgpt_ui.engines.base import CancelToken, Engine, Finished, GenerationRequest
from techgpt_ui.engines.loading import load_engine, resolve_model
from techgpt_ui.presets import Library, Sampling
from techgpt_ui.schema import Segment
from techgpt_ui.settings import load_settings
from tests.loopback import Exchange, Loopback

MODEL = "neukg/TechGPT-7B"


def models(owner: str = "someone", **more: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": owner} | more]}


def engine_at(loopback: Loopback, library: Library, folder: Path, model: str = "techgpt-7b", **settings: Any) -> Engine:
    """An engine without a tokenizer."""
    loopback.pages.setdefault("/v1/models", models())
    wanted = load_settings(base_url=loopback.address, data=folder, **settings)
    return load_engine(resolve_model(model, library), wanted)


def request(engine: Engine, words: str = "Human: Hello \n\nAssistant:", **changes: Any) -> GenerationRequest:
    segments = (Segment(text=words),)
    asked = GenerationRequest(
        prompt_ids=tuple(engine.encode(segments)), segments=segments, sampling=Sampling(max_new_tokens=6), seed=0
    )
    return asked.model_copy(update=changes)


def finished(engine: Engine, wanted: GenerationRequest) -> Finished:
    *_, last = engine.stream(wanted, CancelToken(deadline_s=60))
    assert isinstance(last, Finished)
    return last


def written(*pieces: str, reason: str = "stop") -> list[Any]:
    """The events of an answer as ``/completions`` streams it."""
    events: list[Any] = [{"choices": [{"index": 0, "text": piece, "finish_reason": None}]} for piece in pieces]
    return [*events, {"choices": [{"index": 0, "text": "", "finish_reason": reason}]}, "[DONE]"]


def says(*pieces: str, reason: str = "stop") -> Any:
    return lambda exchange: exchange.events(*written(*pieces, reason=reason))


def refuses(status: int, message: str, **headers: str) -> Any:
    def reply(exchange: Exchange) -> None:
        body = b'{"error": {"message": "%s"}}' % message.encode()
        exchange.reply(status, "application/json", body, **headers)

    return reply
