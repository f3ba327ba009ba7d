"""The memory limit of one child: the tool's own beyond what its host holds, but no more than the host's.

Memory is address space, which the kernel counts for each process and refuses beyond a bound (RLIMIT_AS, setrlimit(2)).
"""

import re
import resource
from dataclasses import dataclass
from pathlib import Path

from gptstore.sdk.limits import MEMORY
from worker.hosts.limit import Limit


@dataclass(frozen=True)
class Memory:
    """The memory of a child. bound: bytes of address space; 0: as many as its host. limit: whose bound that is."""

    bound: int
    limit: Limit


def bound_memory(own: int | None, held: int, ceiling: int) -> Memory:
    """Bound a child's bytes. own: the tool's limit. held: mapped by the host, and so by each child from its start."""
    if own is None or held + own > ceiling:
        return Memory(0, Limit(MEMORY, None, ceiling))
    return Memory(held + own, Limit(MEMORY, own, ceiling))


def peak_of(pid: int) -> int:
    """Return the most bytes that a process has had resident (VmHWM, proc_pid_status(5)); 0 when it is gone."""
    try:
        found = re.search(rb"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_bytes(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def held_by(pid: int) -> int:
    """Return the bytes that a process has mapped (proc_pid_statm(5)). Raises OSError when it is gone."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()
