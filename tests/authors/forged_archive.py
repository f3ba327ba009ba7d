"""Archives whose headers say whatever a test wants them to say."""

from dataclasses import dataclass, field
from zlib import crc32

from gptstore.sdk.bundle.entry import (
    CENTRAL,
    CENTRAL_MARK,
    END,
    END_MARK,
    FIRST_DAY,
    LOCAL,
    LOCAL_MARK,
    MADE_BY,
    MODE,
    VERSION,
)


@dataclass
class ForgedEntry:
    """One entry. local: what its local header says in another way. offset: None is the true one."""

    name: bytes
    data: bytes
    flags: int = 0
    method: int = 0
    day: int = FIRST_DAY
    mode: int = MODE
    extra: bytes = b""
    size: int | None = None
    packed: int | None = None
    crc: int | None = None
    offset: int | None = None
    local: dict[str, object] = field(default_factory=dict)
    before: bytes = b""

    def described(self) -> tuple[int, ...]:
        crc = crc32(self.data) if self.crc is None else self.crc
        packed = len(self.data) if self.packed is None else self.packed
        return self.flags, self.method, 0, self.day, crc, packed, packed if self.size is None else self.size

    def local_header(self) -> bytes:
        told = ForgedEntry(**{**vars(self), "local": {}, **self.local})
        head = LOCAL.pack(LOCAL_MARK, VERSION, *told.described(), len(told.name), len(told.extra))
        return self.before + head + told.name + told.extra

    def record(self, offset: int) -> bytes:
        place = offset if self.offset is None else self.offset
        rest = (len(self.name), len(self.extra), 0, 0, 0, self.mode << 16 if self.mode < 1 << 16 else self.mode, place)
        head = CENTRAL.pack(CENTRAL_MARK, MADE_BY, VERSION, *self.described(), *rest)
        return head + self.name + self.extra


def entries_of(files: dict[str, bytes]) -> dict[str, ForgedEntry]:
    return {name: ForgedEntry(name.encode(), data) for name, data in files.items()}


@dataclass
class Forgery:
    """An archive. number, disk, comment: what its end says."""

    entries: list[ForgedEntry]
    number: int | None = None
    disk: int = 0
    comment: bytes = b""
    prefix: bytes = b""
    before_directory: bytes = b""
    in_directory: bytes = b""
    shift: int = 0

    def content(self) -> bytes:
        data, directory = bytearray(self.prefix), b""
        for entry in self.entries:
            offset = len(data) + len(entry.before)
            data += entry.local_header() + entry.data
            directory += entry.record(offset)
        directory += self.in_directory
        data += self.before_directory
        number = len(self.entries) if self.number is None else self.number
        where = (len(directory), len(data) + self.shift)
        end = END.pack(END_MARK, self.disk, self.disk, number, number, *where, len(self.comment))
        return bytes(data) + directory + end + self.comment
