"""File work that survives a crash: digests, durable writes, and what a full disk looks like."""

from __future__ import annotations

import errno
import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

CHUNK = 4 * 1024 * 1024

NO_ROOM = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Error numbers that say the data does not fit: device full, file-size limit, quota."""
NO_WRITING = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST})
"""Error numbers that say nothing may be written here, or that a file stands where a folder should."""


def chunks(source: IO[bytes]) -> Iterator[bytes]:
    """The bytes of an open file, a few MiB at a time."""
    while chunk := source.read(CHUNK):
        yield chunk


def sha256(path: Path, read: Callable[[int], None] = lambda _: None) -> str:
    """Hex digest of a file; ``read`` hears how many bytes were read so far."""
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as source:
        for chunk in chunks(source):
            digest.update(chunk)
            done += len(chunk)
            read(done)
    return digest.hexdigest()


def is_zip(path: Path) -> bool:
    """Whether a file begins and ends like a zip archive."""
    with path.open("rb") as source:
        return source.read(4) == b"PK\x03\x04" and zipfile.is_zipfile(path)


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on the disk."""
    with path.open("rb+") as handle:  # Windows refuses to sync a handle that cannot write
        os.fsync(handle.fileno())


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk, where the system has such a thing."""
    if os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file whole or not at all, durably."""
    aside = path.with_name(f".{path.name.lstrip('.')}.aside")
    aside.write_bytes(content)
    sync_file(aside)
    publish(aside, path)


def publish(aside: Path, path: Path) -> None:
    """Give a file that is on the disk its final name, durably."""
    aside.replace(path)
    sync_folder(path.parent)


def amount(size: int) -> str:
    """Bytes for people."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if size >= one:
            return f"{size / one:.2f} {unit}"
    return f"{size} B"
