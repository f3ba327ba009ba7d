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
from worker.hosts.sandbox import capabilities, landlock, pidfd, seccomp

MEMORY = 1 << 33
PR_GET_PDEATHSIG, PR_GET_NO_NEW_PRIVS = 2, 39
SIGNALS_SINCE = 6


@dataclass(frozen=True)
class ProbeRequest:
    """The input of a probe. user: the one to become, where root asks. python, readable: what any host needs."""

    user: int | None
    python: str
    readable: tuple[str, ...]


@dataclass(frozen=True)
class ProbeResult:
    """The result. landlock: the kernel's interface version, 0 for none. missing: what fails, and why it matters."""

    landlock: int = 0
    seccomp: bool = False
    own_user: bool = False
    missing: list[str] = field(default_factory=list)

    @classmethod
    def decode(cls, text: str) -> Self:
        return cls(**json.loads(text))


def main() -> None:
    given = json.loads(sys.argv[1])
    found = run_probe(ProbeRequest(given["user"], given["python"], tuple(given["readable"])))
    sys.stdout.write(json.dumps(asdict(found)))


def run_probe(trial: ProbeRequest) -> ProbeResult:
    """Probe each restriction, in the order in which a host drops its rights."""
    missing = [] if Path(f"/proc/self/task/{os.getpid()}/children").exists() else [CHILDREN]
    missing += [] if holds(limits_hold) else [LIMITS]
    missing += [] if holds(has_pidfds) else [PIDFDS]
    own_user = False
    if os.geteuid() == 0:
        fault = become(trial)
        own_user = not fault
        missing += [fault] if fault else []
        missing += [] if holds(has_no_capabilities) else [CAPABILITIES]
    missing += [] if holds(dies_with_parent) else [DEATH]
    missing += [] if holds(gets_no_privileges) else [PRIVILEGES]
    version = landlock.version()
    files = version > 0 and holds(cannot_open_files)
    if not files:
        missing.append(FILES)
    elif version < SIGNALS_SINCE or not holds(cannot_send_signals):
        missing.append(SIGNALS)
    calls = holds(cannot_open_sockets)
    missing += [] if calls else [CALLS]
    return ProbeResult(version if files else 0, calls, own_user, missing)


CHILDREN = "/proc/…/children: what a host starts may outlive it (CONFIG_PROC_CHILDREN)"
PIDFDS = "pidfd_open: the worker has to believe a host that a run has ended (Linux 5.3)"
LIMITS = "limits of memory: a plugin can take all that the machine has"
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


def has_no_capabilities() -> bool:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return {line.split()[1].strip("0") for line in lines if line.startswith(("CapEff", "CapPrm", "CapBnd"))} == {""}


def dies_with_parent() -> bool:
    seal.die_with(os.getppid())
    number = ctypes.c_int()
    seal.check(seal.libc.prctl(PR_GET_PDEATHSIG, ctypes.byref(number), 0, 0, 0))
    return number.value == signal.SIGKILL


def gets_no_privileges() -> bool:
    seal.allow_no_new_privileges()
    return int(seal.libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) == 1


def cannot_open_files() -> bool:
    ruleset = landlock.make_ruleset([], [])
    seal.restrict_files(ruleset)
    return fails(lambda: os.open("/proc/self/status", os.O_RDONLY))


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
