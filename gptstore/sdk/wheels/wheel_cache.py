"""Downloaded wheels on this machine, by their SHA-256, so that a build without news needs no network."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import file_digest, sha256
from pathlib import Path

from gptstore.sdk.wheels.errors import WheelError

CACHE_SETTING = "GPTSTORE_CACHE"


def cache_folder() -> Path:
    """Return the folder that the system has for caches, or the one of the variable GPTSTORE_CACHE."""
    from platformdirs import user_cache_path

    return Path(os.environ.get(CACHE_SETTING) or user_cache_path("gptstore", appauthor=False)) / "wheels"


def find_wheel(digest: str, folder: Path) -> Path | None:
    """Return the wheel with this SHA-256, if it is there. What is damaged counts as not there."""
    for path in (folder / digest).glob("*.whl"):
        with path.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() == digest:
                return path
    return None


def keep_wheel(digest: str, file_name: str, chunks: Iterable[bytes], folder: Path) -> Path:
    """Write a wheel and return where it is. Raises WheelError when it has another hash."""
    with new_folder(folder) as made:
        found = sha256()
        with (made / file_name).open("wb") as file:
            for chunk in chunks:
                found.update(chunk)
                file.write(chunk)
        if found.hexdigest() != digest:
            raise WheelError(f"{file_name} is not the file that was locked: its SHA-256 is {found.hexdigest()}.")
        if find_wheel(digest, folder) is None:  # nobody was quicker
            shutil.rmtree(folder / digest, ignore_errors=True)
            with suppress(OSError):
                made.rename(folder / digest)
    return folder / digest / file_name


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
