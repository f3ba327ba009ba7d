"""The memory of this process."""

from __future__ import annotations

import re
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
