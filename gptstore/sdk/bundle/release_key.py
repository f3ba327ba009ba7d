"""The name of a release with its content: workers report by it what they have, and `gptstore install` asks for it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from gptstore.sdk.bundle.format import REQUIREMENTS


def release_key(folder: Path) -> str:
    """Return the folder's name, and a digest of all that it locks."""
    try:
        lock = (folder / REQUIREMENTS).read_bytes()
    except OSError:
        lock = b""
    return key_of(folder.name, lock)


def key_of(name: str, lock: bytes) -> str:
    """Return the key of a release with this name and these locked requirements."""
    return f"{name}@{sha256(lock).hexdigest()[:16]}"
