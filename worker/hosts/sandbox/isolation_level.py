"""The isolation level of plugins on this machine, found out by a probe."""

import json
import os
import subprocess
import sys
from collections.abc import Hashable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Literal

from worker.hosts.sandbox.environment import ROOT, PythonEnvironment, launcher_variables
from worker.hosts.sandbox.probe import ProbeRequest, ProbeResult
from worker.hosts.sandbox.processes import FOR_PROBES, user_for

LevelName = Literal["none", "reduced", "full"]
LEVELS: list[LevelName] = ["none", "reduced", "full"]
SECONDS = 30
OPEN = 0o555


@dataclass(frozen=True)
class Level:
    """The level. landlock: the kernel's interface version, 0 for none. missing: what there is not, and why it matters.

    own_user: whether hosts are users of their own, where the worker is root. namespaces: whether hosts see only what
    they may read.
    """

    landlock: int
    seccomp: bool
    own_user: bool = False
    missing: tuple[str, ...] = ()
    namespaces: bool = False

    @property
    def name(self) -> LevelName:
        """Return full; reduced, when files, sockets and programs are closed, but something else is missing; or none."""
        if not self.missing:
            return "full"
        return "reduced" if self.landlock and self.seccomp else "none"

    def is_at_least(self, lowest: LevelName) -> bool:
        return LEVELS.index(self.name) >= LEVELS.index(lowest)


of_releases: dict[Hashable, Level] = {}
probing = Lock()


@cache
def probe(environment: PythonEnvironment) -> Level:
    """Probe how well a host with this Python can be isolated. Starts processes that try."""
    user = user_for(FOR_PROBES) if os.geteuid() == 0 else None
    trial = ProbeRequest(user, environment.python, environment.readable)
    try:
        found = run(trial)
        if not found.namespaces:
            found = run(replace(trial, namespaces=False))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
        return Level(0, False, missing=(f"everything: trying it out failed ({error})",))
    return Level(found.landlock, found.seccomp, found.own_user, tuple(found.missing), found.namespaces)


def probe_release(environment: PythonEnvironment) -> Level:
    """Return the level of a release's environment: of all beside it, as they differ in nothing but open folders."""
    folder = str(environment.folder)
    if not all(is_open(path) for path in (environment.folder, Path(environment.python).parent)):
        return probe(environment)
    paths = (path for path in environment.readable if path != folder)
    alike = (environment.folder.parent, os.path.realpath(environment.python), *paths)
    with probing:
        if alike not in of_releases:
            of_releases[alike] = probe(environment)
        return of_releases[alike]


def forget_levels() -> None:
    """Probe anew: what was missing may be there the next time."""
    with probing:
        of_releases.clear()
        probe.cache_clear()


def is_open(folder: Path) -> bool:
    """Return whether every user may read the folder."""
    try:
        return folder.stat().st_mode & OPEN == OPEN
    except OSError:
        return False


def run(trial: ProbeRequest) -> ProbeResult:
    done = subprocess.run(
        [sys.executable, "-m", "worker.hosts.sandbox.probe", json.dumps(asdict(trial))],
        cwd=ROOT,
        env=launcher_variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=True,
    )
    return ProbeResult.decode(done.stdout)
