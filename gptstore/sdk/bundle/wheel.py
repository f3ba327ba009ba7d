"""A wheel in a bundle: what its name and its metadata say, and whether it would unpack to something harmless."""

from __future__ import annotations

import re
import stat
import zlib
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from gptstore.sdk.bundle.entry import END, END_MARK
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import (
    MAX_RATIO,
    MAX_TEXT_BYTES,
    MAX_UNPACKED_BYTES,
    MAX_WHEEL_ENTRIES,
    RATIO_FREE_BYTES,
)
from gptstore.sdk.bundle.version import canonical_version
from gptstore.sdk.package import normalize_name

ZIP64_MARK = b"PK\x06\x07"
LOCATOR_BYTES = 20
TAIL = 70_000
MAX_DIRECTORY = 10_000_000
UNREADABLE = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, UnicodeError, ValueError, zlib.error)
LICENCE_CLASSIFIER = "License :: "
MAX_LICENCE = 100


@dataclass(frozen=True)
class Wheel:
    """A package as it is shipped. sha256: of the file. tag: such as `py3-none-any`. requires: as in its metadata.

    unpacked: the bytes of all its files.
    """

    file_name: str
    name: str
    version: str
    tag: str
    size: int
    sha256: str
    summary: str = ""
    licence: str = ""
    is_licence_expression: bool = False
    requires: tuple[str, ...] = ()
    unpacked: int = 0

    @property
    def is_pure(self) -> bool:
        return self.tag.endswith("-none-any")


def read_wheel(file: BinaryIO, file_name: str, size: int, sha256: str) -> Wheel:
    """Read a wheel without unpacking it. Raises BundleError."""
    parts = file_name.removesuffix(".whl").split("-")
    if len(parts) not in (5, 6):
        raise BundleError(f"{file_name} is not how a wheel is named.")
    name, version, tag = normalize_name(parts[0]), canonical_version(parts[1]), "-".join(parts[-3:])
    check_directory(file, file_name, size)
    try:
        with ZipFile(file) as archive:
            check_entries(file_name, archive.infolist(), size)
            metadata = read_metadata(archive, file_name)
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except UNREADABLE as error:
        raise BundleError(f"{file_name} cannot be read: {error}") from None
    if (normalize_name(str(metadata["Name"])), canonical_version(str(metadata["Version"]))) != (name, version):
        raise BundleError(f"{file_name} says in its metadata that it is {metadata['Name']} {metadata['Version']}.")
    licence, is_expression = licence_of(metadata)
    requires = tuple(map(str, metadata.get_all("Requires-Dist") or ()))
    summary = " ".join(str(metadata["Summary"] or "").split())
    return Wheel(file_name, name, version, tag, size, sha256, summary, licence, is_expression, requires, unpacked)


def check_directory(file: BinaryIO, file_name: str, size: int) -> None:
    """Check how long the directory of a wheel is, which `zipfile` reads as a whole. Raises BundleError."""
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    found = tail.rfind(END_MARK)
    if found < 0 or len(tail) - found < END.size:
        raise BundleError(f"{file_name} cannot be read: it is no ZIP archive.")
    _, _, _, _, _, length, _, _ = END.unpack_from(tail, found)
    if length > MAX_DIRECTORY or tail[max(0, found - LOCATOR_BYTES) :].startswith(ZIP64_MARK):
        raise BundleError(
            f"{file_name} has a directory of {length:,} bytes, or is a ZIP64 archive, which wheels are not."
        )


def check_entries(file_name: str, entries: list[ZipInfo], size: int) -> None:
    """Check what a wheel of so many bytes would unpack to. Raises BundleError."""
    if len(entries) > MAX_WHEEL_ENTRIES:
        raise BundleError(f"{file_name} has {len(entries):,} files; a wheel may have {MAX_WHEEL_ENTRIES:,}.")
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > max(RATIO_FREE_BYTES, MAX_RATIO * packed):
        raise BundleError(f"{file_name} unpacks from {packed:,} to {unpacked:,} bytes, which is too much.")
    if packed > size:
        raise BundleError(f"{file_name} has {size:,} bytes, and its files {packed:,}: some overlap.")
    seen: set[str] = set()
    for entry in entries:
        parts = entry.filename.split("/")
        if entry.filename.startswith("/") or "\\" in entry.filename or ":" in entry.filename or ".." in parts:
            raise BundleError(f"{file_name} holds {entry.filename!r}, which leads out of its folder.")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BundleError(f"{file_name} holds {entry.filename!r}, which is compressed as wheels never are.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise BundleError(f"{file_name} holds {entry.filename!r}, which is a link.")
        if entry.filename in seen:
            raise BundleError(f"{file_name} holds {entry.filename!r} twice.")
        seen.add(entry.filename)


def read_metadata(archive: ZipFile, file_name: str) -> Message:
    found = [entry for entry in archive.infolist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", entry.filename)]
    if len(found) != 1 or found[0].file_size > MAX_TEXT_BYTES:
        raise BundleError(f"{file_name} has no metadata, more than one, or too long ones.")
    with archive.open(found[0]) as file:
        return message_from_string(file.read(MAX_TEXT_BYTES).decode("utf-8"))


def licence_of(metadata: Message) -> tuple[str, bool]:
    """Return the licence, "" when it is unknown, and whether it is an SPDX expression (PEP 639)."""
    if expression := str(metadata["License-Expression"] or "").strip():
        return expression, True
    if stated := str(metadata["License"] or "").strip():
        return stated.splitlines()[0][:MAX_LICENCE], False
    classifiers = [str(line) for line in metadata.get_all("Classifier") or ()]
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith(LICENCE_CLASSIFIER)]
    return ", ".join(named)[:MAX_LICENCE], False
