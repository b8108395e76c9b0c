"""A folder of encrypted weights to a folder of plain ones, file by file; goes on where an earlier call was cut off."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights.cipher import CHUNK
from techgpt_ui.weights.decryption_plan import DecryptionPlan, EncryptedFile
from techgpt_ui.weights.digests import md5_of
from techgpt_ui.weights.files import NO_ROOM, NO_WRITING, amount, publish
from techgpt_ui.weights.findings import error, fine
from techgpt_ui.weights.judging import judge
from techgpt_ui.weights.outcomes import FileOutcome, WeightsStep, relayed
from techgpt_ui.weights.passing import decrypt_to
from techgpt_ui.weights.published import PUBLISHED
from techgpt_ui.weights.receipts import keep_receipt, read_receipts, receipt_for

WORK = ".decrypting"
"""The folder below the target that holds what is unfinished."""
LOCK = ".lock"


def decrypt(plan: DecryptionPlan, *, chunk: int = CHUNK) -> Generator[WeightsStep, None, None]:
    """Decrypt the files of a plan; the last step of each has its outcome.

    A file gets its name only when nothing speaks against it. Closing the iterator stops the work, and the next call
    goes on with it. Raises WorkbenchError ``decrypt_disk_full``, ``decrypt_not_writable``, ``decrypt_busy`` or
    ``decrypt_failed``.
    """
    with _storage_errors(plan.out), _turn(plan.out) as work:
        todo = yield from _settle_old(plan)
        _require_room(plan.out, work, todo)
        yield from _settle_new(plan, work, todo, chunk)


def _settle_old(plan: DecryptionPlan) -> Generator[WeightsStep, None, list[EncryptedFile]]:
    """Settle the files whose names are taken, where that can be; returns those to decrypt."""
    taken = [file for file in plan.files if plan.place(file).exists()]
    total, done = sum(plan.place(file).stat().st_size for file in taken), 0
    settled = []
    for file in taken:
        name, place = file.name.plain, plan.place(file)
        md5 = None
        if place.is_file():
            md5 = yield from relayed(md5_of(place), "check", name, done, total)
        done += place.stat().st_size
        if outcome := _old_outcome(plan, file, md5):
            settled.append(file)
            yield WeightsStep("check", name, done, total, outcome)
    return [file for file in plan.files if file not in settled]


def _old_outcome(plan: DecryptionPlan, file: EncryptedFile, md5: str | None) -> FileOutcome | None:
    """What to say of a name that is taken; None where its file is ours, but made from something else."""
    name, size = file.name.plain, plan.place(file).stat().st_size
    published = PUBLISHED.get(name)
    if published and md5 == published.plain:
        return FileOutcome(name=name, state="kept", finding=fine("decrypt_kept", name=name), size=size, md5=md5)
    receipt = read_receipts(plan.out).files.get(name)
    if receipt is None or md5 != receipt.md5:
        finding = error("decrypt_in_the_way", name=name, path=str(plan.place(file)))
        return FileOutcome(name=name, state="in_the_way", finding=finding, size=size, md5=md5)
    if receipt.same_origin(receipt_for(file.path, plan.key, receipt.md5)):
        return FileOutcome(name=name, state="kept", finding=fine("decrypt_unchanged", name=name), size=size, md5=md5)
    return None


def _settle_new(
    plan: DecryptionPlan, work: Path, todo: list[EncryptedFile], chunk: int
) -> Generator[WeightsStep, None, None]:
    total, done = sum(file.size for file in todo), 0
    wrong_key = False
    for file in todo:
        name = file.name.plain
        if wrong_key:
            outcome = FileOutcome(name=name, state="not_tried", finding=error("decrypt_not_tried", name=name))
        else:
            partial = _partial(work, file)
            passing = decrypt_to(partial, file.path, plan.key, sha256=file.name.claim is not None, chunk=chunk)
            digests = yield from relayed(passing, "decrypt", name, done, total)
            outcome = judge(file.name, file.path, partial, digests)
            _conclude(plan, file, partial, outcome)
            # Noise alone does not prove it: a file may be called what it is not.
            wrong_key = outcome.state == "wrong_key" and file.name.published(digests.md5_encrypted) is not None
        done += file.size
        yield WeightsStep("decrypt", name, done, total, outcome)


def _conclude(plan: DecryptionPlan, file: EncryptedFile, partial: Path, outcome: FileOutcome) -> None:
    if not outcome.ok:
        partial.unlink()
        return
    # The receipt first: a file without one would be in the way of the next call.
    keep_receipt(plan.out, outcome.name, receipt_for(file.path, plan.key, outcome.md5 or ""))
    publish(partial, plan.place(file))


def _partial(work: Path, file: EncryptedFile) -> Path:
    return work / f"{file.name.plain}.partial"


def _require_room(out: Path, work: Path, todo: list[EncryptedFile]) -> None:
    begun = {path: path.stat().st_size for path in work.iterdir()}
    needed = sum(max(0, file.size - begun.get(_partial(work, file), 0)) for file in todo)
    if needed > shutil.disk_usage(out).free:
        raise _disk_full(out, needed)


def _disk_full(out: Path, needed: int | None) -> WorkbenchError:
    free = amount(shutil.disk_usage(out).free)
    if needed is None:
        return WorkbenchError("decrypt_disk_filled", path=out, free=free)
    return WorkbenchError("decrypt_disk_full", path=out, needed=amount(needed), free=free)


@contextmanager
def _turn(out: Path) -> Iterator[Path]:
    """The folder for unfinished files, this process's alone until it is done; removed with the last of them."""
    from filelock import FileLock, Timeout

    work = out / WORK
    work.mkdir(parents=True, exist_ok=True)
    lock = FileLock(work / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise WorkbenchError("decrypt_busy", path=out) from error
    try:
        yield work
    finally:
        if {path.name for path in work.iterdir()} == {LOCK}:
            # While the lock is held: nobody can take a lock that is about to go. Windows keeps what is open.
            with suppress(OSError):
                (work / LOCK).unlink()
                work.rmdir()
        lock.release()


@contextmanager
def _storage_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except ConnectionError:
        raise  # the listener's terminal or socket went away; no file of ours says this
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno in NO_ROOM:
            raise _disk_full(out, None) from error
        if error.errno in NO_WRITING and str(error.filename or out).startswith(str(out)):
            raise WorkbenchError("decrypt_not_writable", path=out, why=why) from error
        raise WorkbenchError("decrypt_failed", path=error.filename or out, why=why) from error
