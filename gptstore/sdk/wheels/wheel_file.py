"""Writes a wheel in one form: names in order, fixed times and modes, nothing deflated, RECORD made anew.

So one source gives one file, whatever its build backend and its zlib do (Binary Distribution Format of PyPA).
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from gptstore.sdk.bundle.archive_writer import write_archive
from gptstore.sdk.wheels.errors import WheelError

MADE_ANEW = ("RECORD", "RECORD.jws", "RECORD.p7s")
INFO = re.compile(r"([^/]+\.dist-info)/METADATA")


def rewrite_wheel(source: Path, target: Path) -> None:
    """Write the content of a wheel to another file. Raises WheelError."""
    try:
        with ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (OSError, BadZipFile) as error:
        raise WheelError(f"The build backend made {source.name}, which cannot be read: {error}") from None
    if len(files) != len(entries):
        raise WheelError(f"The build backend put a file twice into {source.name}. Is a package named twice?")
    write_wheel(target, files)


def write_wheel(target: Path, files: Mapping[str, bytes]) -> None:
    """Write a wheel of these files, one of which is `*.dist-info/METADATA`. Raises WheelError."""
    folders = [match[1] for name in files if (match := INFO.fullmatch(name))]
    if len(folders) != 1:
        raise WheelError(f"{target.name} has no metadata, or more than one.")
    kept = {name: data for name, data in files.items() if name not in {f"{folders[0]}/{one}" for one in MADE_ANEW}}
    record = f"{folders[0]}/RECORD"
    write_archive(target, {**kept, record: record_of(kept, record)}, last=record)


def record_of(files: Mapping[str, bytes], record: str) -> bytes:
    """Return RECORD: every file with its hash and its size."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    for name in sorted(files):
        digest = base64.urlsafe_b64encode(sha256(files[name]).digest()).rstrip(b"=").decode()
        rows.writerow([name, f"sha256={digest}", len(files[name])])
    rows.writerow([record, "", ""])
    return text.getvalue().encode()
