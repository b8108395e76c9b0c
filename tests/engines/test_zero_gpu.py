"""Borrowed GPUs: how long, and the real package `spaces` from the forked process to the end of a stopped run."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from techgpt_ui.engines.base import CancelToken, Delta, Finished, GenerationRequest
from techgpt_ui.engines.host import ModelHost
from techgpt_ui.engines.zero_gpu import LONGEST_S, START_S, Failure, ZeroGpuEngine, gpu_seconds, on_gpu
from techgpt_ui.presets import Sampling

ROOT = Path(__file__).resolve().parent.parent.parent


def request(prompt: int = 100, *, choices: tuple[str, ...] = (), **sampling: int) -> GenerationRequest:
    return GenerationRequest(prompt_ids=tuple(range(prompt)), sampling=Sampling(**sampling), seed=0, choices=choices)


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        (request(max_new_tokens=64), request(max_new_tokens=256)),
        (request(100, max_new_tokens=64), request(8000, max_new_tokens=64)),
        (request(max_new_tokens=64), request(max_new_tokens=64, num_beams=4)),
        (request(choices=("a",) * 20), request(choices=("a",) * 200)),
    ],
)
def test_a_gpu_is_borrowed_for_as_long_as_the_work_may_take(
    shorter: GenerationRequest, longer: GenerationRequest
) -> None:
    assert START_S < gpu_seconds(shorter) < gpu_seconds(longer) <= LONGEST_S


def test_a_gpu_is_never_borrowed_for_longer_than_is_allowed() -> None:
    assert gpu_seconds(request(max_new_tokens=4096, num_beams=8)) == LONGEST_S


def test_where_no_gpus_are_lent_a_function_stays_as_it_is() -> None:
    def run(request: GenerationRequest) -> Iterator[Failure]:
        yield Failure(code="never", params={})

    assert on_gpu(run, gpu_seconds) is run


def test_where_no_gpus_are_lent_the_engine_answers_as_the_one_it_holds(host: ModelHost) -> None:
    inner = host.engine()
    wanted = request(8, max_new_tokens=4)
    *_, ours = ZeroGpuEngine(inner).stream(wanted, CancelToken())
    *_, its = inner.stream(wanted, CancelToken())
    assert isinstance(ours, Finished) and isinstance(its, Finished) and ours.text == its.text


def test_what_was_written_is_kept_where_the_work_notices_the_stop_before_its_reader() -> None:
    stopped = threading.Event()

    def stream(request: GenerationRequest, cancel: CancelToken) -> Iterator[Delta]:
        yield Delta(text="Once", tokens=1)
        stopped.wait(60)
        yield Delta(text=" more", tokens=2)

    cancel = CancelToken()
    events = ZeroGpuEngine(cast(Any, SimpleNamespace(stream=stream))).stream(request(), cancel)
    assert isinstance(next(events), Delta)
    (work,) = (thread for thread in threading.enumerate() if thread.name == "generation")
    cancel.cancel()
    stopped.set()
    work.join(60)
    end = next(events)
    assert isinstance(end, Finished) and (end.text, end.finish_reason) == ("Once", "cancelled")


@pytest.fixture(scope="module")
def told(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    # One thread: those of a CPU's libraries do not survive a fork.
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path_factory.mktemp("home")),
    }
    command = [sys.executable, str(ROOT / "tests" / "engines" / "zero_gpu_process.py"), str(demo)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_a_run_streams_from_the_borrowed_process_to_its_end(told: Any) -> None:
    run = told["whole"]
    assert run["text"] and run["streamed"] == run["text"] and run["trace"] and run["device"] == "ZeroGPU"


def test_the_page_reports_at_its_start_and_each_run_gives_its_gpu_back(told: Any) -> None:
    assert told["whole"]["released"]
    assert told["whole"]["asked"] == ["/startup-report", "/schedule", "/allow", "/release"]


def test_a_gpu_is_asked_for_in_the_visitors_name_and_for_the_seconds_that_we_computed(told: Any) -> None:
    ((visitor, seconds),) = told["whole"]["for"]
    assert visitor == "visitor" and seconds == 61


def test_a_stopped_run_ends_at_once_keeps_its_text_and_gives_the_gpu_back(told: Any) -> None:
    run = told["stopped"]
    # A piece or two may have been under way between the processes when it was stopped.
    assert run == {"reason": "cancelled", "kept": True, "after_stop": "Finished", "soon": True, "released": True}


def test_an_error_of_ours_crosses_from_the_other_process(told: Any) -> None:
    assert told["broken"] == {"code": "grammar_broken"}


def test_a_gpu_that_is_refused_is_told_in_the_packages_words(told: Any) -> None:
    assert told["refused"]["code"] == "gpu_not_lent" and "quota" in told["refused"]["words"]
