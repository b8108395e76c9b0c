"""One pass over a file: what is written, what is hashed, and how an earlier pass is gone on with."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techgpt_ui.weights.passing import Digests, decrypt_to
from tests.weights.encrypting import noise, xor_by_chunks

DATA, KEY = noise(3_000_000, "data"), noise(1_300_000, "key")
CHUNK = 2**20


@pytest.fixture(scope="module")
def plain() -> bytes:
    return xor_by_chunks(DATA, KEY, CHUNK)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "key").write_bytes(KEY)
    return tmp_path


def passed(folder: Path, *, sha256: bool = False, chunk: int = CHUNK) -> tuple[list[int], Digests]:
    """How far it came step by step, and the digests."""
    work, steps = decrypt_to(folder / "partial", folder / "data", folder / "key", sha256=sha256, chunk=chunk), []
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return steps, end.value


def test_both_sides_are_hashed(folder: Path, plain: bytes) -> None:
    _, digests = passed(folder, sha256=True)
    assert digests == Digests(
        md5_encrypted=hashlib.md5(DATA).hexdigest(),
        md5=hashlib.md5(plain).hexdigest(),
        sha256_encrypted=hashlib.sha256(DATA).hexdigest(),
        sha256=hashlib.sha256(plain).hexdigest(),
    )


def test_sha256_is_left_out_where_nobody_asks(folder: Path) -> None:
    _, digests = passed(folder)
    assert (digests.sha256, digests.sha256_encrypted) == (None, None)


def test_progress_grows_to_the_size(folder: Path) -> None:
    steps, _ = passed(folder)
    assert steps == sorted(set(steps)) and steps[-1] == len(DATA)


@given(data=st.binary(max_size=200), key=st.binary(min_size=1, max_size=60), chunk=st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_small_files_of_any_shape(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, key: bytes, chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("shape")
    (folder / "data").write_bytes(data)
    (folder / "key").write_bytes(key)
    _, digests = passed(folder, chunk=chunk)
    expected = xor_by_chunks(data, key, chunk)
    assert (folder / "partial").read_bytes() == expected and digests.md5 == hashlib.md5(expected).hexdigest()


@pytest.mark.parametrize("left", [0, 1, 524_288, 1_000_000, 3_000_000])
def test_a_beginning_is_gone_on_with(folder: Path, plain: bytes, left: int) -> None:
    (folder / "partial").write_bytes(plain[:left])
    _, digests = passed(folder)
    assert (folder / "partial").read_bytes() == plain and digests.md5 == hashlib.md5(plain).hexdigest()


@pytest.mark.parametrize("left", [noise(2_000_000, "junk"), noise(4_000_000, "junk")])
def test_what_is_no_beginning_is_written_over(folder: Path, plain: bytes, left: bytes) -> None:
    (folder / "partial").write_bytes(left)
    passed(folder)
    assert (folder / "partial").read_bytes() == plain


def test_one_wrong_byte_of_an_earlier_pass_is_mended(folder: Path, plain: bytes) -> None:
    wrong = bytearray(plain)
    wrong[1_700_000] ^= 1
    (folder / "partial").write_bytes(wrong)
    passed(folder)
    assert (folder / "partial").read_bytes() == plain


def test_what_stands_there_already_is_not_written_again(folder: Path, plain: bytes) -> None:
    (folder / "partial").write_bytes(plain)
    os.utime(folder / "partial", (1, 1))
    passed(folder)
    assert (folder / "partial").stat().st_mtime == 1


def test_closing_leaves_a_beginning(folder: Path, plain: bytes) -> None:
    work = decrypt_to(folder / "partial", folder / "data", folder / "key", chunk=CHUNK)
    for _ in range(3):
        next(work)
    work.close()
    left = (folder / "partial").read_bytes()
    assert 0 < len(left) < len(plain) and plain.startswith(left)
