"""One pass over an encrypted file: read, decrypt, write aside, and hash both sides on the way."""

from __future__ import annotations

import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING

from techgpt_ui.schema import Record
from techgpt_ui.weights.cipher import CHUNK, KeyStream
from techgpt_ui.weights.digests import lanes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Digests(Record):
    """What both sides of a decryption hash to; sha256 where it was asked for."""

    md5_encrypted: str
    md5: str
    sha256_encrypted: str | None
    sha256: str | None


def decrypt_to(
    partial: Path, source: Path, key: Path, *, sha256: bool = False, chunk: int = CHUNK
) -> Generator[int, None, Digests]:
    """Decrypt ``source`` to the file ``partial`` and bring it to the disk; yields how many bytes are done.

    What an earlier pass left in ``partial`` is compared with what belongs there and written only where it differs: a
    pass that was killed is gone on with, and whatever it left does no harm. Takes about 30 MB of memory.
    Raises OSError; ValueError for an empty key.
    """
    import numpy as np

    names = ("md5", "sha256") if sha256 else ("md5",)
    if not partial.exists():
        partial.touch()
    with (
        source.open("rb") as data,
        key.open("rb") as keys,
        partial.open("rb") as held,
        partial.open("rb+") as sink,
        lanes(names) as (before, after),
        ThreadPoolExecutor(1) as disk,
    ):
        stream, done = KeyStream(keys, chunk=chunk), 0
        written = disk.submit(os.fsync, sink.fileno())
        while block := data.read(stream.reach(done)):
            plain = np.bitwise_xor(np.frombuffer(block, np.uint8), stream.at(done, len(block)))
            before.feed(block)
            after.feed(plain)
            _put(plain, held, sink)
            done += len(block)
            if written.done():  # or the disk would have nothing to do until all is worked out
                written.result()  # the system tells an error of the disk only once
                written = disk.submit(os.fsync, sink.fileno())
            yield done
        if held.read(1):  # longer than it should be
            sink.truncate(done)
        sink.flush()
        written.result()
        os.fsync(sink.fileno())
        encrypted, decrypted = before.results(), after.results()
    return Digests(
        md5_encrypted=encrypted["md5"],
        md5=decrypted["md5"],
        sha256_encrypted=encrypted.get("sha256"),
        sha256=decrypted.get("sha256"),
    )


def _put(plain: NDArray[np.uint8], held: IO[bytes], sink: IO[bytes]) -> None:
    """Write a block, unless it stands there already."""
    if held.read(plain.size) == plain.data:
        sink.seek(plain.size, os.SEEK_CUR)
    else:
        sink.write(plain.data)
