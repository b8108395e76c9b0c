"""What a folder holds of the published weights: each file right, still encrypted, wrong or missing."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from techgpt_ui.errors import UsageError
from techgpt_ui.weights.digests import md5_of
from techgpt_ui.weights.findings import error, fine, warning
from techgpt_ui.weights.headers import is_pointer
from techgpt_ui.weights.outcomes import FileOutcome, WeightsStep, relayed
from techgpt_ui.weights.published import PUBLISHED, read_name


def verify(folder: Path) -> Generator[WeightsStep, None, None]:
    """Compare a folder with the published list; the last step of each file has its outcome, unknown files come last.

    Raises UsageError ``verify_folder_unreadable``.
    """
    try:
        found = _find(folder)
        total, done = sum(path.stat().st_size for path in found.values()), 0
        for name in PUBLISHED:
            md5 = None
            if path := found.get(name):
                md5 = yield from relayed(md5_of(path), "check", path.name, done, total)
                done += path.stat().st_size
            yield WeightsStep("check", name, done, total, _outcome(name, path, md5))
        for path in _unknown(folder, set(found.values())):
            finding = warning("verify_unknown", name=path.name)
            outcome = FileOutcome(name=path.name, state="unknown", finding=finding, size=path.stat().st_size)
            yield WeightsStep("check", path.name, done, total, outcome)
    except OSError as reason:
        path = reason.filename or folder
        raise UsageError("verify_folder_unreadable", path=path, why=reason.strerror or reason) from reason


def _find(folder: Path) -> dict[str, Path]:
    """The published files by name: plain where there is a plain one, or else encrypted."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    encrypted = {name.plain: path for path in files if (name := read_name(path.name))}
    plain = {path.name: path for path in files}
    return {name: path for name, path in (encrypted | plain).items() if name in PUBLISHED}


def _unknown(folder: Path, known: set[Path]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        name = read_name(path.name)
        beside = name is not None and name.plain in PUBLISHED  # the encrypted file beside its plain one
        if path.is_file() and path not in known and not beside and not path.name.startswith("."):
            yield path


def _outcome(name: str, path: Path | None, md5: str | None) -> FileOutcome:
    if path is None:
        return FileOutcome(name=name, state="missing", finding=error("verify_missing", name=name))
    published = PUBLISHED[name]
    seen = {"name": name, "size": path.stat().st_size, "md5": md5}
    if md5 == published.plain:
        return FileOutcome(**seen, state="right", finding=fine("verify_right", name=name))
    if md5 == published.encrypted:
        return FileOutcome(**seen, state="encrypted", finding=error("verify_encrypted", name=path.name))
    if is_pointer(path):
        return FileOutcome(**seen, state="wrong", finding=error("verify_pointer", name=path.name))
    if path.name != name:
        words = {"name": path.name, "found": str(md5), "expected": published.encrypted}
        return FileOutcome(**seen, state="encrypted", finding=error("verify_encrypted_damaged", **words))
    words = {"name": name, "found": str(md5), "expected": published.plain}
    return FileOutcome(**seen, state="wrong", finding=error("verify_wrong", **words))
