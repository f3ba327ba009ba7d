"""Opens a bundle that may be hostile: everything is verified before anybody gets anything of it."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from gptstore.sdk.bundle.archive import Archive
from gptstore.sdk.bundle.archive_writer import FILE_MODE
from gptstore.sdk.bundle.checksums import read_checksums
from gptstore.sdk.bundle.contents import Contents, read_contents
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import CHECKSUMS, REQUIRED, SIGNATURE, WHEELS
from gptstore.sdk.bundle.signature import Signature, verify
from gptstore.sdk.bundle.wheel import Wheel, read_wheel

FOLDER_MODE = 0o755


@dataclass(frozen=True)
class Bundle:
    """A verified bundle, open until it is closed. checksums: the SHA-256 of each entry. signature: None without one."""

    archive: Archive
    checksums: dict[str, str]
    signature: Signature | None
    wheels: list[Wheel]
    contents: Contents

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """Open and verify a file. Raises BundleError, whose message says what is wrong with it."""
        archive = Archive.open(path)
        try:
            return cls.verify(archive)
        except BaseException:
            archive.file.close()
            raise

    @classmethod
    def verify(cls, archive: Archive) -> Bundle:
        """Verify checksums, signature and contents, in this order."""
        if absent := [name for name in REQUIRED if name not in archive.entries]:
            raise BundleError(f"It lacks {absent[0]}.")
        checksums = read_checksums(archive.read_text(CHECKSUMS), archive.entries)
        for name, digest in checksums.items():
            if archive.digest(name) != digest:
                raise BundleError(f"{name} is not what {CHECKSUMS} says: it was damaged or changed.")
        signature = read_signature(archive)
        wheels = read_wheels(archive, checksums)
        return cls(archive, checksums, signature, wheels, read_contents(archive, wheels))

    def unpack(self, folder: Path) -> None:
        """Write all entries to a new folder, which appears when it is whole. Raises BundleError, or OSError.

        Each is compared with its checksum once more while it is written: the file may have changed since.
        """
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpacking-"))
        try:
            made.chmod(FOLDER_MODE)
            for name in self.archive.entries:
                self.unpack_entry(name, made / name)
            made.rename(folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise

    def unpack_entry(self, name: str, path: Path) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir()
            path.parent.chmod(FOLDER_MODE)
        digest = sha256()
        with path.open("xb") as target:
            for chunk in self.archive.chunks(name):
                digest.update(chunk)
                target.write(chunk)
        path.chmod(FILE_MODE)
        if self.checksums.get(name, digest.hexdigest()) != digest.hexdigest():
            raise BundleError(f"{name} changed while it was unpacked.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.archive.file.close()


def read_signature(archive: Archive) -> Signature | None:
    if SIGNATURE not in archive.entries:
        return None
    return verify(archive.read(SIGNATURE), archive.read(CHECKSUMS))


def read_wheels(archive: Archive, checksums: dict[str, str]) -> list[Wheel]:
    names = [name for name in archive.entries if name.startswith(WHEELS)]
    return [
        read_wheel(archive.section(name), name.removeprefix(WHEELS), archive.entries[name].size, checksums[name])
        for name in names
    ]
