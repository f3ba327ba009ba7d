"""The store on this machine: its folder of releases, and how to run a command of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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

    def run(self, *command: str) -> dict[str, Any]:
        """Run a command that prints JSON, and return that. Raises CommandError with the last line of its errors."""
        variables = {**os.environ, "GPTSTORE_RELEASES": str(self.releases)}
        done = subprocess.run(
            [*self.manage, *command, SETTINGS],
            cwd=self.root,
            env=variables,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            result: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            last = done.stderr.strip().rpartition("\n")[2]
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
    path = var_folder() / "demo.json"
    try:
        if path.stat().st_uid != os.geteuid():
            return Demo()
        given = json.loads(path.read_text(encoding="utf-8"))
        return Demo(given["releases"], given["root"], tuple(given["manage"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Demo()


def var_folder() -> Path:
    """Return the store's own folder: by the variable, or that of the store whose command this is."""
    if given := os.environ.get("GPTSTORE_VAR"):
        return Path(given)
    spec = find_spec("gptstore.settings") if is_installed() else None
    return Path(spec.origin).parents[1] / "var" if spec and spec.origin else Path("var")


def is_installed() -> bool:
    return find_spec("django") is not None and find_spec("gptstore.settings") is not None
