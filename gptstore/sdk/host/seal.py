"""Seals a child before it runs a tool: gives up its rights for good."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2
SYS_LANDLOCK_RESTRICT_SELF = 446
INSTRUCTION_BYTES = 8
OWN_PROCESS = int.from_bytes(b"pid!", "little")
"""Stands in a BPF program for the process that installs it. No process has that id."""

libc = ctypes.CDLL(None, use_errno=True)


class Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def die_with(parent: int) -> None:
    """End this process when the parent does, also when that is killed. Raises OSError when it has ended already."""
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        raise ProcessLookupError("the parent has ended")


def allow_no_new_privileges() -> None:
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def restrict_files(ruleset: int) -> None:
    """Allow only what this ruleset, a descriptor, allows: Landlock (Linux 5.13)."""
    check(libc.syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0))


def restrict_calls(program: bytes) -> None:
    """Pass every system call through this BPF program: seccomp. OWN_PROCESS in it becomes this process's id."""
    program = program.replace(OWN_PROCESS.to_bytes(4, "little"), os.getpid().to_bytes(4, "little"))
    filled = Program(len(program) // INSTRUCTION_BYTES, program)
    check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filled), 0, 0))


def restrict_computing(seconds: int) -> None:
    """Let the kernel end the process after so many seconds of processor time."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def restrict_memory(size: int) -> None:
    """Let the kernel refuse to map more than so many bytes, which Python raises as a MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def restrict_file_size(size: int) -> None:
    """Let the kernel refuse to make a file longer than so many bytes, which Python raises as an OSError (EFBIG)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def check(result: int) -> int:
    """Return what a call of the C library returned. Raises OSError for a negative one, with the call's error."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
