"""A section of an open file, as a file of its own, so that a wheel in a bundle is read where it lies."""

from __future__ import annotations

import io
import os
from typing import Any, BinaryIO


class Section(io.RawIOBase):
    """The bytes of `file` from `begin`, `size` of them, to read and to seek in."""

    def __init__(self, file: BinaryIO, begin: int, size: int) -> None:
        self._file, self._begin, self._size = file, begin, size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset from the begin, the current position, or the end. Raises OSError before the begin."""
        position = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if position < 0:
            raise OSError(f"{position} is before the begin")
        self._position = position
        return position

    def readinto(self, buffer: Any) -> int:
        """Read as much as the buffer takes, and return how many bytes that was; 0 at the section's end."""
        self._file.seek(self._begin + self._position)
        data = self._file.read(min(len(buffer), max(0, self._size - self._position)))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
