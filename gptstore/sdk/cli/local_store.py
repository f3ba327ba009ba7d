"""The store on this machine: its folder of releases, and how to run a command of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gptstore.sdk.cli.errors import CommandError, UsageError

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
        """Start a command that reads JSON and prints JSON: the store takes a second to load. It waits for its request.

        It ends with the context. Yields None where the store is not installed here.
        """
        if not self.manage:
            yield None
            return
        with subprocess.Popen(
            [*self.manage, command, SETTINGS],
            cwd=self.root,
            env={**os.environ, "GPTSTORE_RELEASES": str(self.releases)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as process:
            try:
                yield StoreCommand(process)
            finally:
                process.kill()


@dataclass(frozen=True)
class StoreCommand:
    """A command of the store that was started, and has no request yet."""

    process: subprocess.Popen[str]

    def run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Run it to its end, and return what it printed. Raises CommandError with the last line of its errors."""
        printed, errors = self.process.communicate(json.dumps(request))
        try:
            result: dict[str, Any] = json.loads(printed)
        except ValueError:
            last = errors.strip().rpartition("\n")[2]
            raise CommandError(f"The folder is changed, but the catalogue is not up to date: {last}") from None
        return result


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
