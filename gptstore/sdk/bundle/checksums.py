"""`checksums.txt`: the SHA-256 of every other entry, in the form that `sha256sum --check` reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from hashlib import sha256

from gptstore.sdk.bundle.archive_writer import Content, chunks_of
from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.format import CHECKSUMS, SIGNATURE

LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
UNLISTED = {CHECKSUMS, SIGNATURE}


def write_checksums(files: Mapping[str, Content]) -> bytes:
    return "".join(f"{digest_of(files[name])}  {name}\n" for name in sorted({*files} - UNLISTED)).encode()


def digest_of(content: Content) -> str:
    digest = sha256()
    for chunk in chunks_of(content):
        digest.update(chunk)
    return digest.hexdigest()


def read_checksums(text: str, names: Collection[str]) -> dict[str, str]:
    """Return the checksums by name: those of all these names, and of no other. Raises BundleError."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        if match is None or match[2] in found:
            raise BundleError(f"{CHECKSUMS} has the line {line[:100]!r}, which is no checksum, or a second one.")
        found[match[2]] = match[1]
    expected = {*names} - UNLISTED
    if unlisted := sorted(expected - {*found}):
        raise BundleError(f"{CHECKSUMS} lacks {unlisted[0]}.")
    if absent := sorted({*found} - expected):
        raise BundleError(f"{CHECKSUMS} names {absent[0]}, which is not there.")
    return found
