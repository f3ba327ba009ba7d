"""Writes an export, and opens what it wrote by the code by which another store will."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from gptstore.releases.errors import ReleaseError
from gptstore.releases.exports.export_file import Export
from gptstore.releases.exports.format import (
    HEADER,
    MAX_BYTES,
    STORE,
    DecisionRecord,
    ExportHeader,
    ExportKind,
    ReleaseRecord,
    StoreSignature,
    bundle_name,
    record_name,
)
from gptstore.releases.exports.progress import Progress, silent
from gptstore.releases.exports.signature import sign
from gptstore.releases.models import Release
from gptstore.releases.signatures import store_key, verify
from gptstore.releases.storage import answering
from gptstore.releases.stored_bundle import local_file
from gptstore.releases.trusted_keys import TrustedKeys
from gptstore.sdk.bundle.archive_writer import Content, write_archive
from gptstore.sdk.bundle.checksums import write_checksums
from gptstore.sdk.bundle.errors import SigningKeyError
from gptstore.sdk.bundle.format import CHECKSUMS, SIGNATURE
from gptstore.sdk.bundle.signing_key import SigningKey

ENTRY_COSTS = 400
"""Bytes of an entry's two headers and its checksum, more or less."""


def write_export(
    path: Path, kind: ExportKind, releases: Sequence[Release], by: str, store: str = "", progress: Progress = silent
) -> None:
    """Write these releases to a file, which appears when it is whole. Raises ReleaseError.

    store: the text of `store.toml`, in the export of a store.
    """
    at, key, trusted = timezone.now(), signing_key(), TrustedKeys.read(settings.ENV.trusted_keys_file)
    check_size(releases)
    header = ExportHeader(kind=kind, at=at, by=by)
    files: dict[str, Content] = {HEADER: as_json(header)}
    if kind is ExportKind.STORE:
        files[STORE] = store.encode()
    with ExitStack() as opened:
        for release in releases:
            verify(release, trusted)
            with answering():
                files[bundle_name(release.sha256)] = opened.enter_context(local_file(release))
            files[record_name(release.sha256)] = as_json(record_of(release))
        write_files(path, files, releases, key, at)
    try:
        with Export.open(path, progress):
            pass
    except ReleaseError:
        path.unlink()
        raise


def write_files(
    path: Path, files: dict[str, Content], releases: Sequence[Release], key: SigningKey, at: datetime
) -> None:
    """Write the files with their checksums and the signature of these."""
    checksums = write_checksums(files)
    for release in releases:
        if f"{release.sha256}  {bundle_name(release.sha256)}\n" not in checksums.decode():
            raise ReleaseError(f"The stored bundle of {release} is not what was submitted. Quarantine the release.")
    try:
        write_archive(path, {**files, CHECKSUMS: checksums, SIGNATURE: sign(checksums, key, at)})
    except OSError as error:
        raise ReleaseError(f"{path} cannot be written: {error.strerror}.") from None


def signing_key() -> SigningKey:
    """Return the store's key. Raises ReleaseError."""
    try:
        return store_key(settings.ENV.signing_key_file, settings.ENV.trusted_keys_file)
    except SigningKeyError as error:
        raise ReleaseError(f"The store cannot sign it: {error} See GPTSTORE_SIGNING_KEY.") from None


def check_size(releases: Sequence[Release]) -> None:
    size = sum(release.size + 2 * ENTRY_COSTS for release in releases)
    if size > MAX_BYTES:
        raise ReleaseError(
            f"It would have {size:,} bytes; an export may have {MAX_BYTES:,}. Export it in parts, each with "
            "some plugins."
        )


def record_of(release: Release) -> ReleaseRecord:
    """Return what this store knows about a release."""
    decisions = [
        DecisionRecord(by=one.by.username, approves=one.approves, note=one.note[:10_000], at=one.at)
        for one in release.decisions.select_related("by")
    ]
    return ReleaseRecord(
        plugin=release.plugin.name,
        version=release.version,
        sha256=release.sha256,
        size=release.size,
        rights=release.rights,
        risk=release.risk,
        publisher=release.publisher,
        submitted_at=release.submitted_at,
        decisions=decisions,
        signature=StoreSignature.model_validate(release.signature),
    )


def as_json(model: ExportHeader | ReleaseRecord) -> bytes:
    return (json.dumps(model.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n").encode()
