"""The cipher of TechGPT's weights: each chunk of the data XORed with the next chunk read from a key file.

When a read of the key returns nothing, the key is read from its start again; a chunk of the key that is shorter than
the data's is repeated over it. So the byte of the key for any place is known without reading what lies before it.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK = 10 * 2**20
"""Bytes that upstream's script reads at a time; part of the format."""
BLOCK = 2**19
"""Bytes that are worked on at a time: they stay in the processor's cache, and divide a chunk."""


class KeyStream:
    """The bytes of a key, an open file, as the cipher lays them over data; ValueError for an empty one."""

    def __init__(self, source: IO[bytes], *, chunk: int = CHUNK, block: int = BLOCK) -> None:
        self._source, self._chunk, self._block = source, chunk, min(block, chunk)
        self._size = source.seek(0, 2)
        if self._size == 0:
            raise ValueError("the key is empty")
        self._chunks = -(-self._size // chunk)

    def reach(self, position: int) -> int:
        """How many bytes from ``position`` of the data on can be asked for at once; they lie in one chunk."""
        return min(self._block, self._chunk - position % self._chunk)

    def at(self, position: int, count: int) -> NDArray[np.uint8]:
        """The key's bytes for ``count`` bytes of data from ``position`` on, at most ``reach(position)``."""
        number, offset = divmod(position, self._chunk)
        begin = number % self._chunks * self._chunk
        length = min(self._chunk, self._size - begin)
        if length < self._chunk:
            return self._repeated(begin, length, offset % length, count)
        return self._read(begin + offset, count)

    def _repeated(self, begin: int, length: int, offset: int, count: int) -> NDArray[np.uint8]:
        """Bytes from ``offset`` on of the short last chunk, laid down over and over."""
        import numpy as np

        rest = self._read(begin + offset, min(count, length - offset))
        if rest.size == count:
            return rest
        whole = self._read(begin, min(length, count - rest.size))
        return np.concatenate([rest, np.resize(whole, count - rest.size)])

    def _read(self, begin: int, count: int) -> NDArray[np.uint8]:
        import numpy as np

        self._source.seek(begin)
        read = np.frombuffer(self._source.read(count), np.uint8)
        if read.size != count:
            raise OSError(f"the key became shorter while it was read: {read.size} of {count} bytes at {begin}")
        return read
