"""Writes an archive in the one form of `entry`: the same files give the same bytes, whenever and wherever."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from gptstore.sdk.bundle.entry import Entry, end_of_archive

CHUNK = 1 << 20
FILE_MODE = 0o644
Content = bytes | Path


def write_archive(path: Path, files: Mapping[str, Content], last: str = "") -> None:
    """Write the files in the order of their names, and put the archive at `path` when it is whole.

    files: by name, what is in them, or where that lies. last: the name of one that comes after all others.
    """
    names = sorted(files, key=lambda name: (name == last, name.encode()))
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as archive:
            write_entries(archive, {name: files[name] for name in names})
            archive.flush()
            os.fsync(archive.fileno())
        Path(made).chmod(FILE_MODE)
        Path(made).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(made).unlink()
        raise


def write_entries(archive: BinaryIO, files: Mapping[str, Content]) -> None:
    entries = []
    for name, content in files.items():
        entry = measure(name, content, archive.tell())
        entries.append(entry)
        archive.write(entry.local_header())
        for chunk in chunks_of(content):
            archive.write(chunk)
    directory = b"".join(entry.central_header() for entry in entries)
    begin = archive.tell()
    archive.write(directory + end_of_archive(len(entries), len(directory), begin))


def measure(name: str, content: Content, offset: int) -> Entry:
    size = crc = 0
    for chunk in chunks_of(content):
        size, crc = size + len(chunk), crc32(chunk, crc)
    return Entry(name, size, crc, offset)


def chunks_of(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
