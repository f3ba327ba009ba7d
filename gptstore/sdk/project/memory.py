"""The memory of this process, and of others."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def peak_memory() -> int:
    """Return the most bytes of memory that this process has held so far; 0 where the system does not say (Windows)."""
    if _STATUS.exists():  # what getrusage says on Linux begins with the memory of the parent process
        found = _PEAK.search(_STATUS.read_text(encoding="ascii", errors="replace"))
        return int(found[1]) * 1024 if found else 0
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def descendants(pid: int) -> list[int]:
    """Return the processes that this one started, and those that they started, on Linux."""
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="ascii").split():
                found += [int(child), *descendants(int(child))]
    return found


def limit_growth(pid: int, more: int) -> None:
    """Let a process of this user map no more than so many bytes beyond those it has mapped, on Linux."""
    import resource

    held = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (held + more, held + more))
