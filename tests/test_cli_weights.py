"""Weights on the command line, as a user calls it: decrypted, verified, killed and called again."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from techgpt_ui.cli import app
from techgpt_ui.weights.decryption import WORK
from tests.weights.encrypting import encrypted_name, noise
from tests.weights.model_folders import sentencepiece_model, write_model
from tests.weights.small_weights import FILES, KEY, publish

ROOT = Path(__file__).resolve().parent.parent
LARGE = 100_000_000
MEMORY = 64 * 2**20


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "techgpt_ui", *map(str, arguments)]


def start(*arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def call(*arguments: str | Path, **environment: str) -> Any:
    return CliRunner().invoke(app, [*map(str, arguments)], env=environment)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    (tmp_path / "key").write_bytes(KEY)
    return tmp_path / "key"


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return publish(monkeypatch, tmp_path / "encrypted")


def test_a_folder_is_decrypted_and_verified(published: Path, key: Path, tmp_path: Path) -> None:
    (published / "README.md").write_text("words")
    done = call("weights", "decrypt", published, "--key", key, "--out", tmp_path / "plain")
    assert done.exit_code == 0 and len(done.stdout.splitlines()) == len(FILES)
    assert "README.md was left alone" in done.stderr
    assert all(line.startswith("right ") for line in done.stdout.splitlines())
    checked = call("weights", "verify", tmp_path / "plain")
    assert checked.exit_code == 0 and checked.stdout.count("right ") == len(FILES)


def test_json_has_each_file(published: Path, key: Path, tmp_path: Path) -> None:
    done = call("weights", "decrypt", published, "--key", key, "--out", tmp_path / "plain", "--json")
    found = json.loads(done.stdout)
    assert found["ok"] and found["left_alone"] == []
    for entry in found["files"]:
        assert entry["md5"] == hashlib.md5(FILES[entry["name"]]).hexdigest() and entry["ok"]
    verified = json.loads(call("weights", "verify", tmp_path / "plain", "--json").stdout)
    assert {entry["name"]: entry["state"] for entry in verified["files"]} == dict.fromkeys(FILES, "right")


def test_a_wrong_key_ends_with_one(published: Path, key: Path, tmp_path: Path) -> None:
    key.write_bytes(noise(9, "wrong"))
    done = call("weights", "decrypt", published, "--key", key, "--out", tmp_path / "plain", TECHGPT_LANG="zh")
    assert done.exit_code == 1 and "密钥不对" in done.stdout


def test_files_that_are_still_encrypted_end_with_one(published: Path) -> None:
    done = call("weights", "verify", published, "--json")
    assert done.exit_code == 1 and not json.loads(done.stdout)["ok"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("decrypt", "/nowhere/at/all", "--key", __file__, "--out", "/nowhere"), "/nowhere/at/all"),
        (("decrypt", ".", "--key", "/nowhere/key", "--out", "/nowhere"), "--key"),
        (("decrypt", ".", "--out", "/nowhere"), "--key"),
        (("verify", "/nowhere/at/all"), "/nowhere/at/all"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    process = start("weights", *arguments)
    output, errors = process.communicate()
    assert process.returncode == 2 and words in errors and "Traceback" not in errors and output == ""


def test_a_name_cannot_change_the_terminal(tmp_path: Path, key: Path) -> None:
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "a\x1b[2Jb.txt.enc").write_bytes(b"?")
    (folder / os.fsdecode(b"caf\xe9.md")).write_bytes(b"?")
    done = call("weights", "decrypt", folder, "--key", key, "--out", tmp_path / "plain")
    assert done.exit_code == 0 and "\x1b" not in done.output and "a\\x1b[2Jb.txt" in done.stdout
    assert "caf\\udce9.md" in done.stderr


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fresh random file that takes a moment, its key, and what it is once it is decrypted."""
    folder = tmp_path_factory.mktemp("large")
    key, plain = os.urandom(25_000_000), os.urandom(LARGE // 40) * 40
    (folder / "key").write_bytes(key)
    (folder / "plain.md5").write_text(hashlib.md5(plain).hexdigest())
    (folder / "encrypted").mkdir()
    # 25 MB are two whole chunks and a part of one, which is laid over its chunk again and again.
    chunk = 10 * 2**20
    pads = [key[begin : begin + chunk] for begin in range(0, len(key), chunk)]
    with (folder / "encrypted" / encrypted_name("weights.dat")).open("wb") as file:
        for number, begin in enumerate(range(0, LARGE, chunk)):
            block, pad = plain[begin : begin + chunk], pads[number % len(pads)]
            pad = (pad * 3)[: len(block)]
            file.write((int.from_bytes(block, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(block), "big"))
    return folder


def unfinished(out: Path) -> int:
    """Bytes of the file that is being made."""
    partial = out / WORK / "weights.dat.partial"
    return partial.stat().st_size if partial.exists() else 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_ended_in_the_middle_and_called_again(large: Path, tmp_path: Path, number: signal.Signals) -> None:
    arguments = ("weights", "decrypt", large / "encrypted", "--key", large / "key", "--out", tmp_path / "plain")
    process = start(*arguments)
    while process.poll() is None and unfinished(tmp_path / "plain") < 2_000_000:
        pass
    process.send_signal(number)
    _, errors = process.communicate()
    assert 0 < unfinished(tmp_path / "plain") < LARGE and not (tmp_path / "plain" / "weights.dat").exists()
    if number == signal.SIGINT:
        assert process.returncode == 1 and "Interrupted" in errors and "Traceback" not in errors
    again = start(*arguments, "--json")
    output, errors = again.communicate()
    assert again.returncode == 0, errors
    assert json.loads(output)["files"][0]["md5"] == (large / "plain.md5").read_text()
    with (tmp_path / "plain" / "weights.dat").open("rb") as file:
        assert hashlib.file_digest(file, "md5").hexdigest() == (large / "plain.md5").read_text()
    assert not (tmp_path / "plain" / WORK).exists()


def test_it_takes_little_memory_beyond_the_interpreter(large: Path, tmp_path: Path) -> None:
    def peak(*arguments: str) -> int:
        """Bytes that a process had in memory at most."""
        process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    files = [str(large / "encrypted"), "--key", str(large / "key"), "--out", str(tmp_path / "plain")]
    assert peak("-m", "techgpt_ui", "weights", "decrypt", *files) - peak("-c", "pass") < MEMORY


def test_the_doctor_takes_format_and_device(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", sentencepiece_model(), "bin")
    done = call("doctor", folder, "--dtype", "fp16", "--device", "cpu", "--json")
    found = {(entry["severity"], entry["ok"]) for entry in json.loads(done.stdout) if entry["name"] == "model"}
    assert done.exit_code == 0 and found == {("ok", True), ("warning", True)}
    told = call("doctor", folder, TECHGPT_DTYPE="fp16", TECHGPT_DEVICE="cpu")
    assert "(!) model" in told.stdout and "fp16" in told.stdout


def test_the_doctor_ends_with_one_for_a_gpu_that_is_not_here(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "model", sentencepiece_model(), "safetensors")
    done = call("doctor", folder, "--device", "cuda:99")
    assert done.exit_code == 1 and "BAD model" in done.stdout and "cuda:99" in done.stdout
