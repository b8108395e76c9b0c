"""Hashes that are computed in threads of their own beside the work; hashlib lets go of the interpreter meanwhile."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from techgpt_ui.weights.files import chunks

BACKLOG = 4
"""Blocks that may wait to be hashed; they are in memory meanwhile."""


class Lane:
    """Hashes of one stream of bytes, in the order in which they were fed."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._digests = {name: hashlib.new(name, usedforsecurity=False) for name in names}
        self._worker = ThreadPoolExecutor(1)
        self._waiting: deque[Future[None]] = deque()

    def feed(self, block: Any) -> None:
        """Hash a buffer that nobody changes any more; waits while too many are waiting."""
        self._waiting.append(self._worker.submit(self._update, block))
        if len(self._waiting) > BACKLOG:
            self._waiting.popleft().result()

    def results(self) -> dict[str, str]:
        """The hexadecimal digits by name of the hash, of all that was fed."""
        while self._waiting:
            self._waiting.popleft().result()
        return {name: digest.hexdigest() for name, digest in self._digests.items()}

    def close(self) -> None:
        """End the thread; what it has not begun is forgotten."""
        self._worker.shutdown(cancel_futures=True)

    def _update(self, block: Any) -> None:
        for digest in self._digests.values():
            digest.update(block)


@contextmanager
def lanes(names: tuple[str, ...]) -> Iterator[tuple[Lane, Lane]]:
    """Two lanes with these hashes, for the two sides of a cipher."""
    opened = Lane(names), Lane(names)
    try:
        yield opened
    finally:
        for lane in opened:
            lane.close()


def md5_of(path: Path) -> Generator[int, None, str]:
    """The md5 of a file; yields how many bytes are read."""
    digest, done = hashlib.md5(usedforsecurity=False), 0
    with path.open("rb") as source:
        for block in chunks(source):
            digest.update(block)
            done += len(block)
            yield done
    return digest.hexdigest()
