"""The shared model while it is switched, unloaded and asleep: real engines of a tiny model, real threads."""

import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from techgpt_ui.engines import loading, replacing
from techgpt_ui.engines.base import CancelToken, Finished, GenerationRequest
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.lease import Choice, Lease
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.engines.room import Room
from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.presets import Library, Sampling
from techgpt_ui.settings import Settings
from tests.test_wire_format import folder as tiny_llama  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]
LONG_S = 60.0
"""Far longer than anything here takes, so that only a run that hangs reaches it."""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def choices(library: Library, tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Choice]:  # noqa: F811
    """Two models that can be loaded, and one whose weights are of another shape than its configuration says."""
    root = tmp_path_factory.mktemp("models")
    for name in ("first", "second", "broken"):
        shutil.copytree(tiny_llama, root / name)
    config = root / "broken" / "config.json"
    config.write_text(config.read_text().replace('"num_attention_heads": 2', '"num_attention_heads": 5'))
    return {path.name: Choice(preset=resolve_model(str(path), library), dtype="fp32") for path in root.iterdir()}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host(choices: dict[str, Choice], tmp_path: Path, clock: Clock) -> ModelHost:
    settings = Settings(data=tmp_path, dtype="fp32", idle_unload=10)
    host = ModelHost(choices["first"].preset, settings, clock)
    host.load()
    return host


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no second model has room."""
    monkeypatch.setattr(replacing, "room_for", lambda *_: Room(needed=2, free=1, dtype="fp32", device="cpu"))


@pytest.fixture
def at_once() -> Iterator[Callable[[Callable[[], object]], threading.Thread]]:
    """Starts something beside the test, and sees it end."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], object]) -> threading.Thread:
        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(LONG_S)
        assert not thread.is_alive()


def answered_by(host: ModelHost) -> str:
    """Which model a run gets that waits as long as it must."""
    with host.claim() as lease:
        for _ in lease.waits(CancelToken(LONG_S)):
            pass
        assert lease.preset.id == lease.engine.info.name
        return lease.preset.id


def entered(lease: Lease) -> Lease:
    """A claim that was granted at once."""
    assert list(lease.waits(CancelToken(LONG_S))) == []
    return lease


def settle(host: ModelHost, phase: str) -> None:
    with host.door.changed:
        assert host.door.changed.wait_for(lambda: host.state.phase == phase, LONG_S)


def words(error: WorkbenchError) -> str:
    return error.words("en")


def test_a_switch_answers_with_the_new_model(host: ModelHost, choices: dict[str, Choice]) -> None:
    host.switch(choices["second"])
    assert (host.state.phase, host.preset.id, answered_by(host)) == ("ready", "second", "second")


def test_a_switch_waits_for_the_run_in_progress_and_later_runs_wait_for_it(
    host: ModelHost, choices: dict[str, Choice], at_once: Callable[..., threading.Thread]
) -> None:
    with entered(host.claim()) as early:
        at_once(lambda: host.switch(choices["second"]))
        settle(host, "switching")
        late = host.claim()
        waiting = late.waits(CancelToken(LONG_S))
        told = next(waiting)
        assert "is being switched" in told.en and "正在切换模型" in told.zh
        assert host.state.step and "(1)" in host.state.step.en
        assert early.engine.encode([]) is not None and early.preset.id == "first"
    with late:
        for _ in waiting:
            pass
        assert (late.preset.id, late.engine.info.name) == ("second", "second")


def test_no_run_is_lost_while_models_are_switched_back_and_forth(
    host: ModelHost, choices: dict[str, Choice], at_once: Callable[..., threading.Thread]
) -> None:
    texts: list[str] = []

    def ask() -> None:
        for _ in range(6):
            with host.claim() as lease:
                for _ in lease.waits(CancelToken(LONG_S)):
                    pass
                asked = GenerationRequest(prompt_ids=(1, 5, 6), sampling=Sampling(max_new_tokens=3), seed=0)
                *_, last = lease.engine.stream(asked, CancelToken(LONG_S))
                assert isinstance(last, Finished)
                texts.append(last.finish_reason)

    for _ in range(3):
        at_once(ask)
    for name in ("second", "first", "second"):
        host.switch(choices[name])
    assert answered_by(host) == "second"
    with host.door.changed:
        host.door.changed.wait_for(lambda: len(texts) == 18, LONG_S)
    assert len(texts) == 18 and "cancelled" not in texts


