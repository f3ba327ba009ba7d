"""Restricts the system calls of a process and its children: BPF programs for seccomp (seccomp(2)).

They allow what `syscall_rules` lists, and nothing else. A call that is not on the list fails as its callers expect it:
- with ENOSYS, if it came with Linux 5.1 or later, or is not known here: the C library and others try such a call, and
  do without it on an older kernel;
- with EPERM, if it is older: it has been on every machine for years, so that no caller knows how to do without.
"""

import platform
from functools import cache

from worker.hosts.sandbox import syscall_numbers
from worker.hosts.sandbox.bpf import MACHINE, Compare, Decision, assemble, search
from worker.hosts.sandbox.syscall_rules import ABSENT, KILL, REFUSE, rules

MACHINES = {"x86_64": (0xC000003E, syscall_numbers.X86_64), "aarch64": (0xC00000B7, syscall_numbers.AARCH64)}
"""The number by which the kernel names a machine (linux/audit.h), and the numbers of its system calls."""


@cache
def program(*, processes: bool = True, network: bool = False, machine: str = "") -> bytes:
    """Return the program as the kernel takes it, and `seal.restrict_calls` installs it.

    processes: whether it may start other processes. network: whether it may make sockets of the internet's families.
    machine: the one to run on; empty for this one. Raises NotImplementedError when its system calls are not known here.
    """
    machine = machine or platform.machine()
    if machine not in MACHINES:
        raise NotImplementedError(f"system calls of {machine} are not known")
    audit, numbers = MACHINES[machine]
    allowed = rules(processes=processes, network=network)
    decisions = {number: decide(name, allowed) for name, number in numbers.items()}
    return assemble(Compare(MACHINE, "==", audit, search(merge(decisions)), KILL))


def decide(name: str, allowed: dict[str, Decision]) -> Decision:
    return allowed.get(name, ABSENT if name in syscall_numbers.SHARED else REFUSE)


def merge(decisions: dict[int, Decision]) -> list[tuple[int, Decision]]:
    """Return the first number of each range of numbers with the same decision, of all that 32 bits hold."""
    ranges = [(0, decisions[0])]
    for number in range(1, max(decisions) + 2):
        decision = decisions.get(number, ABSENT)
        if decision != ranges[-1][1]:
            ranges.append((number, decision))
    return ranges
