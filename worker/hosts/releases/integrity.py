"""Compares the files of an environment with those in the wheels of its bundle, byte by byte through their SHA-256.

All that a host can import is compared: each file of the folder of packages, and the two that lead to the interpreter.
Not compared are what an installer writes beside (`UNCHECKED`) and the folders `bin` and `include`, which no host reads.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from zipfile import ZipFile

from gptstore.sdk.bundle.bundle import Bundle
from gptstore.sdk.bundle.format import WHEELS
from gptstore.sdk.bundle.wheel import UNREADABLE
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.sandbox.environment import packages_of

Listing = Mapping[str, frozenset[str]]
"""The SHA-256 that each file of an environment may have: of two wheels with one file, either may have won."""

UNCHECKED = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
UNREAD = {"bin", "include", ".lock"}
INFO, DATA = ".dist-info", ".data"


def list_files(bundle: Bundle, environment: Path) -> Listing:
    """Return what the environment has to hold, by the wheels of an open bundle. Raises ReleaseError."""
    library = packages_of(environment)
    found: dict[str, frozenset[str]] = {}
    for info in sorted(path for path in library.glob(f"*{INFO}") if path.is_dir()):
        for name, digest in files_of(bundle, info).items():
            found[name] = found.get(name, frozenset()) | {digest}
    return found


def files_of(bundle: Bundle, info: Path) -> dict[str, str]:
    """Return the files of the wheel from which this package was installed: of several, the one for this platform."""
    mark = f"{info.name}/WHEEL"
    for wheel in bundle.wheels:
        try:
            with ZipFile(bundle.archive.section(f"{WHEELS}{wheel.file_name}")) as archive:
                if mark in archive.NameToInfo and archive.read(mark) == (info / "WHEEL").read_bytes():
                    return dict(hash_entries(archive))
        except UNREADABLE as error:
            raise ReleaseError(f"{wheel.file_name} cannot be read: {error}") from None
    raise damaged(info.parents[3], info.name, "is of none of its wheels")


def hash_entries(wheel: ZipFile) -> Iterator[tuple[str, str]]:
    for entry in wheel.infolist():
        name = installed_name(entry.filename)
        if not entry.is_dir() and not is_unchecked(name):
            with wheel.open(entry) as file:
                digest = sha256()
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
            yield name, digest.hexdigest()


def installed_name(name: str) -> str:
    """Return where an entry of a wheel is put (binary distribution format of PyPA, "The .data directory")."""
    parts = name.split("/")
    if len(parts) > 2 and parts[0].endswith(DATA):
        return "/".join(["include", *parts[2:]] if parts[1] == "headers" else parts[2:])
    return name


def is_unchecked(name: str) -> bool:
    parts = name.split("/")
    return parts[0] in UNREAD or (len(parts) == 2 and parts[0].endswith(INFO) and parts[1] in UNCHECKED)


def check_environment(environment: Path, listing: Listing) -> None:
    """Compare the environment on disk with a listing. Raises ReleaseError, which names the first file that differs."""
    check_interpreter(environment)
    library = packages_of(environment)
    seen = set()
    for path in files_below(library):
        name = path.relative_to(library).as_posix()
        if is_unchecked(name):
            continue
        if name not in listing or path.is_symlink():
            raise damaged(environment, name, "is in none of its wheels")
        try:
            digest = digest_of(path)
        except OSError as error:
            raise damaged(environment, name, f"cannot be read: {error.strerror}") from None
        if digest not in listing[name]:
            raise damaged(environment, name, "was damaged or changed")
        seen.add(name)
    if absent := sorted({*listing} - seen):
        raise damaged(environment, absent[0], "is gone")


def check_interpreter(environment: Path) -> None:
    """Check that the environment leads to the worker's own interpreter and library. Raises ReleaseError."""
    python = environment / "bin" / "python"
    if python.resolve() != Path(sys.executable).resolve():
        raise damaged(environment, "bin/python", "is not this worker's Python")
    text = read_text(environment / "pyvenv.cfg").lower()
    homes = re.findall(r"^\s*home\s*=\s*(.*?)\s*$", text, re.MULTILINE)
    is_ours = len(homes) == 1 and homes[0] == os.path.dirname(sys._base_executable).lower()  # type: ignore[attr-defined]
    if not is_ours or re.findall(r"^\s*include-system-.*=\s*(\w+)", text, re.MULTILINE) != ["false"]:
        raise damaged(environment, "pyvenv.cfg", "was damaged or changed")


def damaged(environment: Path, name: str, how: str) -> ReleaseError:
    return ReleaseError(
        f"its environment on this worker's disk is not what it was built from: {name} {how}. "
        f"Delete {environment} there, and it is built anew"
    )


def files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        yield from (Path(parent, name) for name in [*files, *links])


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
