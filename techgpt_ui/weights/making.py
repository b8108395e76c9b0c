"""Checkpoint folders of the cache: made in a working folder beside their place, sealed, then renamed into it.

So a checkpoint is there whole or not at all. Processes that share a cache take turns.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from techgpt_ui.errors import WorkbenchError
from techgpt_ui.weights.files import NO_ROOM, NO_WRITING, sync_folder
from techgpt_ui.weights.manifest import is_complete, seal

LOCK_SECONDS = 0.5
KEY_DIGITS = 12


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that the cache holds, or will hold."""

    cache: Path
    name: str
    source: str
    """Id of what it is made from."""
    room: int
    """Bytes on the disk while it is made."""
    key: str = ""
    """Hexadecimal digits that follow the name where each source has a folder of its own; the newest alone is kept."""

    @property
    def folder(self) -> Path:
        """Its place."""
        return self.cache / (f"{self.name}-{self.key}" if self.key else self.name)

    def complete(self, *, verify: bool = False) -> Path | None:
        """The folder, or None while it is not complete; reads every file with ``verify``."""
        return self.folder if is_complete(self.folder, self.source, verify=verify) else None

    def make(self, build: Callable[[Path], Path], waiting: Callable[[], None], *, verify: bool = False) -> Path:
        """The complete folder, made first where it is missing, incomplete or (``verify``) damaged.

        ``build`` is given the working folder and returns the finished checkpoint in it; ``waiting`` is called while
        another process has the lock. What either raises stops the work and leaves no trace.
        Raises WorkbenchError ``disk_full``, ``cache_not_writable`` or ``cache_failed``.
        """
        with self._storage_errors():
            folder = self.complete(verify=verify)
            leftovers = os.access(self.cache, os.W_OK) and self._work.exists()
            if folder is None or leftovers:
                with self._turn(waiting):
                    folder = self.complete(verify=verify) or self._made(build)
                    for useless in (self._work, *self._outdated()):
                        shutil.rmtree(useless, ignore_errors=True)
        return folder

    @property
    def _work(self) -> Path:
        return self.cache / f".{self.name}.partial"

    def _outdated(self) -> list[Path]:
        """The folders that the same thing had for other sources."""
        keyed = re.compile(rf"{re.escape(self.name)}-[0-9a-f]{{{KEY_DIGITS}}}")
        return [path for path in self.cache.iterdir() if path != self.folder and keyed.fullmatch(path.name)]

    def _made(self, build: Callable[[Path], Path]) -> Path:
        if shutil.disk_usage(self.cache).free < self.room:
            raise self._disk_full()
        try:
            checkpoint = build(self._work)
            seal(checkpoint, self.source)
            return self._publish(checkpoint)
        except BaseException:
            shutil.rmtree(self._work, ignore_errors=True)
            raise

    def _publish(self, checkpoint: Path) -> Path:
        if self.folder.exists():
            # No renaming over a folder that has files.
            broken = self._work / "broken"
            shutil.rmtree(broken, ignore_errors=True)
            self.folder.rename(broken)
        checkpoint.rename(self.folder)
        sync_folder(self.cache)
        return self.folder

    @contextmanager
    def _turn(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Hold the lock, giving signs of life while another process has it."""
        from filelock import FileLock, Timeout

        self.cache.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.cache / f".{self.name}.lock")
        while True:
            try:
                lock.acquire(timeout=LOCK_SECONDS)
                break
            except Timeout:
                waiting()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        try:
            yield
        except ConnectionError:
            raise  # the listener's terminal or socket went away; no file of ours says this
        except OSError as error:
            why = error.strerror or str(error)
            if error.errno in NO_ROOM:
                raise self._disk_full() from error
            if error.errno in NO_WRITING:
                raise WorkbenchError("cache_not_writable", path=self.cache, why=why) from error
            raise WorkbenchError("cache_failed", path=self.cache, why=why) from error

    def _disk_full(self) -> WorkbenchError:
        megabytes = {"needed": self.room // 10**6, "free": shutil.disk_usage(self.cache).free // 10**6}
        return WorkbenchError("disk_full", path=self.cache, **megabytes)
