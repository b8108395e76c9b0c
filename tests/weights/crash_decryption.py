"""Kill a decryption just before its first, second, third, … operation on a file, and go on with it each time.

Forks instead of starting processes, so that many crashes take seconds; prints how many there were.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from techgpt_ui.weights import decrypt, plan_decryption
from tests.weights.encrypting import encrypt_into, noise

OPERATIONS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.listdir", "os.scandir", "os.truncate"}
KEY = noise(5_000, "key")
FILES = {"a.json": b'{"a": 1}', "notes.txt": noise(3_000, "notes")}


def main(folder: Path) -> None:
    (folder / "key").write_bytes(KEY)
    encrypted = encrypt_into(folder / "encrypted", FILES, KEY)
    nth = 1
    while crash(encrypted, folder / "key", folder / "plain", nth):
        whole(folder / "plain")
        states = {step.outcome.state for step in work(encrypted, folder / "key", folder / "plain") if step.outcome}
        assert states <= {"kept", "unchecked"}, (nth, states)
        left = {path.name for path in (folder / "plain").iterdir() if not path.name.startswith(".decrypted")}
        assert left == set(FILES), (nth, left)
        whole(folder / "plain")
        nth += 1
    print(nth - 1)


def work(encrypted: Path, key: Path, out: Path):
    return decrypt(plan_decryption(encrypted, key, out))


def whole(out: Path) -> None:
    """Whatever has a final name has its whole content."""
    for path in out.glob("[!.]*"):
        assert path.read_bytes() == FILES[path.name], path


def crash(encrypted: Path, key: Path, out: Path, nth: int) -> bool:
    """Decrypt in a fork that dies before operation ``nth``; False when it finished before that."""
    shutil.rmtree(out, ignore_errors=True)
    child = os.fork()
    if child == 0:
        count = 0

        def before(event: str, details: tuple[object, ...]) -> None:
            nonlocal count
            if event in OPERATIONS and str(out) in str(details[0]):
                count += 1
                if count == nth:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(before)
        for _ in work(encrypted, key, out):
            pass
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


if __name__ == "__main__":
    main(Path(sys.argv[1]))
