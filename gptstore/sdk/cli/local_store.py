"""The store on this machine: its folder of releases, and how to run a command of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from gptstore.sdk.cli.errors import StoreFailed, UsageError

NO_FOLDER = (
    "Say where the store has its releases: by --releases FOLDER, or by GPTSTORE_RELEASES. For a store of `make demo`, "
    "by GPTSTORE_VAR, the folder with its demo.json."
)
DJANGO = (sys.executable, "-m", "django")
SETTINGS = "--settings=gptstore.settings"


@dataclass(frozen=True)
class LocalStore:
    """A store. manage: runs a command of its Django, in the folder `root`; () where the store is not installed here."""

    releases: Path
    manage: tuple[str, ...] = ()
    root: str | None = None

    @contextmanager
    def start(self, command: str) -> Iterator[StoreCommand | None]:
        """Start a command that answers lines of JSON: the store takes a second to load. It waits for its requests.

        It ends with the context. Yields None where the store is not installed here.
        """
        if not self.manage:
            yield None
            return
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
            subprocess.Popen(
                [*self.manage, command, SETTINGS],
                cwd=self.root,
                env={**os.environ, "GPTSTORE_RELEASES": str(self.releases)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
                errors="replace",
            ) as process,
        ):
            try:
                yield StoreCommand(process, errors)
            finally:
                process.kill()


@dataclass(frozen=True)
class StoreCommand:
    """A command of the store that was started, and waits for requests. errors: what it prints when it fails."""

    process: subprocess.Popen[str]
    errors: IO[str]

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return its answer. Raises StoreFailed with the last line of its errors."""
        assert self.process.stdin is not None and self.process.stdout is not None
        with suppress(BrokenPipeError):  # it has ended, and said why
            os.write(self.process.stdin.fileno(), json.dumps(request).encode() + b"\n")
        try:
            answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        except ValueError:
            self.process.wait()
            self.errors.seek(0)
            raise StoreFailed(self.errors.read().strip().rpartition("\n")[2]) from None
        return answer


@dataclass(frozen=True)
class Demo:
    """What a store of `make demo` says of itself in its demo.json."""

    releases: str = ""
    root: str = ""
    manage: tuple[str, ...] = field(default=())


def find_store(releases: Path | None) -> LocalStore:
    """Return the store of this folder of releases; without one, that of `make demo`. Raises UsageError."""
    demo = read_demo()
    if releases is None and not demo.releases:
        raise UsageError(NO_FOLDER)
    folder = Path(demo.releases) if releases is None else releases.absolute()
    if demo.manage and folder == Path(demo.releases):
        return LocalStore(folder, demo.manage, demo.root)
    return LocalStore(folder, DJANGO if is_installed() else ())


def read_demo() -> Demo:
    """Return what demo.json says; nothing of a file that somebody else wrote, since it names a command."""
    folder = var_folder()
    if folder is None:
        return Demo()
    path = folder / "demo.json"
    try:
        if hasattr(os, "geteuid") and path.stat().st_uid != os.geteuid():
            return Demo()
        given = json.loads(path.read_text(encoding="utf-8"))
        return Demo(given["releases"], given["root"], tuple(given["manage"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Demo()


def var_folder() -> Path | None:
    """Return the store's own folder: by the variable, or that of the store whose command this is.

    The current folder is none: it may be a clone of anybody's, and what lies there must name no command.
    """
    if given := os.environ.get("GPTSTORE_VAR"):
        return Path(given)
    spec = find_spec("gptstore.settings") if is_installed() else None
    return Path(spec.origin).parents[1] / "var" if spec and spec.origin else None


def is_installed() -> bool:
    return find_spec("django") is not None and find_spec("gptstore.settings") is not None
