"""The loader and the engine on a CUDA device; skipped where there is none."""

import gc
from pathlib import Path
from typing import Any

import pytest
import torch

from techgpt_ui.engines.base import CancelToken, Delta, Finished, GenerationRequest
from techgpt_ui.engines.loading import load_engine, resolve_model
from techgpt_ui.errors import WorkbenchError
from techgpt_ui.presets import Library, Sampling
from techgpt_ui.settings import Settings
from tests import checkpoints

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]
SHAPES = {
    "small": {},
    "7b layers": {
        "hidden_size": 4096, "intermediate_size": 11008, "num_attention_heads": 32, "num_hidden_layers": 4,
    },
}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(SHAPES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint in fp16, its numbers drawn on the device."""
    path = tmp_path_factory.mktemp("gpu")
    checkpoints.train_sentencepiece(path)
    with torch.device("cuda"):
        model = checkpoints.llama(**SHAPES[request.param]).half()
    checkpoints.write_bin(model.cpu(), path)
    return path


@pytest.fixture(params=["fp16", "int8", "nf4"])
def engine(folder: Path, library: Library, request: pytest.FixtureRequest) -> Any:
    loaded = load_engine(resolve_model(str(folder), library), Settings(dtype=request.param, device="cuda:0"))
    yield loaded
    loaded.close()


def wanted(**changes: Any) -> GenerationRequest:
    return GenerationRequest(prompt_ids=(1, 5, 9), sampling=Sampling(**{"max_new_tokens": 12} | changes), seed=0)


def test_an_answer_streams(engine: Any) -> None:
    events = list(engine.stream(wanted(min_new_tokens=12), CancelToken()))
    assert isinstance(events[-1], Finished) and events[-1].usage.completion_tokens == 12
    assert events[-1].text.startswith("".join(event.text for event in events if isinstance(event, Delta)))
    assert engine.device == "cuda:0"


def test_stop_ends_a_run(engine: Any) -> None:
    cancel = CancelToken()
    for event in engine.stream(wanted(max_new_tokens=2000, min_new_tokens=2000), cancel):
        if isinstance(event, Delta):
            cancel.cancel()
    assert isinstance(event, Finished) and event.finish_reason == "cancelled"


def test_unloading_gives_the_device_s_memory_back(engine: Any) -> None:
    held = torch.cuda.memory_allocated()
    weights = engine._model.get_memory_footprint()
    engine.close()
    gc.collect()
    assert torch.cuda.memory_allocated() <= held - 0.9 * weights


def test_a_run_without_memory_ends_and_the_next_one_works(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine._model, "forward", lambda *_, **__: torch.empty(2**50, dtype=torch.uint8, device="cuda"))
        with pytest.raises(WorkbenchError) as failure:
            list(engine.stream(wanted(), CancelToken()))
    assert failure.value.code == "out_of_memory"
    *_, last = engine.stream(wanted(), CancelToken())
    assert isinstance(last, Finished)
