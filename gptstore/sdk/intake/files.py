"""Problems of files: those that run by themselves at a Python's start, lead elsewhere, or hold somebody's secrets.

A store starts plugins without `site`, which would run such files, and builds nothing. So this is the second wall; it
says to the author what would be missing there. Wheels of releases are checked by the same names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from gptstore.sdk.limits import MEGA
from gptstore.sdk.problem import Problem

MAX_BYTES = 20 * MEGA
_CUSTOMIZE = {"sitecustomize", "usercustomize"}
_PACKAGE_FOLDERS = {"site-packages", "dist-packages"}
_COMPILED = (".pyc", ".pyo", ".o", ".obj", ".so", ".pyd", ".dll", ".dylib")
_PRIVATE = re.compile(
    r"\.env(\..*)?|\.netrc|\.pypirc|\.git-credentials|\.npmrc|id_(rsa|dsa|ecdsa|ed25519)|.*\.(p12|pfx|jks|keystore)"
)
_PUBLIC = {".env.example", ".env.sample", ".env.template"}
_SKIPPED = {"__pycache__", "node_modules", "build", "dist"}


def fault_of(name: str) -> str:
    """Return why no release may have a file of this name, "" when it may. name: within a wheel or its folder."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or "\\" in name or ".." in parts:
        return "leads out of its folder"
    if len(parts) > 1 and parts[0].lower().endswith(".data"):
        scheme, *parts = parts[1:]
        if scheme.lower() == "scripts":
            return "is a program for the environment's `bin`"
    while _PACKAGE_FOLDERS & {*parts}:
        parts.pop(0)
    if len(parts) == 1 and parts[0].lower().endswith(".pth"):
        return "each Python runs at its start"
    if parts and parts[0].partition(".")[0].lower() in _CUSTOMIZE:
        return "each Python imports at its start"
    return ""


def leftover_of(name: str) -> str:
    """Return why no author wants to ship a file of this name, "" where nothing speaks against it."""
    base = name.rpartition("/")[2].lower()
    if base.endswith(_COMPILED):
        return "is compiled, for one platform only"
    if _PRIVATE.fullmatch(base) and base not in _PUBLIC:
        return "is where people keep secrets"
    return ""


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that somebody wrote: no hidden folders, and nothing that programs leave behind."""
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in links and not _is_left_behind(Path(parent, name)))
        yield from (Path(parent, name) for name in sorted([*files, *links]))


def _is_left_behind(folder: Path) -> bool:
    name = folder.name
    return name in _SKIPPED or name.startswith(".") or name.endswith(".egg-info") or (folder / "pyvenv.cfg").exists()


def find_problems(files: Iterable[tuple[str, Path]]) -> Iterator[Problem]:
    """Yield the files that no package may have. files: the name of each within the wheel, and where it is."""
    sizes: dict[str, int] = {}
    for name, path in files:
        if fault := "is a link" if path.is_symlink() else fault_of(name) or leftover_of(name):
            yield Problem("file", f"the package has {name}, which {fault}", "take it out of the package", name)
        sizes[name] = path.lstat().st_size
    if (size := sum(sizes.values())) > MAX_BYTES:
        message = f"the package has {size / MEGA:.0f} MB, more than {MAX_BYTES // MEGA}"
        mend = "leave out data and models: ctx.model is there for all tools"
        yield Problem("size", message, mend, max(sizes, key=lambda name: sizes[name]))
