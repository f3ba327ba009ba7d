"""Reads the directory of an archive that may be hostile. It has to be in the one form that `archive_writer` writes.

So there is nothing to interpret: where two readers of ZIP could see two things, the archive is refused. Each known
trick gets its own sentence, and in the end every header is written anew and compared.
"""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from gptstore.sdk.bundle.entry import (
    CENTRAL,
    CENTRAL_MARK,
    END,
    END_MARK,
    STORED,
    Entry,
    end_of_archive,
)
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import BUNDLE, MAX_NAME, ArchiveForm

ENCRYPTED, ZIP64 = 1, 0xFFFF
TAIL = 70_000
"""Bytes at an archive's end in which its last record lies, with the longest comment that there can be."""


def read_entries(archive: BinaryIO, form: ArchiveForm = BUNDLE) -> list[Entry]:
    """Return what is in an archive, in its order. Raises BundleError, before anything of the content is read."""
    size = archive.seek(0, os.SEEK_END)
    if size > form.max_bytes:
        raise BundleError(f"It has {size:,} bytes; {form.noun} may have {form.max_bytes:,}.")
    number, directory, begin = read_directory(archive, size, form)
    entries, position = [], 0
    for _ in range(number):
        entry, position = read_record(directory, position, form)
        entries.append(entry)
    if position != len(directory):
        raise BundleError("Its directory holds more than the entries that its end counts.")
    check_names(entries)
    check_places(entries, begin)
    check_headers(archive, entries, directory)
    return entries


def read_directory(archive: BinaryIO, size: int, form: ArchiveForm) -> tuple[int, bytes, int]:
    """Return the number of entries, their records, and where these begin."""
    archive.seek(max(0, size - TAIL))
    tail = archive.read(TAIL)
    found = tail.rfind(END_MARK)
    if found < 0 or len(tail) - found < END.size:
        raise BundleError("It is no ZIP archive, or its end is missing: upload it again.")
    if len(tail) - found > END.size:
        raise BundleError("It has data after its end, or a comment.")
    _, disk, first_disk, here, number, length, begin, comment = END.unpack(tail[found:])
    if ZIP64 in (here, number) or 0xFFFFFFFF in (length, begin):
        raise BundleError(f"It is a ZIP64 archive, which {form.noun} never is.")
    if disk or first_disk or here != number:
        raise BundleError("It is one part of a split archive.")
    if number > form.max_entries:
        raise BundleError(f"It has {number:,} entries; {form.noun} may have {form.max_entries:,}.")
    if length > form.max_entries * (CENTRAL.size + MAX_NAME):
        raise BundleError(f"Its directory has {length:,} bytes, more than there is to say.")
    if comment or begin + length + END.size != size:
        raise BundleError("Its directory is not where its end says, or there is data between them.")
    archive.seek(begin)
    return number, archive.read(length), begin


def read_record(directory: bytes, position: int, form: ArchiveForm) -> tuple[Entry, int]:
    """Return the entry whose record begins at this position, and where the next one begins."""
    if len(directory) - position < CENTRAL.size or directory[position : position + 4] != CENTRAL_MARK:
        raise BundleError("Its directory breaks off, or holds something that is no entry.")
    (_, _, _, flags, method, _, _, crc, packed, size, name_length, extra, comment, _, _, attributes, offset) = (
        CENTRAL.unpack_from(directory, position)
    )
    begin = position + CENTRAL.size
    raw = directory[begin : begin + name_length]
    if len(raw) != name_length or name_length > MAX_NAME:
        raise BundleError(f"An entry's name has {name_length} bytes; it may have {MAX_NAME}, and has to be whole.")
    name = raw.decode("latin-1")
    shown = name.encode("unicode_escape").decode()
    if flags & ENCRYPTED:
        raise BundleError(f"{shown} is encrypted.")
    if method != STORED:
        raise BundleError(f"{shown} is compressed; {form.noun} stores its entries as they are.")
    if packed != size:
        raise BundleError(f"{shown} is stored, and has two sizes: {packed:,} and {size:,}.")
    if extra or comment:
        raise BundleError(f"{shown} has extra fields or a comment.")
    if stat.S_ISLNK(attributes >> 16):
        raise BundleError(f"{shown} is a link.")
    if fault := form.fault_of(name):
        raise BundleError(f"{shown} {fault}.")
    return Entry(name, size, crc, offset), begin + name_length


def check_names(entries: list[Entry]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        if entry.name == seen.get(entry.name.lower()):
            raise BundleError(f"{entry.name} is in it twice.")
        if other := seen.get(entry.name.lower()):
            raise BundleError(f"{entry.name} and {other} are one file where case does not count.")
        seen[entry.name.lower()] = entry.name
    if [entry.name for entry in entries] != sorted(entry.name for entry in entries):
        raise BundleError("Its entries are not in the order of their names.")


def check_places(entries: list[Entry], end: int) -> None:
    """Check that the entries lie one behind the other, from the first byte to the directory."""
    position = 0
    for entry in entries:
        if entry.offset < position:
            raise BundleError(f"{entry.name} overlaps another entry.")
        if entry.offset > position:
            raise BundleError(f"There is data before {entry.name} that belongs to no entry.")
        position = entry.end
    if position > end:
        raise BundleError(f"{entries[-1].name} reaches into the directory.")
    if position < end:
        raise BundleError("There is data before the directory that belongs to no entry.")


def check_headers(archive: BinaryIO, entries: list[Entry], directory: bytes) -> None:
    """Check that each header says what we would have written: the same in the file and in the directory."""
    for entry in entries:
        archive.seek(entry.offset)
        if archive.read(entry.data_offset - entry.offset) != entry.local_header():
            raise BundleError(f"{entry.name} is described in one way in the directory, and in another before its data.")
    expected = b"".join(entry.central_header() for entry in entries)
    end = entries[-1].end if entries else 0
    archive.seek(end)
    if archive.read() != expected + end_of_archive(len(entries), len(directory), end):
        raise BundleError("Its directory has times, modes or versions that we never write.")
