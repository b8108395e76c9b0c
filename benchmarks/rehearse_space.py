"""A Space, rehearsed on this machine: a new user without root, only what a Space installs, only what it may write.

    python -m benchmarks.rehearse_space            # as root, on Linux; needs Chromium and the packages of the tests

The committed state is checked out read-only, its requirements are installed into an environment of its own as a Space
installs them, and `app.py` is started with a Space's variables and nothing else: without storage, with storage mounted
at /data, and there once more, as after a restart. Each time a real Chromium runs one task. Prints the figures as JSON.
The user, its files and the mount are gone afterwards. Not rehearsed: the Space's proxy, GPUs, the hub.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
USER = "space-rehearsal"
PORT = 7860
ADDRESS = f"http://127.0.0.1:{PORT}"
STORAGE = Path("/data")
STORAGE_SIZE = "3g"
START_S = 900
TEXT = "Grace Holloway moved from Dublin to Oslo and works for Fjord Analytics ."
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

SPACE = {
    "SYSTEM": "spaces",
    "SPACE_ID": "rehearsal/techgpt-workbench",
    "SPACE_AUTHOR_NAME": "rehearsal",
    "SPACE_REPO_NAME": "techgpt-workbench",
    "SPACE_TITLE": "TechGPT Workbench",
    "SPACE_HOST": "rehearsal-techgpt-workbench.hf.space",
    "CPU_CORES": "2",
    "MEMORY": "16Gi",
    "GRADIO_ALLOW_FLAGGING": "never",
    "GRADIO_NUM_PORTS": "1",
    "GRADIO_SERVER_NAME": "0.0.0.0",
    "GRADIO_SERVER_PORT": str(PORT),
    "GRADIO_THEME": "huggingface",
    "PYTHONUNBUFFERED": "1",
    "LANG": "C.UTF-8",
}
"""What a Space with the Gradio SDK sets, as its documentation and the published images show."""


@dataclass(frozen=True)
class Place:
    """Where it all lies, and who runs it."""

    folder: Path
    user: pwd.struct_passwd

    @property
    def checkout(self) -> Path:
        """What was pushed, read-only."""
        return self.folder / "app"

    @property
    def home(self) -> Path:
        """All that the user may write."""
        return self.folder / "home"

    @property
    def python(self) -> str:
        """The interpreter of the environment."""
        return str(self.home / "venv" / "bin" / "python")

    def run(self, *command: str, namespace: str | None = None, **options: Any) -> subprocess.Popen[bytes]:
        """Start a command as the user, with nothing of our environment but what pip is told by."""
        enter = ["nsenter", f"--mount={namespace}", f"--wd={self.checkout}"] if namespace else []
        uid, gid = str(self.user.pw_uid), str(self.user.pw_gid)
        become = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        own = {"HOME": str(self.home), "TMPDIR": str(self.home / "tmp"), "PATH": os.defpath}
        return subprocess.Popen([*enter, *become, *command], cwd=self.checkout, env=pip | SPACE | own, **options)

    def do(self, *command: str) -> None:
        """Run a command as the user to its end."""
        with self.run(*command, stdout=subprocess.DEVNULL) as process:
            if process.wait():
                sys.exit(f"{' '.join(command)}: exit status {process.returncode}")


@contextmanager
def new_place() -> Iterator[Place]:
    """A user of its own and a checkout that it cannot write; both gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="space-rehearsal-"))
    folder.chmod(0o755)
    try:
        command = ["useradd", "--create-home", "--home-dir", str(folder / "home"), "--shell", "/usr/sbin/nologin", USER]
        subprocess.run(command, check=True)
        place = Place(folder, pwd.getpwnam(USER))
        place.checkout.mkdir()
        (place.home / "tmp").mkdir()
        os.chown(place.home / "tmp", place.user.pw_uid, place.user.pw_gid)
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", str(place.checkout)], input=archive, check=True)
        yield place
    finally:
        subprocess.run(["userdel", USER], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def install(place: Place, python: str) -> dict[str, float]:
    """What a Space installs, at once: the requirements, and its SDK with what that brings along."""
    started = time.monotonic()
    readme = (place.checkout / "README.md").read_text(encoding="utf-8")
    version = yaml.safe_load(readme.split("---\n", 2)[1])["sdk_version"]
    sdk = [f"gradio[oauth,mcp]=={version}", "uvicorn>=0.14.0", "websockets>=10.4", "spaces"]
    place.do(python, "-m", "venv", str(place.home / "venv"))
    place.do(place.python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "-r", "requirements.txt", *sdk)
    figures = {"install_s": since(started), "environment_mb": size_mb(place.home / "venv")}
    print(json.dumps(figures), file=sys.stderr)
    return figures


@contextmanager
def mounted_storage(place: Place) -> Iterator[str]:
    """Storage at /data, seen only in a mount namespace, whose file is given."""
    made = not STORAGE.exists()
    STORAGE.mkdir(exist_ok=True)
    mount = f"mount -t tmpfs -o size={STORAGE_SIZE},mode=755,uid={place.user.pw_uid} none {STORAGE}"
    script = f"{mount} && echo mounted && exec sleep infinity"
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        if holder.stdout is None or holder.stdout.readline() != b"mounted\n":
            sys.exit(f"No storage could be mounted at {STORAGE}.")
        yield f"/proc/{holder.pid}/ns/mnt"
    finally:
        holder.kill()
        holder.wait()
        if made:
            STORAGE.rmdir()


@contextmanager
def started(place: Place, namespace: str | None) -> Iterator[float]:
    """The app, answering; gives the seconds from its start to the first page."""
    log = place.folder / "log"
    begun = time.monotonic()
    with log.open("wb") as output:
        app = place.run(place.python, "app.py", namespace=namespace, stdout=output, stderr=subprocess.STDOUT)
    try:
        while not answers():
            if app.poll() is not None or time.monotonic() - begun > START_S:
                sys.exit(f"The app did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.1)
        yield since(begun)
    finally:
        app.terminate()
        app.wait(60)


def answers() -> bool:
    """Whether the page is served."""
    with suppress(OSError), urllib.request.urlopen(ADDRESS, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def rehearse(place: Place, page: Page, namespace: str | None) -> dict[str, Any]:
    """Start, open, run one task: seconds of each, and what the page says of its storage."""
    begun = time.monotonic()
    with started(place, namespace) as to_page:
        page.goto(f"{ADDRESS}/?task=ner&lang=en")
        page.locator("#ner-text textarea").fill(TEXT)
        shown = since(begun)
        page.click("#ner-run")
        expect(page.locator("#ner-status .badge")).to_be_visible(timeout=START_S * 1000)
        answered = since(begun)
        marks = [mark.split("\n")[0] for mark in page.locator("#ner-marked mark").all_inner_texts()]
        if not marks or any(mark not in TEXT for mark in marks):
            sys.exit(f"Not what a run gives: {marks}")
        warned = page.locator("#storage").count() > 0
        page.goto(f"{ADDRESS}/?lang=en")
        page.click("#tab-history-button")
        runs = page.locator(".run-row")
        expect(runs.first).to_be_visible()
        figures = {
            "start_to_page_s": to_page,
            "start_to_shown_s": shown,
            "start_to_answer_s": answered,
            "entities": marks,
            "warns_of_lost_data": warned,
            "runs_in_history": runs.count(),
        }
    print(json.dumps(figures, ensure_ascii=False), file=sys.stderr)
    return figures


def since(begun: float) -> float:
    """Seconds since a point of the monotonic clock."""
    return round(time.monotonic() - begun, 1)


def size_mb(folder: Path) -> float:
    """Megabytes of the files of a folder."""
    return round(sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()) / 1e6)


def main() -> None:
    """Rehearse, print, leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default="/usr/bin/python3", help="an interpreter that any user may run")
    python = parser.parse_args().python
    if os.geteuid() or CHROMIUM is None:
        sys.exit("Run this as root, to make a user and a mount, and with Chromium on the PATH.")
    if answers():
        sys.exit(f"Something else answers at {ADDRESS}.")
    with ExitStack() as stack:
        place = stack.enter_context(new_place())
        figures: dict[str, Any] = install(place, python)
        driver = stack.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        stack.callback(browser.close)
        with browser.new_context() as visitor:
            figures["without storage"] = rehearse(place, visitor.new_page(), None)
        figures["data_mb"] = size_mb(place.home / ".cache" / "techgpt-ui")
        namespace = stack.enter_context(mounted_storage(place))
        with browser.new_context() as visitor:
            figures["with storage"] = rehearse(place, visitor.new_page(), namespace)
            figures["restarted"] = rehearse(place, visitor.new_page(), namespace)
        browser.close()
    print(json.dumps(figures, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
