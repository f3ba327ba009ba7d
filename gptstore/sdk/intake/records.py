"""Problems of a wheel's RECORD, which names each of its files with digest and size (binary distribution format)."""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from zipfile import ZipFile

from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.intake.rules import RULES
from gptstore.sdk.problem import Problem

DIGESTS = ("sha256", "sha384", "sha512")
UNRECORDED = ("/RECORD", "/RECORD.jws", "/RECORD.p7s")
MAX_RECORD_BYTES = 20_000_000
CHUNK = 1 << 20


@dataclass(frozen=True)
class Row:
    """What RECORD says about one file. digest: such as `sha256=…`, in Base64 for addresses."""

    digest: str
    size: str


def find_record_problems(archive: ZipFile, wheel: Wheel) -> Iterator[Problem]:
    """Yield the files that are not as RECORD says, are not named there, or are not there."""
    entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir()}
    found = [name for name in entries if name.endswith(".dist-info/RECORD") and name.count("/") == 1]
    if len(found) != 1 or entries[found[0]].file_size > MAX_RECORD_BYTES:
        yield problem(wheel, "the wheel has no RECORD, more than one, or a very long one")
        return
    rows = read_rows(archive.read(found[0]))
    if rows is None:
        yield problem(wheel, f"{found[0]} is no table of three columns")
        return
    info = found[0].removesuffix("/RECORD")
    for name, entry in entries.items():
        if name in {f"{info}{own}" for own in UNRECORDED}:
            continue
        if name not in rows:
            yield problem(wheel, f"the wheel has {name}, which its RECORD does not name")
        elif rows[name].size != str(entry.file_size) or not is_as_recorded(archive, name, rows[name].digest):
            yield problem(wheel, f"{name} is not what the wheel's RECORD says")
    for name in rows:
        if name not in entries:
            yield problem(wheel, f"the wheel's RECORD names {name}, which is not there")


def read_rows(content: bytes) -> dict[str, Row] | None:
    """Return the rows by the names of files; None where it is no such table, or names a file twice."""
    rows: dict[str, Row] = {}
    try:
        for line in csv.reader(content.decode("utf-8").splitlines()):
            name, digest, size = line
            if name in rows:
                return None
            rows[name] = Row(digest, size)
    except (ValueError, csv.Error):
        return None
    return rows


def is_as_recorded(archive: ZipFile, name: str, recorded: str) -> bool:
    algorithm, _, expected = recorded.partition("=")
    if algorithm not in DIGESTS:
        return False
    digest = hashlib.new(algorithm)
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=") == expected


def problem(wheel: Wheel, message: str) -> Problem:
    return Problem("record", message, RULES["record"].mend, wheel.file_name)
