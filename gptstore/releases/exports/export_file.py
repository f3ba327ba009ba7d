"""Opens an export that may be hostile: form, checksums and signature are verified before anything is read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from pydantic import BaseModel, ValidationError

from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports.format import (
    BUNDLE_SUFFIX,
    FORM,
    FORMAT,
    HEADER,
    RELEASES,
    REQUIRED,
    STORE,
    ExportHeader,
    ExportKind,
    ReleaseRecord,
    bundle_name,
    record_name,
)
from gptstore.releases.exports.progress import Progress, silent
from gptstore.releases.exports.signature import ExportSignature, verify
from gptstore.sdk.bundle.archive import Archive
from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.checksums import read_checksums
from gptstore.sdk.bundle.errors import BundleError, printable
from gptstore.sdk.bundle.format import CHECKSUMS, SIGNATURE

Kind = TypeVar("Kind", bound=BaseModel)


@dataclass(frozen=True)
class Export:
    """An export whose parts are those that were signed, open until it is closed. Who signed it, nobody has judged yet.

    releases: in the order of plugins and versions. store: the text of `store.toml`, "" in the export of one release.
    """

    archive: Archive
    header: ExportHeader
    signature: ExportSignature
    releases: list[ReleaseRecord]
    store: str

    @classmethod
    @contextmanager
    def open(cls, path: Path, progress: Progress = silent) -> Iterator[Self]:
        """Open and verify a file. Raises ReleaseError, which says what is wrong with it."""
        try:
            archive = Archive.open(path, FORM)
            try:
                yield cls.verify(archive, progress)
            finally:
                archive.file.close()
        except BundleError as error:
            raise ReleaseError(f"{path} is no export that can be read. {error}") from None

    @classmethod
    def verify(cls, archive: Archive, progress: Progress) -> Self:
        """Verify the format, the checksums, the signature and that the parts agree, in this order."""
        if absent := [name for name in REQUIRED if name not in archive.entries]:
            raise BundleError(f"It lacks {absent[0]}.")
        check_format(archive.read(HEADER))
        check_digests(archive, progress)
        signature = verify(archive.read(SIGNATURE), archive.read(CHECKSUMS))
        header = parse(ExportHeader, archive, HEADER)
        releases = sorted(read_records(archive), key=lambda one: (one.plugin, one.version))
        is_store = header.kind is ExportKind.STORE
        if is_store != (STORE in archive.entries) or (not is_store and len(releases) != 1):
            raise BundleError(f"It is not made as the export of a {header.kind} is.")
        return cls(archive, header, signature, releases, archive.read_text(STORE) if is_store else "")

    @contextmanager
    def open_bundle(self, record: ReleaseRecord) -> Iterator[Bundle]:
        """Open and verify the bundle of a release where it lies. Raises ReleaseError."""
        try:
            with Bundle.verify(self.archive.within(bundle_name(record.sha256))) as bundle:
                found = bundle.contents.header
                if (found.name, found.version) != (record.plugin, record.version):
                    raise BundleError(f"Its bundle is of {found.name} {found.version}.")
                yield bundle
        except BundleError as error:
            raise ReleaseError(printable(f"{record.name}: {error}")) from None


def check_format(content: bytes) -> None:
    """Say of an export of a later format that it is one, instead of what in it is unknown."""
    try:
        found = json.loads(content)["format"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BundleError(f"{HEADER} does not say which format the export has.") from None
    if found != FORMAT:
        raise BundleError(
            f"It has the format {found!r}; this gptstore reads format {FORMAT}. Update this store, or export it anew."
        )


def check_digests(archive: Archive, progress: Progress) -> None:
    """Check that every entry is what the checksums say, and that these name every one."""
    checksums = read_checksums(archive.read_text(CHECKSUMS), archive.entries)
    done, size = 0, sum(archive.entries[name].size for name in checksums)
    for name, digest in checksums.items():
        progress("Verified", done, size)
        if archive.digest(name) != digest:
            raise BundleError(f"{name} is not what {CHECKSUMS} says: it was damaged or changed.")
        if name.endswith(BUNDLE_SUFFIX) and name != bundle_name(digest):
            raise BundleError(f"{name} is the bundle {digest}, and not the one that its name says.")
        done += archive.entries[name].size
    progress("Verified", size, size)


def read_records(archive: Archive) -> Iterator[ReleaseRecord]:
    """Yield the records of the releases, each of which has its bundle, and each bundle its record."""
    names = {name for name in archive.entries if name.startswith(RELEASES)}
    seen = set()
    for digest in sorted({name.removeprefix(RELEASES).partition(".")[0] for name in names}):
        for name in (bundle_name(digest), record_name(digest)):
            if name not in names:
                raise BundleError(f"It lacks {name}.")
        record = parse(ReleaseRecord, archive, record_name(digest))
        if (record.sha256, record.size) != (digest, archive.entries[bundle_name(digest)].size):
            raise BundleError(f"{record_name(digest)} is of another bundle.")
        if record.name in seen:
            raise BundleError(f"It has {record.name} twice, with two bundles.")
        seen.add(record.name)
        yield record


def parse(kind: type[Kind], archive: Archive, name: str) -> Kind:
    try:
        return kind.model_validate_json(archive.read(name))
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise BundleError(f"{name} cannot be read: {'.'.join(map(str, fault['loc']))}: {fault['msg']}.") from None
