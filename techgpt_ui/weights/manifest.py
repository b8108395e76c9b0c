"""The manifest that makes a folder complete: it is written last, and names every file with size and sha256."""

from __future__ import annotations

from pathlib import Path

from techgpt_ui.schema import Record
from techgpt_ui.weights.files import sha256, sync_file, sync_folder

MANIFEST = "complete.json"


class SealedFile(Record):
    """What a file must still look like; size in bytes."""

    size: int
    sha256: str


class Manifest(Record):
    """The files of a folder, and the id of what they were made from."""

    source: str
    files: dict[str, SealedFile]


def seal(folder: Path, source: str) -> None:
    """Bring every file of a flat folder to the disk, then write its manifest."""
    files: dict[str, SealedFile] = {}
    for path in sorted(folder.iterdir()):
        sync_file(path)
        files[path.name] = SealedFile(size=path.stat().st_size, sha256=sha256(path))
    manifest = folder / MANIFEST
    manifest.write_text(Manifest(source=source, files=files).model_dump_json(indent=2) + "\n", encoding="utf-8")
    sync_file(manifest)
    sync_folder(folder)


def sealed_source(folder: Path) -> str | None:
    """Id of what a sealed folder was made from; None for a folder that bears no seal."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes()).source
    except (OSError, ValueError):
        return None


def is_complete(folder: Path, source: str, *, verify: bool = False) -> bool:
    """Whether a sealed folder still holds what was sealed: sizes always, digests with ``verify``."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        return manifest.source == source and all(
            (folder / name).stat().st_size == sealed.size and (not verify or sha256(folder / name) == sealed.sha256)
            for name, sealed in manifest.files.items()
        )
    except (OSError, ValueError):  # absent, unreadable, or not a manifest
        return False
