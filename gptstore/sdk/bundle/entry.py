"""One entry of an archive with its two headers, in the one form that we write: stored, in 1980, mode 644.

The layout is that of APPNOTE.TXT by PKWARE, 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end). We
write it ourselves because `zipfile` promises no bytes from one Python to the next, nor does zlib: nothing is deflated.
"""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
LOCAL_MARK, CENTRAL_MARK, END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
VERSION = 20
MADE_BY = 3 << 8 | VERSION
STORED = 0
MIDNIGHT, FIRST_DAY = 0, 1 << 5 | 1
"""The 1st of January 1980, at which the time of archives begins."""

MODE = stat.S_IFREG | 0o644
UTF8 = 1 << 11


@dataclass(frozen=True)
class Entry:
    """A file in an archive. size: in bytes. crc: its CRC-32. offset: where its local header begins."""

    name: str
    size: int
    crc: int
    offset: int

    @property
    def raw_name(self) -> bytes:
        return self.name.encode()

    @property
    def flags(self) -> int:
        return 0 if self.name.isascii() else UTF8

    @property
    def data_offset(self) -> int:
        return self.offset + LOCAL.size + len(self.raw_name)

    @property
    def end(self) -> int:
        return self.data_offset + self.size

    def local_header(self) -> bytes:
        """Return what stands before the file's content."""
        described = (VERSION, self.flags, STORED, MIDNIGHT, FIRST_DAY, self.crc, self.size, self.size)
        return LOCAL.pack(LOCAL_MARK, *described, len(self.raw_name), 0) + self.raw_name

    def central_header(self) -> bytes:
        """Return the file's record in the central directory."""
        described = (VERSION, self.flags, STORED, MIDNIGHT, FIRST_DAY, self.crc, self.size, self.size)
        rest = (len(self.raw_name), 0, 0, 0, 0, MODE << 16, self.offset)
        return CENTRAL.pack(CENTRAL_MARK, MADE_BY, *described, *rest) + self.raw_name


def end_of_archive(number: int, directory_size: int, directory_offset: int) -> bytes:
    return END.pack(END_MARK, 0, 0, number, number, directory_size, directory_offset, 0)
