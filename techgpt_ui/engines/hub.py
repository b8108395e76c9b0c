"""Models of the hub: fetched whole into the cache, with progress, at a revision that is written down."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights import FetchProgress, ProgressListener
from techgpt_ui.weights.conduct import explained

PREFIX = "hub:"
USELESS = ["*.h5", "*.msgpack", "*.onnx", "*.ot", "*.pth", "*.tflite", "onnx/*", "original/*"]
"""The same weights for other programs."""
TEMPLATE_FILES = ("chat_template.jinja", "tokenizer_config.json")
_HUB_ID = re.compile(r"(?P<id>[^/@\s]+/[^/@\s]+)(@(?P<revision>[^@\s]+))?")


class HubName(NamedTuple):
    """A repository of the hub and the revision that is wanted; None is its newest."""

    id: str
    revision: str | None


def hub_name(words: str) -> HubName | None:
    """``owner/name`` or ``owner/name@revision``; None for anything else."""
    found = _HUB_ID.fullmatch(words)
    return HubName(found["id"], found["revision"]) if found else None


def fetch_snapshot(name: HubName, cache: Path, progress: ProgressListener) -> Path:
    """The folder of a revision, whose name is its commit; what is in the cache is not fetched again.

    Without a network the cache alone is asked. Raises WorkbenchError ``hub_failed``; what ``progress`` raises stops
    the work.
    """
    from huggingface_hub import snapshot_download

    with _explained(name):
        path = snapshot_download(
            name.id,
            revision=name.revision,
            cache_dir=cache / "hub",
            ignore_patterns=USELESS,
            tqdm_class=_bars(progress),
        )
    progress(FetchProgress("done", 1, 1))
    return Path(path)


def cached_snapshot(name: HubName, cache: Path, holding: str = "config.json") -> Path | None:
    """The folder of a revision if the cache has it; asks nobody. It may lack files where a fetch was cut short."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(name.id, holding, cache_dir=cache / "hub", revision=name.revision)
    return Path(found).parent if isinstance(found, str) else None


def fetch_template_files(name: HubName, cache: Path) -> list[Path]:
    """The small files that may hold a chat template, as far as the repository has them and can be reached."""
    from huggingface_hub import hf_hub_download

    found = []
    for file in TEMPLATE_FILES:
        with contextlib.suppress(WorkbenchError), _explained(name):
            found.append(Path(hf_hub_download(name.id, file, revision=name.revision, cache_dir=cache / "hub")))
    return found


@contextmanager
def _explained(name: HubName) -> Iterator[None]:
    names = {"name": "@".join(filter(None, name))}
    try:
        with explained("hub_failed", **names):
            yield
    except OSError as error:  # the disk's own word
        raise WorkbenchError("hub_failed", **names, why=error.strerror or error) from error


def _bars(progress: ProgressListener) -> Any:
    """A progress bar for huggingface_hub that tells ``progress`` of the bytes and draws nothing."""
    from huggingface_hub import utils

    bar: Any = utils.tqdm  # type: ignore[attr-defined]

    class Bar(bar):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._bytes = kwargs.get("unit") == "B" and str(kwargs.get("desc", "")).startswith("Reconstructing")
            self._done = 0
            super().__init__(*args, **{**kwargs, "file": io.StringIO(), "disable": False})

        def update(self, n: float | None = 1) -> bool | None:
            self._done += int(n or 0)
            if self._bytes:
                progress(FetchProgress("download", self._done, max(int(self.total or 0), self._done)))
            told: bool | None = super().update(n)
            return told

    return Bar
