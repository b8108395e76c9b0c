"""The files around the code agree with each other."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PINS = dict(line.split("==") for line in (ROOT / "requirements.txt").read_text().split())


@pytest.fixture(scope="module")
def front_matter() -> dict[str, object]:
    head = (ROOT / "README.md").read_text(encoding="utf-8").split("---\n")[1]
    return dict(yaml.safe_load(head))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sdk", "gradio"),
        ("sdk_version", PINS["gradio"]),
        ("app_file", "app.py"),
        ("python_version", "3.11"),
        ("license", "apache-2.0"),
    ],
)
def test_the_space_runs_what_is_pinned(front_matter: dict[str, object], key: str, value: str) -> None:
    assert str(front_matter[key]) == value


def test_ci_runs_the_documented_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_project_speaks_of_itself_alone() -> None:
    words = ["/wo" + "rk/", ".." + "/shared", "TO" + "DO", "FIX" + "ME", "py" + "pi.org"]
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    texts = [ROOT / name for name in names if re.search(r"\.(py|md|yaml|toml|txt|js|css)$|Makefile|run$", name)]
    found = [(path.name, word) for path in texts if path.is_file() for word in words if word in path.read_text("utf-8")]
    assert found == []
