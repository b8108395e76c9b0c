"""The cipher, to the byte, against plain Python that reads whole chunks as the description says."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techgpt_ui.weights.cipher import CHUNK, KeyStream
from techgpt_ui.weights.passing import decrypt_to
from tests.weights.encrypting import noise, xor_by_chunks

MIB = 2**20


def laid_out(key: bytes, size: int, chunk: int, block: int) -> bytes:
    """The key's bytes for so many bytes of data, asked for piece by piece."""
    stream, found = KeyStream(io.BytesIO(key), chunk=chunk, block=block), bytearray()
    while len(found) < size:
        count = min(stream.reach(len(found)), size - len(found))
        found += stream.at(len(found), count).tobytes()
    return bytes(found)


@given(
    key=st.binary(min_size=1, max_size=40),
    size=st.integers(0, 120),
    chunk=st.integers(1, 16),
    block=st.integers(1, 20),
)
def test_the_key_lies_over_the_data_as_described(key: bytes, size: int, chunk: int, block: int) -> None:
    assert laid_out(key, size, chunk, block) == xor_by_chunks(bytes(size), key, chunk)


def test_any_place_can_be_asked_for_first() -> None:
    stream = KeyStream(io.BytesIO(b"abcde"), chunk=4, block=4)
    whole = xor_by_chunks(bytes(24), b"abcde", 4)
    for place in reversed(range(24)):
        assert stream.at(place, 1).tobytes() == whole[place : place + 1]


def test_an_empty_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty"):
        KeyStream(io.BytesIO(b""))


def test_a_key_that_shrinks_meanwhile_is_an_error(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(bytes(10))
    with key.open("rb") as source:
        stream = KeyStream(source, chunk=4)
        key.write_bytes(b"")
        with pytest.raises(OSError, match="shorter"):
            stream.at(0, 4)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (0, 5),
        (1, 1),
        (CHUNK - 1, CHUNK),
        (CHUNK, 7),
        (CHUNK, CHUNK),
        (CHUNK + 1, CHUNK),
        (CHUNK + MIB, CHUNK + 3),
        (2 * CHUNK + 5, 2 * CHUNK),
        (2 * CHUNK + 5, CHUNK + MIB + 1),
        (2 * CHUNK + 5, 3 * CHUNK + 1),
    ],
)
def test_files_around_ten_mebibytes(tmp_path: Path, data: int, key: int) -> None:
    """Where a chunk as a whole decides, numpy stands in for the plain loop, which would take minutes."""
    content, keys = noise(data, "data"), noise(key, "key")
    (tmp_path / "data").write_bytes(content)
    (tmp_path / "key").write_bytes(keys)
    for _ in decrypt_to(tmp_path / "plain", tmp_path / "data", tmp_path / "key"):
        pass
    assert (tmp_path / "plain").read_bytes() == xor_whole_chunks(content, keys)


def xor_whole_chunks(data: bytes, key: bytes) -> bytes:
    source, keys, out = io.BytesIO(data), io.BytesIO(key), []
    while block := source.read(CHUNK):
        pad = keys.read(CHUNK)
        if not pad:
            keys.seek(0)
            pad = keys.read(CHUNK)
        pad = (pad * -(-len(block) // len(pad)))[: len(block)]
        out.append((np.frombuffer(block, np.uint8) ^ np.frombuffer(pad, np.uint8)).tobytes())
    return b"".join(out)


def test_both_stand_ins_are_the_same_cipher() -> None:
    data, key = noise(CHUNK + 1000, "data"), noise(CHUNK // 2, "key")
    assert xor_whole_chunks(data, key) == xor_by_chunks(data, key)
