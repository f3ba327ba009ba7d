"""A release: a folder with `requirements.txt`, all packages by version and sha256, and the `wheels` that they name."""

import re
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gptstore.sdk.bundle.release_key import release_key
from gptstore.sdk.package import normalize_name
from worker.hosts.releases.errors import ReleaseError

REQUIREMENTS, WHEELS = "requirements.txt", "wheels"
PIN = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w., -]*\])?==[\w.!+-]+( *;[^\\]*)?( +--hash=sha256:[0-9a-f]{64})+")


@dataclass(frozen=True)
class Release:
    """A release. folder: its name is what operators know the release by, such as `acme-tool-1.2`."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def requirements(self) -> Path:
        return self.folder / REQUIREMENTS

    @property
    def wheels(self) -> Path:
        return self.folder / WHEELS

    @property
    def digest(self) -> str:
        """Return a digest of all that is installed, by the hashes, and of the Python that it is installed for."""
        return environment_digest(self.requirements.read_bytes())

    @property
    def key(self) -> str:
        """Return a name for its folder with the present content, which is the same on every machine."""
        return release_key(self.folder)

    @property
    def packages(self) -> set[str]:
        """Return the names of its packages, its plugin among them. Raises ReleaseError."""
        return {normalize_name(re.split(r"[=\[]", line)[0]) for line in joined_lines(self.requirements)}

    def check(self) -> None:
        """Check the folder's files and pins. Raises ReleaseError."""
        if not self.requirements.is_file() or not self.wheels.is_dir():
            raise ReleaseError(f"{self.folder} needs {REQUIREMENTS} and a folder {WHEELS}")
        for line in joined_lines(self.requirements):
            if not PIN.fullmatch(line):
                raise ReleaseError(f"{self.requirements}: {line[:100]!r} is no `name==version --hash=sha256:…`")


def environment_digest(lock: bytes) -> str:
    return sha256(lock + sys.version.encode()).hexdigest()[:16]


def joined_lines(requirements: Path) -> list[str]:
    """Return the lines without comments, each joined with the lines that continue it. Raises ReleaseError."""
    try:
        text = requirements.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{requirements} cannot be read: {error}") from None
    whole = re.sub(r"\\\n", " ", re.sub(r"(^|\s)#.*$", "", text, flags=re.MULTILINE))
    return [" ".join(line.split()) for line in whole.splitlines() if line.strip()]


def find_releases(folder: Path) -> list[Release]:
    """Return the releases in the order of their names. Raises ReleaseError when there is no such folder."""
    try:
        found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise ReleaseError(f"GPTSTORE_RELEASES is {folder}, which cannot be read: {error.strerror}") from None
    return [Release(path) for path in found]