def test_runs_go_on_while_a_switch_waits_for_an_evaluation(
    host: ModelHost, choices: dict[str, Choice], at_once: Callable[..., threading.Thread]
) -> None:
    with entered(host.claim(long=True)):
        at_once(lambda: host.switch(choices["second"]))
        settle(host, "switching")
        assert answered_by(host) == "first"
        assert "is being switched" in next(host.claim(long=True).waits(CancelToken(LONG_S))).en
    settle(host, "ready")
    assert answered_by(host) == "second"


def test_one_change_at_a_time_is_made(
    host: ModelHost, choices: dict[str, Choice], at_once: Callable[..., threading.Thread]
) -> None:
    with entered(host.claim()):
        at_once(lambda: host.switch(choices["second"]))
        settle(host, "switching")
        with pytest.raises(UsageError, match="second is being loaded"):
            host.unload()


def test_a_switch_that_waits_can_be_stopped(
    host: ModelHost, choices: dict[str, Choice], at_once: Callable[..., threading.Thread]
) -> None:
    with entered(host.claim()):
        host.switch(choices["second"], background=True)
        settle(host, "switching")
        host.stop_change()
        settle(host, "ready")
        assert answered_by(host) == "first"
    assert host.trouble and host.trouble.error.code == "change_stopped"


def test_a_failed_load_leaves_the_old_model_in_place(host: ModelHost, choices: dict[str, Choice]) -> None:
    before = host.engine()
    with pytest.raises(WorkbenchError, match="broken could not be loaded"):
        host.switch(choices["broken"])
    assert host.engine() is before and host.preset.id == "first"
    assert host.trouble and "first, is still in place" in host.trouble.after.en and "仍在" in host.trouble.after.zh


def test_a_folder_that_holds_no_model_is_refused_before_anybody_waits(
    host: ModelHost, choices: dict[str, Choice], tmp_path: Path
) -> None:
    bad = choices["second"].preset.model_copy(update={"origin": str(tmp_path / "nowhere")})
    with entered(host.claim()), pytest.raises(UsageError, match="nowhere does not exist"):
        host.switch(Choice(preset=bad))
    assert answered_by(host) == "first"


@pytest.mark.usefixtures("full")
def test_where_memory_is_short_the_old_model_goes_first(host: ModelHost, choices: dict[str, Choice]) -> None:
    host.switch(choices["second"])
    assert answered_by(host) == "second"
    lines = [entry.text.en for entry in host.log.entries]
    assert lines.index("both models do not fit into memory, so first goes first") < lines.index("loading second")


@pytest.mark.usefixtures("full")
def test_the_old_model_is_loaded_again_where_the_new_one_fails(host: ModelHost, choices: dict[str, Choice]) -> None:
    before = host.engine()
    with pytest.raises(WorkbenchError, match="broken could not be loaded"):
        host.switch(choices["broken"])
    assert answered_by(host) == "first" and host.engine() is not before
    assert host.trouble and "first has been loaded again" in host.trouble.after.en


