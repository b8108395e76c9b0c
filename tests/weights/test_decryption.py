"""A folder of encrypted files: what is made of it, what is told of each file, and what a call that was cut off leaves."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from techgpt_ui.errors import UsageError, WorkbenchError
from techgpt_ui.weights import FileOutcome, WeightsStep, decrypt, plan_decryption
from techgpt_ui.weights.decryption import LOCK, WORK
from techgpt_ui.weights.published import EMPTY_SHA256
from techgpt_ui.weights.receipts import RECEIPTS
from tests.weights.encrypting import encrypted_name, noise, xor_by_chunks
from tests.weights.fetching import start_script
from tests.weights.small_weights import FILES, KEY, publish

WRONG = noise(5_000, "another key")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 3\n"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    (tmp_path / "key").write_bytes(KEY)
    return tmp_path / "key"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return publish(monkeypatch, tmp_path / "encrypted")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "plain"


def outcomes(folder: Path, key: Path, out: Path) -> dict[str, FileOutcome]:
    """What is told of each file, once each."""
    found = [step.outcome for step in decrypt(plan_decryption(folder, key, out)) if step.outcome]
    by_name = {outcome.name: outcome for outcome in found}
    assert len(by_name) == len(found)
    return by_name


def states(folder: Path, key: Path, out: Path) -> dict[str, str]:
    return {name: outcome.state for name, outcome in outcomes(folder, key, out).items()}


def contents(out: Path) -> dict[str, bytes]:
    """The files with their final names; nothing else may be left but the receipts."""
    assert {path.name for path in out.iterdir() if path.name.startswith(".")} <= {RECEIPTS}
    return {path.name: path.read_bytes() for path in out.iterdir() if not path.name.startswith(".")}


def one(tmp_path: Path, name: str, content: bytes, key: bytes = KEY) -> Path:
    """A folder with one encrypted file of this whole name."""
    folder = tmp_path / "one"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(xor_by_chunks(content, key))
    return folder


def test_all_files_of_a_folder_become_the_published_ones(published: Path, key: Path, out: Path) -> None:
    found = outcomes(published, key, out)
    assert {name: outcome.state for name, outcome in found.items()} == dict.fromkeys(FILES, "right")
    assert contents(out) == FILES
    for name, outcome in found.items():
        assert outcome.ok and outcome.md5 == hashlib.md5(FILES[name]).hexdigest()
        assert outcome.md5_encrypted == hashlib.md5((published / encrypted_name(name)).read_bytes()).hexdigest()


def test_progress_counts_the_bytes_of_all_files(published: Path, key: Path, out: Path) -> None:
    steps: list[WeightsStep] = list(decrypt(plan_decryption(published, key, out)))
    total = sum(map(len, FILES.values()))
    assert {step.total for step in steps} == {total} and steps[-1].done == total
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_a_second_call_does_nothing_again(published: Path, key: Path, out: Path) -> None:
    outcomes(published, key, out)
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    steps = list(decrypt(plan_decryption(published, key, out)))
    assert {step.stage for step in steps} == {"check"}
    assert {step.outcome.state for step in steps if step.outcome} == {"kept"}
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_the_published_files_need_no_receipt(published: Path, key: Path, out: Path) -> None:
    outcomes(published, key, out)
    (out / RECEIPTS).unlink()
    assert set(states(published, key, out).values()) == {"kept"}


def test_only_what_is_missing_is_done_again(published: Path, key: Path, out: Path) -> None:
    outcomes(published, key, out)
    (out / "config.json").unlink()
    assert states(published, key, out)["config.json"] == "right"
    assert contents(out) == FILES


def test_a_wrong_key_is_told_by_the_first_file_and_leaves_nothing(published: Path, key: Path, out: Path) -> None:
    key.write_bytes(WRONG)
    found = outcomes(published, key, out)
    assert [outcome.state for outcome in found.values()] == ["wrong_key", "not_tried", "not_tried"]
    assert "consolidated.00.pth" in found["config.json"].finding.hint.zh
    assert contents(out) == {}


def test_the_right_key_after_a_wrong_one(published: Path, key: Path, out: Path) -> None:
    key.write_bytes(WRONG)
    outcomes(published, key, out)
    key.write_bytes(KEY)
    assert set(states(published, key, out).values()) == {"right"}


def test_a_damaged_download_is_not_blamed_on_the_key(published: Path, key: Path, out: Path) -> None:
    damaged = published / encrypted_name("pytorch_model.bin")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    found = outcomes(published, key, out)
    assert {name: outcome.state for name, outcome in found.items()} == dict.fromkeys(FILES, "right") | {
        "pytorch_model.bin": "damaged"
    }
    assert "says nothing about the key" in found["pytorch_model.bin"].finding.text.en
    assert "pytorch_model.bin" not in contents(out)


def test_a_pointer_of_git_is_told_as_one(published: Path, key: Path, out: Path) -> None:
    (published / encrypted_name("pytorch_model.bin")).write_bytes(POINTER)
    assert outcomes(published, key, out)["pytorch_model.bin"].finding.code == "decrypt_pointer"


def test_a_published_file_under_another_name_is_known_by_its_content(published: Path, key: Path, out: Path) -> None:
    (published / encrypted_name("config.json")).rename(published / "config.json.enc")
    assert states(published, key, out)["config.json"] == "right"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"anything"),
        ("other.json", b'{"a": 1}'),
        ("empty.json", b""),
    ],
)
def test_a_file_that_no_list_knows_is_kept_and_told(
    tmp_path: Path, key: Path, out: Path, name: str, content: bytes
) -> None:
    (outcome,) = outcomes(one(tmp_path, encrypted_name(name), content), key, out).values()
    assert (outcome.state, outcome.ok) == ("unchecked", True)
    assert "check it against" in outcome.finding.text.en
    assert contents(out) == {name: content}


@pytest.mark.parametrize("name", ["other.json", "other.bin", "other.safetensors", "tokenizer.model"])
def test_noise_under_a_name_that_promises_more_is_not_kept(tmp_path: Path, key: Path, out: Path, name: str) -> None:
    (outcome,) = outcomes(one(tmp_path, f"{name}.enc", noise(900, "noise")), key, out).values()
    assert (outcome.state, outcome.finding.code) == ("wrong_key", "decrypt_noise")
    assert contents(out) == {}


def test_noise_does_not_keep_the_other_files_from_being_tried(published: Path, key: Path, out: Path) -> None:
    (published / "a.json.enc").write_bytes(b"?")
    assert states(published, key, out) == dict.fromkeys(FILES, "right") | {"a.json": "wrong_key"}


def test_a_digest_of_the_content_proves_it(tmp_path: Path, key: Path, out: Path) -> None:
    digest = hashlib.sha256(b"anything").hexdigest().upper()
    (outcome,) = outcomes(one(tmp_path, f"notes.txt.{digest}.enc", b"anything"), key, out).values()
    assert (outcome.state, outcome.finding.code) == ("right", "decrypt_digest_of_content")


def test_a_digest_of_the_encrypted_file_proves_the_download_alone(tmp_path: Path, key: Path, out: Path) -> None:
    digest = hashlib.sha256(xor_by_chunks(b"{}", KEY)).hexdigest()
    folder = one(tmp_path, f"a.json.{digest}.enc", b"{}")
    (outcome,) = outcomes(folder, key, out).values()
    assert (outcome.state, outcome.finding.code) == ("unchecked", "decrypt_digest_of_source_fits")


def test_a_digest_of_neither_is_a_failure(tmp_path: Path, key: Path, out: Path) -> None:
    folder = one(tmp_path, f"notes.txt.{'ab' * 32}.enc", b"anything")
    (outcome,) = outcomes(folder, key, out).values()
    assert (outcome.ok, outcome.finding.code) == (False, "decrypt_digest_of_neither")
    assert contents(out) == {}


def test_an_unlisted_file_is_not_done_again(tmp_path: Path, key: Path, out: Path) -> None:
    folder = one(tmp_path, encrypted_name("notes.txt"), b"anything")
    outcomes(folder, key, out)
    assert states(folder, key, out) == {"notes.txt": "kept"}


@pytest.mark.parametrize("change", ["key", "file"])
def test_an_unlisted_file_is_made_anew_from_something_else(tmp_path: Path, key: Path, out: Path, change: str) -> None:
    folder = one(tmp_path, encrypted_name("notes.txt"), b"anything")
    outcomes(folder, key, out)
    if change == "key":
        key.write_bytes(WRONG)
    else:
        one(tmp_path, encrypted_name("notes.txt"), b"something else")
    assert states(folder, key, out) == {"notes.txt": "unchecked"}
    encrypted = (folder / encrypted_name("notes.txt")).read_bytes()
    assert contents(out) == {"notes.txt": xor_by_chunks(encrypted, key.read_bytes())}


@pytest.mark.parametrize("mine", ["before", "afterwards"])
def test_a_file_of_the_users_is_never_overwritten(published: Path, key: Path, out: Path, mine: str) -> None:
    if mine == "afterwards":
        outcomes(published, key, out)
    out.mkdir(exist_ok=True)
    (out / "config.json").write_bytes(b"mine")
    found = outcomes(published, key, out)
    assert (
        found["config.json"].state == "in_the_way" and str(out / "config.json") in found["config.json"].finding.text.en
    )
    assert contents(out)["config.json"] == b"mine"
    assert found["pytorch_model.bin"].ok


def test_a_folder_in_the_place_of_a_file_is_told(published: Path, key: Path, out: Path) -> None:
    (out / "config.json").mkdir(parents=True)
    assert states(published, key, out)["config.json"] == "in_the_way"


def test_the_encrypted_folder_may_take_the_plain_files(published: Path, key: Path) -> None:
    outcomes(published, key, published)
    assert {name: (published / name).read_bytes() for name in FILES} == FILES
    assert set(states(published, key, published).values()) == {"kept"}


def test_what_is_not_named_like_an_encrypted_file_is_left_alone(published: Path, key: Path, out: Path) -> None:
    (published / "README.md").write_text("words")
    (published / "folder.enc").mkdir()
    plan = plan_decryption(published, key, out)
    assert plan.others == ("README.md", "folder.enc")
    assert [file.name.plain for file in plan.files] == sorted(FILES, key=lambda name: len(FILES[name]))
    assert (published / "README.md").read_text() == "words"


@pytest.mark.parametrize("name", ["..enc", "...enc", f"..{EMPTY_SHA256}.enc", ".enc"])
def test_a_name_that_would_lead_elsewhere_is_no_encrypted_file(tmp_path: Path, key: Path, out: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan_decryption(one(tmp_path, name, b"?"), key, out)
    assert caught.value.code == "decrypt_nothing"


Arrange = Callable[[Path, Path, Path], None]
MISTAKES: dict[str, tuple[Arrange, str]] = {
    "no key": (lambda folder, key, out: key.unlink(), "decrypt_key_unreadable"),
    "an empty key": (lambda folder, key, out: key.write_bytes(b""), "decrypt_key_empty"),
    "a folder as key": (lambda folder, key, out: (key.unlink(), key.mkdir()), "decrypt_key_is_folder"),
    "no folder": (lambda folder, key, out: shutil.rmtree(folder), "decrypt_folder_unreadable"),
    "nothing to decrypt": (lambda folder, key, out: encrypt_away(folder), "decrypt_nothing"),
    "a file as target": (lambda folder, key, out: out.write_text(""), "decrypt_out_is_file"),
    "one name twice": (lambda folder, key, out: (folder / "config.json.enc").write_text(""), "decrypt_same_name"),
}


def encrypt_away(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_told_before_anything_is_done(published: Path, key: Path, out: Path, case: str) -> None:
    arrange, code = MISTAKES[case]
    arrange(published, key, out)
    with pytest.raises(UsageError) as caught:
        plan_decryption(published, key, out)
    assert caught.value.code == code and caught.value.hint.zh and caught.value.hint.en
    assert not out.is_dir()


def failure(folder: Path, key: Path, out: Path) -> WorkbenchError:
    with pytest.raises(WorkbenchError) as caught:
        outcomes(folder, key, out)
    return caught.value


def test_a_full_disk_is_told_with_both_figures_before_the_work(
    published: Path, key: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(published)._replace(free=12_345)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    error = failure(published, key, out)
    needed = sum(map(len, FILES.values()))
    assert error.code == "decrypt_disk_full"
    assert f"{needed / 1000:.2f} KB are needed, 12.35 KB are free" in error.message.en
    assert contents(out) == {}


def test_what_is_done_needs_no_room(published: Path, key: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes(published, key, out)
    usage = shutil.disk_usage(published)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert set(states(published, key, out).values()) == {"kept"}


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "decrypt_disk_filled"), (errno.EIO, "decrypt_failed")])
def test_a_disk_that_fails_meanwhile_is_told_and_the_beginning_kept(
    published: Path, key: Path, out: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fail(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    assert failure(published, key, out).code == code
    assert [path.name for path in (out / WORK).glob("*.partial")] == ["config.json.partial"]
    monkeypatch.undo()
    publish(monkeypatch, published)
    assert set(states(published, key, out).values()) == {"right"}


def test_a_file_that_may_not_be_read_is_named(published: Path, key: Path, out: Path) -> None:
    plan = plan_decryption(published, key, out)
    (published / encrypted_name("pytorch_model.bin")).unlink()
    with pytest.raises(WorkbenchError) as caught:
        list(decrypt(plan))
    assert caught.value.code == "decrypt_failed" and "pytorch_model.bin" in caught.value.message.en


def test_two_at_once_do_not_meet(published: Path, key: Path, out: Path) -> None:
    (out / WORK).mkdir(parents=True)
    with FileLock(out / WORK / LOCK):
        assert failure(published, key, out).code == "decrypt_busy"
    assert set(states(published, key, out).values()) == {"right"}


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_closing_the_iterator_stops_and_the_next_call_goes_on(
    published: Path, key: Path, out: Path, after: int
) -> None:
    steps = decrypt(plan_decryption(published, key, out))
    done = {step.file for step in (next(steps) for _ in range(after)) if step.outcome}
    steps.close()
    again = states(published, key, out)
    assert {name for name, state in again.items() if state == "kept"} == done
    assert contents(out) == FILES


def test_killed_before_any_operation_on_a_file(tmp_path: Path) -> None:
    process = start_script("crash_decryption.py", tmp_path)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert int(output) > 20


def test_receipts_that_cannot_be_read_are_none(tmp_path: Path, key: Path, out: Path) -> None:
    folder = one(tmp_path, encrypted_name("notes.txt"), b"anything")
    outcomes(folder, key, out)
    (out / RECEIPTS).write_text(json.dumps({"files": 3}))
    assert states(folder, key, out) == {"notes.txt": "in_the_way"}
