"""``python app.py`` as a user starts it, with a database of its own that survives a restart."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class App:
    """The app on a free port; ``folder`` gets its database and log, ``data`` holds the demo model."""

    def __init__(self, folder: Path, data: Path, **environment: str) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        self._environment = os.environ | {
            "TECHGPT_PORT": str(port),
            "TECHGPT_DATA": str(data),
            "TECHGPT_DATABASE_URL": f"sqlite:///{folder / 'runs.db'}",
            "TECHGPT_LANG": "",
            "TECHGPT_MODEL": "smollm2-demo",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def stop(self) -> None:
        assert self._process
        self._process.terminate()
        self._process.wait(30)