@pytest.mark.usefixtures("full")
def test_without_either_model_every_run_is_told_why(
    host: ModelHost, choices: dict[str, Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(preset: object, *_: object, **__: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(replacing, "load_engine", fail)
    with pytest.raises(WorkbenchError):
        host.switch(choices["second"])
    assert host.state.phase == "failed" and host.trouble and "could not be loaded again either" in host.trouble.after.en
    with pytest.raises(WorkbenchError, match="no room"):
        answered_by(host)


def test_an_unloaded_model_is_told_with_what_to_do(host: ModelHost) -> None:
    host.unload()
    assert host.state.phase == "unloaded" and host.loaded is None
    with pytest.raises(WorkbenchError) as told:
        answered_by(host)
    assert "Load a model" in words(told.value)


def test_an_unloaded_model_can_be_loaded_again(host: ModelHost, choices: dict[str, Choice]) -> None:
    host.unload()
    host.switch(choices["first"])
    assert answered_by(host) == "first"


def test_an_idle_model_is_unloaded_and_the_next_run_loads_it_again(host: ModelHost, clock: Clock) -> None:
    clock.now = 9 * 60
    host.unload_if_idle()
    assert host.state.phase == "ready"
    clock.now = 10 * 60
    host.unload_if_idle()
    assert (host.state.phase, host.asleep) == ("unloaded", True)
    with host.claim() as lease:
        told = next(waits := lease.waits(CancelToken(LONG_S)))
        assert "being loaded again" in told.en and "重新加载" in told.zh
        for _ in waits:
            pass
        assert lease.preset.id == "first"


def test_a_model_that_fails_to_wake_up_is_tried_again_by_the_next_run(
    host: ModelHost, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now = 10 * 60
    host.unload_if_idle()
    with monkeypatch.context() as broken:
        broken.setattr(replacing, "load_engine", lambda *_, **__: {}["no room"])
        with pytest.raises(WorkbenchError, match="no room"):
            answered_by(host)
    assert answered_by(host) == "first"


def test_a_model_in_use_is_not_idle_and_its_time_counts_from_the_end_of_the_run(host: ModelHost, clock: Clock) -> None:
    with entered(host.claim()):
        clock.now = 60 * 60
        host.unload_if_idle()
        assert host.state.phase == "ready"
    clock.now += 9 * 60
    host.unload_if_idle()
    assert host.state.phase == "ready"


def test_a_run_that_is_stopped_while_it_waits_says_so(host: ModelHost) -> None:
    idle = ModelHost(host.preset, host.settings)
    cancel = CancelToken()
    with idle.claim() as lease:
        next(waits := lease.waits(cancel))
        assert idle.door.waiting == 1
        cancel.cancel()
        assert list(waits) == [] and idle.door.waiting == 0
        with pytest.raises(WorkbenchError, match="before the model was ready"):
            lease.engine  # noqa: B018


def test_the_log_tells_how_a_load_went_and_what_a_library_warned_of(
    host: ModelHost, choices: dict[str, Choice], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = loading.load_tokenizer

    def warned(*args: Any) -> Any:
        logging.getLogger("transformers.tokenization").warning("this tokenizer looks odd")
        return real(*args)

    monkeypatch.setattr(loading, "load_tokenizer", warned)
    host.switch(choices["second"])
    lines = [entry.text.en for entry in host.log.entries]
    assert lines[0] == "loading second" and any("this tokenizer looks odd" in line for line in lines)
    assert any(line.startswith("loaded in") for line in lines) and "the memory of first was given back" in lines


MEASURE = """
import sys
from pathlib import Path
import psutil
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.loading import resolve_model
from techgpt_ui.engines.room import Room
from techgpt_ui.presets import load_library
from techgpt_ui.settings import Settings
from techgpt_ui.engines.base import CancelToken, GenerationRequest
from techgpt_ui.presets import Sampling

def resident():
    return psutil.Process().memory_info().rss / 2**20

host = ModelHost(resolve_model("smollm2-demo", load_library()), Settings(data=Path(sys.argv[1]), dtype="fp32"))
host.load()
asked = GenerationRequest(prompt_ids=(1, 2, 3), sampling=Sampling(max_new_tokens=2), seed=0)
list(host.engine().stream(asked, CancelToken()))
loaded = resident()
host.unload()
print(loaded, resident())
"""


def test_unloading_gives_the_memory_back_to_the_system(settings: Settings, demo: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(settings.data)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded, left = map(float, done.stdout.split())
    weights = 134_515_008 * 4 / 2**20
    assert loaded - left > 0.9 * weights
