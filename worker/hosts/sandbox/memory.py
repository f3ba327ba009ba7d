"""How much memory one child may take: what its tool says beyond what its host holds, but no more than the host may.

Memory is address space, which the kernel counts for each process and refuses beyond a bound (RLIMIT_AS, setrlimit(2)).
"""

import resource
from dataclasses import dataclass
from pathlib import Path

from gptstore.sdk.limits import MEMORY
from worker.hosts.limit_sentence import Limit


@dataclass(frozen=True)
class Memory:
    """bound: all that the child may map, in bytes; 0: as much as its host. limit: whose bound that is, in words."""

    bound: int
    limit: Limit


def bound_memory(own: int | None, held: int, ceiling: int) -> Memory:
    """own: what the tool says. held: what the host has mapped, and so each child from its start. All in bytes."""
    if own is None or held + own > ceiling:
        return Memory(0, Limit(MEMORY, None, ceiling))
    return Memory(held + own, Limit(MEMORY, own, ceiling))


def held_by(pid: int) -> int:
    """Bytes that a process has mapped (proc_pid_statm(5)). Raises OSError when it is gone."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[0]
    return int(pages) * resource.getpagesize()
