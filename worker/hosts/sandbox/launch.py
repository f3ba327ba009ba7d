"""`python -m worker.hosts.sandbox.launch POLICY PARENT FOLDER COMMAND…`: drops privileges and runs COMMAND.

COMMAND is a child of this process. It and all that it starts cannot regain these privileges, and nothing of the
plugin's environment has run before. When it ends, or this process does, so does all that it has started.
"""

import os
import resource
import select
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from gptstore.sdk.host import seal
from worker.hosts.sandbox import capabilities, landlock, namespaces, seccomp
from worker.hosts.sandbox.mounts import show_only
from worker.hosts.sandbox.policy import Policy
from worker.hosts.sandbox.processes import adopt_orphans, kill_children

MAX_THREADS = 1024
"""The limit on threads of all processes of a host with a user of its own: the kernel counts them by user."""

STDERR = 2


def main() -> None:
    encoded, parent, folder, *command = sys.argv[1:]
    policy = Policy.decode(encoded)
    end_with(int(parent))
    adopt_orphans()
    if policy.namespaces:
        namespaces.separate_processes()
    launcher_ended, ending = os.pipe()
    host = os.fork()
    if host == 0:
        os.close(ending)
        confine(policy, launcher_ended, folder)
        os.execve(command[0], command, policy.variables)  # noqa: S606
    close_all_but(ending)
    status = wait_for(host)
    kill_children()
    leave_as(status)


def end_with(parent: int) -> None:
    """End this process and its children when the parent ends, also when that is killed."""
    signal.signal(signal.SIGTERM, end)
    seal.check(seal.libc.prctl(seal.PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0))
    if os.getppid() != parent:
        raise ProcessLookupError("the parent has ended")


def end(number: int, _: object) -> None:
    kill_children()
    os._exit(number)


def confine(policy: Policy, launcher_ended: int, folder: str) -> None:
    if policy.namespaces:
        namespaces.separate_machine(network=policy.network)
        show_only([*policy.read, *policy.listed, folder], policy.write)
    os.umask(0o077)
    os.chdir(folder)
    limit(policy)
    if policy.namespaces or os.geteuid() == 0:
        drop_root(policy.user)
    die_with_launcher(launcher_ended)  # after that, since the kernel forgets it with a change of user
    seal.allow_no_new_privileges()
    if policy.landlock:
        paths = [map(Path, one) for one in (policy.read, policy.write, policy.listed)]
        ruleset = landlock.make_ruleset(*paths, network=policy.network)
        seal.restrict_files(ruleset)
        os.close(ruleset)
    if policy.seccomp:
        seal.restrict_calls(seccomp.program(network=policy.network))


def drop_root(user: int | None) -> None:
    """Become another user, if one is given, and drop the capabilities of root or of the user namespace."""
    capabilities.close_bounds()
    if user is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (MAX_THREADS, MAX_THREADS))
        capabilities.become(user)
    capabilities.drop_all()


def limit(policy: Policy) -> None:
    bounds = {
        resource.RLIMIT_AS: policy.memory,
        resource.RLIMIT_FSIZE: policy.file_size,
        resource.RLIMIT_NOFILE: policy.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, most in bounds.items():
        resource.setrlimit(kind, (most, most))


def die_with_launcher(launcher_ended: int) -> None:
    """End this process when the launcher does. In a namespace of its own it cannot see who its parent is."""
    seal.check(seal.libc.prctl(seal.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    poll = select.poll()
    poll.register(launcher_ended, 0)
    if poll.poll(0):
        raise ProcessLookupError("the launcher has ended")


def close_all_but(descriptor: int) -> None:
    """Close what the host uses, so that its other end sees when the host closes it."""
    os.closerange(STDERR + 1, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))


def leave_as(status: int) -> NoReturn:
    """End with the status of the host, also by the signal that ended it: who waits for this process learns it."""
    if status < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with suppress(OSError):  # nobody can change what these two do
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


def wait_for(host: int) -> int:
    """Wait until the host has ended. Return its status, as of `os.waitstatus_to_exitcode`."""
    while (ended := os.waitpid(-1, 0))[0] != host:
        pass
    return os.waitstatus_to_exitcode(ended[1])


if __name__ == "__main__":
    main()
