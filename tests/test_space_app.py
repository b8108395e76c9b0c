"""``python app.py`` with a Space's variables and no others, as far as one machine and one user show it.

The whole of it, without root and without what this environment has installed: ``python -m benchmarks.rehearse_space``.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from tests.running_app import ROOT, free_port

START_S = 240


class Space:
    """The app of a Space that has no storage."""

    def __init__(self, home: Path, model: Path) -> None:
        self.home = home
        self.port = free_port()
        environment = {
            "HOME": str(home),
            "PATH": os.defpath,
            "SYSTEM": "spaces",
            "SPACE_ID": "someone/workbench",
            "GRADIO_SERVER_NAME": "0.0.0.0",
            "GRADIO_SERVER_PORT": str(self.port),
            "TECHGPT_MODEL": str(model),
        }
        self.log = home / "log"
        with self.log.open("wb") as log:
            self.process = psutil.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )

    def page(self) -> str:
        """The page, once it is there."""
        begun = time.monotonic()
        while self.process.poll() is None and time.monotonic() - begun < START_S:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}", timeout=10) as answer:
                    return answer.read().decode()
            except OSError:
                time.sleep(0.1)
        pytest.fail(self.log.read_text(errors="replace"))


@pytest.fixture(scope="module")
def space(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Space]:
    space = Space(tmp_path_factory.mktemp("home"), demo)
    yield space
    space.process.terminate()
    space.process.wait(30)


def test_the_page_is_served_to_all_addresses_at_the_port_of_the_space(space: Space) -> None:
    assert "TechGPT Workbench" in space.page()
    listening = {place.laddr for place in space.process.net_connections() if place.status == psutil.CONN_LISTEN}
    assert ("0.0.0.0", space.port) in listening


def test_what_it_keeps_lies_in_the_users_own_folder(space: Space) -> None:
    space.page()
    assert (space.home / ".cache" / "techgpt-ui" / "workbench.db").is_file()
