"""Lists the system calls that a host and the child of a job may make, and with which arguments.

They are what CPython and ordinary wheels need: calls that act on the process itself, on what it has open, and on files
that Landlock watches. Landlock does not watch modes, owners, times and attributes, nor changes of another process's
limits or priority: so nothing of that kind is here, and a process id has to be the caller's own.
"""

import errno
import signal
import socket
from collections.abc import Iterable

from gptstore.sdk.host.seal import OWN_PROCESS, PR_SET_PDEATHSIG, PR_SET_SECCOMP, SECCOMP_MODE_FILTER
from worker.hosts.sandbox.bpf import Compare, Decision, Return, argument

ALLOW, KILL = Return(0x7FFF0000), Return(0x80000000)
REFUSE = Return(0x00050000 | errno.EPERM)
ABSENT = Return(0x00050000 | errno.ENOSYS)

FILES = """
    open openat creat access faccessat faccessat2 stat lstat fstat newfstatat statx readlink readlinkat
    getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    link linkat symlink symlinkat getdents getdents64 umask
"""
DESCRIPTORS = """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range dup dup2 dup3
    ftruncate fallocate fadvise64 fsync fdatasync flock sendfile copy_file_range pipe pipe2 eventfd eventfd2
    timerfd_create timerfd_settime timerfd_gettime poll ppoll select pselect6
    epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
    sendto recvfrom sendmsg recvmsg shutdown getsockname getpeername getsockopt
"""
MEMORY = "brk mmap munmap mremap mprotect madvise msync"
THREADS = """
    futex set_tid_address set_robust_list rseq membarrier arch_prctl gettid getcpu sched_yield
    sched_get_priority_max sched_get_priority_min exit exit_group
"""
SIGNALS = """
    rt_sigaction rt_sigprocmask rt_sigpending rt_sigreturn rt_sigsuspend rt_sigtimedwait sigaltstack pause
    restart_syscall alarm getitimer setitimer
"""
TIME = "time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep times getrusage"
ITSELF = """
    getpid getppid getpgrp getuid geteuid getgid getegid getresuid getresgid getgroups getrlimit setrlimit
    getrandom uname sysinfo wait4 waitid
"""
EVERYBODY = f"{FILES} {DESCRIPTORS} {MEMORY} {THREADS} {SIGNALS} {TIME} {ITSELF}".split()
PROCESSES = ("fork", "vfork", "execve", "execveat", "setsid", "landlock_restrict_self", "kill", "tgkill")
NETWORK = ("connect", "bind", "sendmmsg", "recvmmsg")

CLONE_THREAD, CLONE_PARENT, CLONE_PTRACE = 0x00010000, 0x00008000, 0x00002000
CLONE_NEW = 0x7E020000  # all namespaces
STREAMS = [socket.SOCK_STREAM | close | block for close in (0, 0o2000000) for block in (0, 0o4000)]
"""Kinds of socket pair: ends of datagrams could be sent to any Unix socket by its path."""

SOCKET_OPTIONS = (1, 2, 3, 4, 6, 9, 10, 12, 13, 15, 16, 18, 20, 21, 66, 67)
"""SO_REUSEADDR, SO_KEEPALIVE, timeouts and the like, of asm-generic/socket.h. Not: larger buffers, and BPF filters."""

INTERNET_LEVELS = (socket.IPPROTO_IP, socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_IPV6)
REQUESTS = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS and TCGETS2 (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX."""

COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
"""F_DUPFD, flags, locks of a process and of an open file, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not: larger pipes, leases."""

OPTIONS = (2, 3, 15, 16, 21, 23, 27, 30, 38, 39, 42, 51, 56, 64, 0x53564D41)
"""PR_SET_NAME, PR_SET_NO_NEW_PRIVS, PR_SET_VMA (the C library names its memory), and what only asks (linux/prctl.h)."""


def rules(*, processes: bool, network: bool) -> dict[str, Decision]:
    """Return the decision about each call that may be made. processes: whether it may start others."""
    allowed = [*EVERYBODY, *(PROCESSES if processes else ()), *(NETWORK if network else ())]
    checked = for_everybody() | (for_processes() if processes else for_child()) | (for_network() if network else {})
    return dict.fromkeys(allowed, ALLOW) | checked


def for_everybody() -> dict[str, Decision]:
    return {
        "fcntl": equals(1, COMMANDS),
        "ioctl": equals(1, REQUESTS),
        "socketpair": equals(0, [socket.AF_UNIX], then=equals(1, STREAMS)),
        "setsockopt": equals(1, [socket.SOL_SOCKET], then=equals(2, SOCKET_OPTIONS)),
        "prctl": prctl(),
        "prlimit64": equals(0, [0]),
        "getpgid": equals(0, [0]),
        "getsid": equals(0, [0]),
        "sched_getaffinity": equals(0, [0], otherwise=ABSENT),  # the C library takes that for no affinity
    }


def for_processes() -> dict[str, Decision]:
    return {
        "clone": has_any(0, CLONE_NEW | CLONE_PARENT | CLONE_PTRACE, then=REFUSE, otherwise=ALLOW),
        "prctl": equals(0, [PR_SET_SECCOMP], then=equals(1, [SECCOMP_MODE_FILTER]), otherwise=prctl()),
        "setpgid": equals(0, [0]),
    }


def for_child() -> dict[str, Decision]:
    thread = has_any(0, CLONE_THREAD, then=ALLOW, otherwise=REFUSE)
    return {
        "clone": has_any(0, CLONE_NEW | CLONE_PARENT | CLONE_PTRACE, then=REFUSE, otherwise=thread),
        "kill": equals(0, [OWN_PROCESS]),
        "tgkill": equals(0, [OWN_PROCESS]),
    }


def for_network() -> dict[str, Decision]:
    options = equals(1, [socket.SOL_SOCKET], then=equals(2, SOCKET_OPTIONS), otherwise=equals(1, INTERNET_LEVELS))
    return {"socket": equals(0, [socket.AF_INET, socket.AF_INET6]), "setsockopt": options}


def prctl() -> Decision:
    """Allow the options, and to die with the parent, but not to outlive it."""
    return equals(0, [PR_SET_PDEATHSIG], then=equals(1, [signal.SIGKILL]), otherwise=equals(0, OPTIONS))


def equals(index: int, values: Iterable[int], then: Decision = ALLOW, otherwise: Decision = REFUSE) -> Decision:
    """Decide by whether an argument is one of these values."""
    for value in reversed([*values]):
        otherwise = Compare(argument(index), "==", int(value), then, otherwise)
    return otherwise


def has_any(index: int, bits: int, then: Decision, otherwise: Decision) -> Decision:
    """Decide by whether an argument has any of these bits."""
    return Compare(argument(index), "&", bits, then, otherwise)
