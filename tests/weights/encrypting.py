"""The cipher of TechGPT's weights in plain Python, as it is described: whole chunks, one after the other."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

CHUNK = 10 * 1024 * 1024
EMPTY = hashlib.sha256(b"").hexdigest()


def xor_by_chunks(data: bytes, key: bytes, chunk: int = CHUNK) -> bytes:
    """Each chunk of the data with the next one read from the key; an exhausted key is read from its start again."""
    source, keys, out = io.BytesIO(data), io.BytesIO(key), bytearray()
    while block := source.read(chunk):
        pad = keys.read(chunk)
        if not pad:
            keys.seek(0)
            pad = keys.read(chunk)
        out += bytes(byte ^ pad[place % len(pad)] for place, byte in enumerate(block))
    return bytes(out)


def noise(size: int, seed: str) -> bytes:
    """Bytes that look random and are the same each time."""
    return hashlib.shake_128(seed.encode()).digest(size)


def encrypted_name(name: str, digest: str = EMPTY) -> str:
    return f"{name}.{digest}.enc"


def encrypt_into(folder: Path, files: dict[str, bytes], key: bytes, digest: str = EMPTY) -> Path:
    """A folder as TechGPT was published: each file encrypted, under a name with one and the same digest."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / encrypted_name(name, digest)).write_bytes(xor_by_chunks(content, key))
    return folder
