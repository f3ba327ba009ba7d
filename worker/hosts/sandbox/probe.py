"""`python -m worker.hosts.sandbox.probe TRIAL`: confines itself like a host, then tries what must not be possible.

Prints a `ProbeResult` as JSON. Rights that cannot be dropped here cannot be dropped by a host either.
"""

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from gptstore.sdk.host import seal
from worker.hosts.sandbox import capabilities, landlock, namespaces, pidfd, seccomp
from worker.hosts.sandbox.mounts import show_only

MEMORY = 1 << 33
PR_GET_PDEATHSIG, PR_GET_NO_NEW_PRIVS = 2, 39
SIGNALS_SINCE = 6
PASSWORDS = "/etc/passwd"


@dataclass(frozen=True)
class ProbeRequest:
    """The input of a probe. user: the one to become, where root asks. python, readable: what any host needs.

    namespaces: whether to try these; where they fail, the rest has to be probed by another process.
    """

    user: int | None
    python: str
    readable: tuple[str, ...]
    namespaces: bool = True


@dataclass(frozen=True)
class ProbeResult:
    """The result. landlock: the kernel's interface version, 0 for none. missing: what fails, and why it matters."""

    namespaces: bool = False
    landlock: int = 0
    seccomp: bool = False
    own_user: bool = False
    missing: list[str] = field(default_factory=list)

    @classmethod
    def decode(cls, text: str) -> Self:
        return cls(**json.loads(text))


def main() -> None:
    given = json.loads(sys.argv[1])
    found = run_probe(ProbeRequest(given["user"], given["python"], tuple(given["readable"]), given["namespaces"]))
    sys.stdout.write(json.dumps(asdict(found)))


def run_probe(trial: ProbeRequest) -> ProbeResult:
    """Probe each restriction, in the order in which a host drops its rights."""
    missing = [] if Path(f"/proc/self/task/{os.getpid()}/children").exists() else [CHILDREN]
    missing += [] if holds(limits_hold) else [LIMITS]
    missing += [] if holds(has_pidfds) else [PIDFDS]
    separate = trial.namespaces and holds(lambda: sees_nothing_else(trial))
    missing += [] if separate else [NAMESPACES]
    own_user = False
    if os.geteuid() == 0:
        fault = become(trial)
        own_user = not fault
        missing += [fault] if fault else []
    elif separate:
        capabilities.close_bounds()
        capabilities.drop_all()
    if os.geteuid() == 0 or separate or own_user:
        missing += [] if holds(has_no_capabilities) else [CAPABILITIES]
    missing += [] if holds(dies_with_parent) else [DEATH]
    missing += [] if holds(gets_no_privileges) else [PRIVILEGES]
    version = landlock.version()
    files = version > 0 and holds(lambda: cannot_open_files(trial.python))
    if not files:
        missing.append(FILES)
    elif version < SIGNALS_SINCE or not holds(cannot_send_signals):
        missing.append(SIGNALS)
    calls = holds(cannot_open_sockets)
    missing += [] if calls else [CALLS]
    return ProbeResult(separate, version if files else 0, calls, own_user, missing)


CHILDREN = "/proc/…/children: what a host starts may outlive it (CONFIG_PROC_CHILDREN)"
PIDFDS = "pidfd_open: the worker has to believe a host that a run has ended (Linux 5.3)"
LIMITS = "limits of memory: a plugin can take all that the machine has"
NAMESPACES = (
    "namespaces: plugins see which files and processes there are (user namespaces, or a worker that is root and has "
    "CAP_SYS_ADMIN)"
)
CAPABILITIES = "capabilities: plugins keep some of root's rights"
DEATH = "PR_SET_PDEATHSIG: hosts may outlive a worker that is killed"
PRIVILEGES = "no_new_privs: a plugin can get rights from programs that give some"
FILES = "Landlock: plugins can read and write whatever the worker's user can (Linux 5.13, lsm=landlock)"
SIGNALS = "Landlock 6: plugins can send signals to processes of the worker's user (Linux 6.12)"
CALLS = "seccomp: plugins can open sockets and start programs"


def holds(attempt: Callable[[], bool]) -> bool:
    with suppress(Exception):
        return attempt()
    return False


def limits_hold() -> bool:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    return fails(lambda: mmap.mmap(-1, MEMORY))


def has_pidfds() -> bool:
    os.close(pidfd.open_pidfd(os.getpid()))
    return True


def become(trial: ProbeRequest) -> str:
    """Become the user that hosts are to be. Return why that failed; "" when it has not."""
    assert trial.user is not None
    capabilities.close_bounds()
    try:
        capabilities.become(trial.user)
    except OSError:
        return f"a user of its own: this machine has no user {trial.user} (as in some containers); hosts stay root"
    finally:
        capabilities.drop_all()
    closed = first_closed(trial.python, trial.readable)
    return closed and f"a user of its own: only root can read {closed}; hosts stay root"


def first_closed(python: str, readable: Iterable[str]) -> str:
    if not os.access(python, os.X_OK):
        return python
    return next((path for path in readable if not os.access(path, os.R_OK) and not is_absent(path)), "")


def is_absent(path: str) -> bool:
    try:
        os.lstat(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def sees_nothing_else(trial: ProbeRequest) -> bool:
    """Enter namespaces as a host does. Return whether what was there before is gone."""
    before = set(os.listdir("/"))
    namespaces.separate_processes()
    first = os.fork()
    if first == 0:
        os._exit(0 if os.getpid() == 1 else 1)
    is_first = os.waitpid(first, 0)[1] == 0
    namespaces.separate_machine(network=False)
    show_only(trial.readable, [])
    return is_first and set(os.listdir("/")) < before and fails(lambda: os.stat(PASSWORDS)) and is_absent("/proc/self")


def has_no_capabilities() -> bool:
    return not capabilities.has_any()


def dies_with_parent() -> bool:
    seal.die_with(os.getppid())
    number = ctypes.c_int()
    seal.check(seal.libc.prctl(PR_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0))
    return number.value == signal.SIGKILL


def gets_no_privileges() -> bool:
    seal.allow_no_new_privileges()
    return int(seal.libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) == 1


def cannot_open_files(python: str) -> bool:
    ruleset = landlock.make_ruleset([], [])
    seal.restrict_files(ruleset)
    return fails(lambda: os.open(python, os.O_RDONLY))


def cannot_send_signals() -> bool:
    return fails(lambda: os.kill(os.getppid(), 0))


def cannot_open_sockets() -> bool:
    seal.restrict_calls(seccomp.program())
    return fails(socket.socket)


def fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except OSError:
        return True
    return False


if __name__ == "__main__":
    main()
