"""Runs uv, the program that resolves, builds and installs packages. It comes with `gptstore-sdk[cli]`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gptstore.sdk.wheels.errors import MissingUvError, UvError, WheelError

SECONDS = 600
VARIABLES = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "NO_COLOR": "1"}
DROPPED = ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "FORCE_COLOR", "UV_EXCLUDE_NEWER")


@dataclass(frozen=True)
class Sources:
    """Where packages come from, beside the index that the machine has configured.

    exclude_newer: a time in UTC; what was uploaded later is not seen. find_links: folders with wheels. no_index: only
    these folders.
    """

    exclude_newer: str
    find_links: tuple[Path, ...] = ()
    no_index: bool = False

    @property
    def options(self) -> list[str]:
        links = [f"--find-links={folder.absolute()}" for folder in self.find_links]
        return [f"--exclude-newer={self.exclude_newer}", *links, *(["--no-index"] if self.no_index else [])]


def run_uv(*arguments: str, folder: Path, variables: Mapping[str, str] | None = None, seconds: float = SECONDS) -> str:
    """Run uv in a folder and return what it printed. Raises UvError, or WheelError when there is no uv or no end."""
    environment = {name: value for name, value in os.environ.items() if name not in DROPPED}
    try:
        done = subprocess.run(
            [find_uv(), *arguments],
            cwd=folder,
            env={**environment, **VARIABLES, **(variables or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise WheelError(f"uv was not ready after {seconds} s. Is the package index slow? Try again.") from None
    except OSError as error:
        raise WheelError(f"uv can't be started ({error.strerror}): install gptstore-sdk[cli] again.") from None
    if done.returncode:
        raise UvError(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def find_uv() -> str:
    """Return where uv is: in the package of this name, or else on PATH. Raises MissingUvError."""
    with suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin

        return os.fsdecode(find_uv_bin())
    if (found := shutil.which("uv")) is None:
        raise MissingUvError("uv, which locks and builds packages, is missing: pip install 'gptstore-sdk[cli]'.")
    return found
