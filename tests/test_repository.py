"""The files around the code agree with one another and hold nothing that belongs to one machine."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from techgpt_ui.exporters import EXPORTERS
from techgpt_ui.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9.+!]+)")

# Pinned for transformers (weight placement, LLaMA's tokenizer, GGUF files) and gradio (MCP), which import them.
NEEDED_BY_OTHERS = {"accelerate", "gguf", "mcp", "protobuf", "safetensors", "sentencepiece"}

# In pieces, so that this file does not hold them.
FORBIDDEN = [
    "../" + "shared",
    "/wo" + "rk/",
    "TO" + "DO",
    "FIX" + "ME",
    "pypi" + ".org",
    "files." + "pythonhosted",
    "deb." + "debian.org",
    "registry." + "npmjs",
    "download." + "pytorch.org",
    "tuna." + "tsinghua",
    "mirrors" + ".aliyun",
]


def requirement_lines(name: str) -> list[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def pins(name: str) -> dict[str, str]:
    found = (PIN.fullmatch(line) for line in requirement_lines(name))
    return {match["name"]: match["version"] for match in found if match}


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def repository_files() -> list[Path]:
    """What git tracks or would track, others' libraries aside; skips where this is no checkout."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listing.split("\0") if name and "/vendor/" not in name and (path := ROOT / name).is_file()]


def imported_packages() -> set[str]:
    """Top-level names of the third-party packages that the app imports, at any depth."""
    sources = [ROOT / "app.py", *(ROOT / "techgpt_ui").rglob("*.py")]
    names = {name.partition(".")[0] for path in sources for name in _imports(path)}
    return names - set(sys.stdlib_module_names) - {"techgpt_ui"}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


@pytest.fixture(scope="module")
def front_matter() -> dict[str, object]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    _, block, _ = readme.split("---\n", 2)
    return yaml.safe_load(block)


def test_front_matter_is_a_gradio_space_of_the_pinned_version(front_matter: dict[str, object]) -> None:
    assert front_matter["sdk"] == "gradio"
    assert front_matter["sdk_version"] == pins("requirements.txt")["gradio"]
    assert front_matter["license"] == "apache-2.0"
    assert (ROOT / str(front_matter["app_file"])).is_file()
    assert front_matter["app_file"] == "app.py"


def test_front_matter_names_the_oldest_python_we_support(front_matter: dict[str, object]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={front_matter['python_version']}"


def test_front_matter_fits_the_limits_of_a_space(front_matter: dict[str, object]) -> None:
    colours = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {front_matter["colorFrom"], front_matter["colorTo"]} <= colours
    assert len(str(front_matter["short_description"])) <= 60


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-export.txt", "requirements-postgresql.txt", "requirements-test.txt"]
)
def test_every_requirement_is_an_exact_pin(name: str) -> None:
    loose = [line for line in requirement_lines(name) if not PIN.fullmatch(line)]
    included = ["-r requirements.txt", "-r requirements-export.txt", "-r requirements-postgresql.txt"]
    assert loose == (included if name == "requirements-test.txt" else [])


def test_requirements_are_what_the_app_imports() -> None:
    pinned = {normalised(name) for name in pins("requirements.txt")}
    imported = {"pyyaml" if name == "yaml" else normalised(name) for name in imported_packages()}
    assert imported - pinned == set()
    assert pinned - imported - NEEDED_BY_OTHERS == set()


def test_the_libraries_of_exports_are_those_that_some_format_needs() -> None:
    assert set(pins("requirements-export.txt")) == {exporter.needs for exporter in EXPORTERS.values() if exporter.needs}


def test_readme_explains_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"`TECHGPT_{name.upper()}`" not in readme]
    assert missing == []


def test_no_file_holds_a_place_of_one_machine_or_an_unfinished_note() -> None:
    found = []
    for path in repository_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in FORBIDDEN if word in text]
    assert found == []


def test_readme_links_to_files_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://|#)([^)]+)\)", readme)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_ci_runs_what_a_developer_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert "\nmake test\n" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111
