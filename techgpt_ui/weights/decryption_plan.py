"""What a decryption is about to do: the encrypted files of a folder, their key, and where the plain files go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from techgpt_ui.errors import UsageError
from techgpt_ui.schema import Record
from techgpt_ui.weights.published import EncryptedName, read_name


class EncryptedFile(Record):
    """A file to decrypt; size in bytes."""

    path: Path
    name: EncryptedName
    size: int


class DecryptionPlan(Record):
    """The files in the order of the work: the smallest first, so that a wrong key shows early."""

    key: Path
    out: Path
    files: tuple[EncryptedFile, ...]
    others: tuple[str, ...]
    """Names in the folder that are left alone, because they are not those of encrypted files."""

    def place(self, file: EncryptedFile) -> Path:
        """Where the plain file goes."""
        return self.out / file.name.plain


def plan_decryption(folder: Path, key: Path, out: Path) -> DecryptionPlan:
    """Look at the folder, the key and the target; UsageError says what is wrong with them."""
    _require_key(key)
    if out.exists() and not out.is_dir():
        raise UsageError("decrypt_out_is_file", path=out)
    try:
        entries = sorted(folder.iterdir())
        files = sorted(_encrypted(entries), key=lambda file: file.size)
    except OSError as reason:
        raise UsageError("decrypt_folder_unreadable", path=folder, why=reason.strerror or reason) from reason
    if not files:
        raise UsageError("decrypt_nothing", path=folder)
    plain = [file.name.plain for file in files]
    if twice := sorted({name for name in plain if plain.count(name) > 1}):
        raise UsageError("decrypt_same_name", path=folder, files=", ".join(twice))
    taken = {file.path for file in files}
    others = tuple(path.name for path in entries if path not in taken)
    return DecryptionPlan(key=key, out=out, files=tuple(files), others=others)


def _require_key(key: Path) -> None:
    if key.is_dir():
        raise UsageError("decrypt_key_is_folder", path=key)
    try:
        with key.open("rb") as source:
            if not source.read(1):
                raise UsageError("decrypt_key_empty", path=key)
    except OSError as reason:
        raise UsageError("decrypt_key_unreadable", path=key, why=reason.strerror or reason) from reason


def _encrypted(entries: list[Path]) -> Iterator[EncryptedFile]:
    for path in entries:
        if path.is_file() and (name := read_name(path.name)):
            yield EncryptedFile(path=path, name=name, size=path.stat().st_size)
