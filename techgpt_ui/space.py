"""What a Hugging Face Space says of itself, and the defaults that follow; elsewhere nothing of it applies."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from techgpt_ui.errors import UsageError

PERSISTENT = Path("/data")
"""Where a Space's persistent storage is mounted unless its owner says otherwise."""
EVERYWHERE = "0.0.0.0"
DEFAULT_PORT = 7860


def on_space() -> bool:
    """Whether this process runs in a Space."""
    return bool(os.environ.get("SPACE_ID"))


def on_zero_gpu() -> bool:
    """Whether GPUs are lent by the call here, by the package that such a Space brings along."""
    said = os.environ.get("SPACES_ZERO_GPU", "").lower()
    return said in {"1", "t", "true"} and find_spec("spaces") is not None


def default_host() -> str:
    """The address to listen on: a Space is reached from outside its container."""
    return os.environ.get("GRADIO_SERVER_NAME") or (EVERYWHERE if on_space() else "127.0.0.1")


def default_port() -> int:
    """The port that the surroundings ask for; UsageError where that is no number."""
    for name in ("GRADIO_SERVER_PORT", "PORT"):
        if value := os.environ.get(name):
            if not value.isdecimal():
                raise UsageError("bad_setting", name=name, value=value, why="not a number")
            return int(value)
    return DEFAULT_PORT


def default_data() -> Path:
    """The folder for all that is kept: a Space's storage where it has some, else its user's own folder."""
    if not on_space():
        return Path("data")
    return PERSISTENT if os.access(PERSISTENT, os.W_OK) else Path.home() / ".cache" / "techgpt-ui"


def forgets(folder: Path) -> bool:
    """Whether what lies in ``folder`` is gone when the Space restarts: only what is mounted outlives its container."""
    if not on_space():
        return False
    place = folder.resolve()
    return not any(os.path.ismount(above) for above in (place, *place.parents) if above != Path(place.anchor))
