"""Reads how much memory there is: proc_pid_statm(5), proc_meminfo(5)."""

import os
import re
from pathlib import Path

STATM = Path("/proc/self/statm")
MEMINFO = Path("/proc/meminfo")


def resident_bytes() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not tell, as all but Linux."""
    try:
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def available_bytes() -> int:
    """Return the bytes that new processes may take without swapping; 0 where the system does not tell."""
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", MEMINFO.read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
