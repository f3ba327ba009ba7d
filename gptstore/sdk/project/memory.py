"""The memory of this process."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


def peak_memory() -> int:
    """Return the most bytes of memory that this process has held so far; 0 where the system does not say (Windows)."""
    if sys.platform == "win32":
        return 0
    if sys.platform == "linux":  # what getrusage says there begins with the memory of the parent process
        found = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii", errors="replace"))
        return int(found[1]) * 1024 if found else 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
