"""What earlier decryptions into a folder made: how a file that no list knows is recognised as finished."""

from __future__ import annotations

import hashlib
from pathlib import Path

from techgpt_ui.schema import Record
from techgpt_ui.weights.files import write_whole

RECEIPTS = ".decrypted.json"
SAMPLE = 2**20
"""Bytes at both ends of a key that tell it from another."""


class Receipt(Record):
    """A file that was made, the encrypted file and the key that it was made from."""

    md5: str
    source: str
    source_size: int
    source_changed_ns: int
    key: str

    def same_origin(self, other: Receipt) -> bool:
        """Whether both were made from the same file with the same key."""
        return self == other.model_copy(update={"md5": self.md5})


class Receipts(Record):
    """The receipts of a folder by plain name."""

    files: dict[str, Receipt] = {}


def read_receipts(folder: Path) -> Receipts:
    """The receipts of a folder; none where there are none that can be read."""
    try:
        return Receipts.model_validate_json((folder / RECEIPTS).read_bytes())
    except (OSError, ValueError):
        return Receipts()


def keep_receipt(folder: Path, name: str, receipt: Receipt) -> None:
    """Add a receipt to those of a folder, durably."""
    files = read_receipts(folder).files | {name: receipt}
    write_whole(folder / RECEIPTS, Receipts(files=files).model_dump_json(indent=2).encode() + b"\n")


def receipt_for(source: Path, key: Path, md5: str) -> Receipt:
    """The receipt of a file that was made from ``source``."""
    state = source.stat()
    return Receipt(
        md5=md5,
        source=source.name,
        source_size=state.st_size,
        source_changed_ns=state.st_mtime_ns,
        key=_fingerprint(key),
    )


def _fingerprint(key: Path) -> str:
    with key.open("rb") as source:
        size = source.seek(0, 2)
        source.seek(0)
        digest = hashlib.sha256(f"{size} ".encode() + source.read(SAMPLE))
        source.seek(max(0, size - SAMPLE))
        digest.update(source.read(SAMPLE))
    return digest.hexdigest()
