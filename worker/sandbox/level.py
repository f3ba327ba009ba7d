"""How well plugins can be shut in on this machine, found out by trying."""

import os
from dataclasses import dataclass
from functools import cache

from worker.sandbox import landlock, seccomp

SIGNALS_SINCE = 6


@dataclass(frozen=True)
class Level:
    """landlock: the version of the kernel's interface, 0 for none. missing: what there is not, and why it matters."""

    landlock: int
    seccomp: bool
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """full, reduced, or none."""
        if not self.missing:
            return "full"
        return "reduced" if self.landlock or self.seccomp else "none"


@cache
def probe() -> Level:
    has_landlock, has_seccomp = landlock.version(), has_seccomp_filters() and seccomp.machine() is not None
    missing = []
    if not has_landlock:
        missing.append("Landlock: plugins can read and write whatever the worker's user can (Linux 5.13, lsm=landlock)")
    elif has_landlock < SIGNALS_SINCE:
        missing.append("Landlock 6: plugins can send signals to processes of the worker's user (Linux 6.12)")
    if not has_seccomp:
        missing.append("seccomp: plugins can open sockets and start programs")
    return Level(has_landlock, has_seccomp, tuple(missing))


def has_seccomp_filters() -> bool:
    return os.path.exists("/proc/sys/kernel/seccomp/actions_avail")
