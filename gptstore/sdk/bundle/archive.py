"""An archive that may be hostile, open to be read where it lies. Its directory was verified when it was opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from gptstore.sdk.bundle.directory import read_entries
from gptstore.sdk.bundle.entry import Entry
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import BUNDLE, MAX_TEXT_BYTES, ArchiveForm
from gptstore.sdk.bundle.section import Section

CHUNK = 1 << 20


@dataclass(frozen=True)
class Archive:
    """The entries of an archive by name, in its order, and their contents, which nobody has verified yet."""

    file: BinaryIO
    entries: dict[str, Entry]

    @classmethod
    def open(cls, path: Path, form: ArchiveForm = BUNDLE) -> Archive:
        """Open a file and read its directory. Raises BundleError."""
        try:
            if path.exists() and not path.is_file():
                raise BundleError(f"{path} is no file.")
            file = path.open("rb")
        except OSError as error:
            raise BundleError(f"{path} cannot be read: {error.strerror}.") from None
        try:
            return cls(file, {entry.name: entry for entry in read_entries(file, form)})
        except BaseException:
            file.close()
            raise

    def read(self, name: str) -> bytes:
        """Return the content of a small entry. Raises BundleError when it is longer than MAX_TEXT_BYTES."""
        if self.entries[name].size > MAX_TEXT_BYTES:
            raise BundleError(f"{name} has more than {MAX_TEXT_BYTES:,} bytes.")
        return b"".join(self.chunks(name))

    def read_text(self, name: str) -> str:
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError:
            raise BundleError(f"{name} is no text in UTF-8.") from None

    def section(self, name: str) -> BinaryIO:
        """Return the content of an entry as a file, to read and to seek in."""
        entry = self.entries[name]
        return BufferedReader(Section(self.file, entry.data_offset, entry.size))

    def within(self, name: str) -> Archive:
        """Open a bundle that lies in this archive, where it lies. Raises BundleError."""
        file = self.section(name)
        return Archive(file, {entry.name: entry for entry in read_entries(file)})

    def chunks(self, name: str) -> Iterator[bytes]:
        entry, position = self.entries[name], 0
        while position < entry.size:
            self.file.seek(entry.data_offset + position)
            chunk = self.file.read(min(CHUNK, entry.size - position))
            if not chunk:
                raise BundleError(f"{name} breaks off: the file was cut while it was read.")
            position += len(chunk)
            yield chunk

    def digest(self, name: str) -> str:
        """Return the SHA-256 of an entry's content. Raises BundleError when its CRC-32 is another one."""
        digest, crc = sha256(), 0
        for chunk in self.chunks(name):
            digest.update(chunk)
            crc = crc32(chunk, crc)
        if crc != self.entries[name].crc:
            raise BundleError(f"{name} is damaged: copy or upload the file again.")
        return digest.hexdigest()
