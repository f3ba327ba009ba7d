"""`python -m worker.hosts.sandbox.launch POLICY PARENT FOLDER COMMAND…`: drops privileges, then becomes COMMAND.

COMMAND and all that it starts cannot regain these privileges. Nothing of the plugin's environment has run before.
"""

import os
import resource
import sys
from pathlib import Path

from gptstore.sdk.host import seal
from worker.hosts.sandbox import capabilities, landlock, seccomp
from worker.hosts.sandbox.policy import Policy

MAX_THREADS = 1024
"""The limit on threads of all processes of a host with a user of its own: the kernel counts them by user."""


def main() -> None:
    policy, parent, folder, *command = sys.argv[1:]
    confine(Policy.decode(policy), int(parent), folder)
    os.execve(command[0], command, Policy.decode(policy).variables)  # noqa: S606


def confine(policy: Policy, parent: int, folder: str) -> None:
    os.umask(0o077)
    os.chdir(folder)
    limit(policy)
    if os.geteuid() == 0:
        drop_root(policy.user)
    seal.die_with(parent)  # after that, since the kernel forgets it with a change of user
    seal.allow_no_new_privileges()
    if policy.landlock:
        paths = [map(Path, one) for one in (policy.read, policy.write, policy.listed)]
        ruleset = landlock.make_ruleset(*paths, network=policy.network)
        seal.restrict_files(ruleset)
        os.close(ruleset)
    if policy.seccomp:
        seal.restrict_calls(seccomp.program(network=policy.network))


def drop_root(user: int | None) -> None:
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


if __name__ == "__main__":
    main()
