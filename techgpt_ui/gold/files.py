"""Open what a user names as gold: a file, a folder of them, or a zip archive."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping
from io import BytesIO
from pathlib import Path, PurePath, PurePosixPath

from techgpt_ui.errors import UsageError
from techgpt_ui.gold.source import Source, digest

MAX_BYTES = 200 * 1024 * 1024
"""Of all files together, unpacked."""
ARCHIVE = b"PK\x03\x04"
"""How a zip archive begins."""
PAIRED = (".ann", ".txt")
"""Endings of files that belong together and are looked for in folders and archives."""


def open_source(path: Path, also: Collection[str] = ()) -> Source:
    """The gold at ``path``; UsageError where there is none, or where it cannot be read or is too large.

    Of a folder or an archive, pairs of texts and annotations are read, and files whose name is in ``also``.
    """
    if path.is_dir():
        return _many(path.name, _of_folder(path, also))
    if not path.exists():
        raise UsageError("gold_missing", path=path)
    pair = {path.with_suffix(ending) for ending in PAIRED}
    if path.suffix in PAIRED and all(one.is_file() for one in pair):
        return _many(path.name, {one.name: _read(one) for one in sorted(pair)})
    content = _read(path)
    if content.startswith(ARCHIVE):
        return Source(path.name, _of_archive(path.name, content, also), digest(content))
    if not content.removeprefix(b"\xef\xbb\xbf").strip():
        raise UsageError("gold_empty", file=path.name)
    return Source(path.name, {path.name: content}, digest(content))


def _many(name: str, members: Mapping[str, bytes]) -> Source:
    if not any(member.endswith(".ann") for member in members):
        raise UsageError("gold_no_pairs", file=name)
    # A digest for each file, so that no two sets of files make the same bytes.
    parts = (f"{digest(member.encode())} {digest(content)}" for member, content in members.items())
    return Source(name, members, digest("\n".join(parts).encode()))


def _of_folder(folder: Path, also: Collection[str]) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if _is_wanted(path, also) and path.is_file())
    _check_size(folder.name, sum(path.stat().st_size for path in paths))
    return {path.relative_to(folder).as_posix(): _read(path) for path in paths}


def _of_archive(name: str, content: bytes, also: Collection[str]) -> dict[str, bytes]:
    """The pairs of texts and annotations in an archive, or its only file."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if _is_content(entry)]
            if any(entry.filename.endswith(".ann") for entry in entries):
                entries = [entry for entry in entries if _is_wanted(PurePosixPath(entry.filename), also)]
            elif len(entries) != 1:
                raise UsageError("gold_no_pairs", file=name)
            _check_size(name, sum(entry.file_size for entry in entries))
            return dict(sorted((entry.filename, archive.read(entry)) for entry in entries))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UsageError("gold_bad_archive", file=name, why=str(error)) from error


def _is_wanted(path: PurePath, also: Collection[str]) -> bool:
    return path.suffix in PAIRED or path.name in also


def _is_content(entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    return not entry.is_dir() and "__MACOSX" not in parts and not parts[-1].startswith(".")


def _read(path: Path) -> bytes:
    try:
        _check_size(path.name, path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise UsageError("gold_unreadable", path=path, why=error.strerror or str(error)) from error


def _check_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise UsageError("gold_too_large", file=name, limit=MAX_BYTES // 1024**2)
