"""`python -m worker.hosts.sandbox.launch RULES PARENT FOLDER COMMAND…`: gives up rights, then becomes COMMAND.

What is given up stays so for all that COMMAND starts. Nothing of the plugin's environment has run before.
"""

import os
import resource
import sys
from pathlib import Path

from gptstore.sdk.host import seal
from worker.hosts.sandbox import capabilities, landlock, seccomp
from worker.hosts.sandbox.policy import Rules

MAX_THREADS = 1024
"""Of all processes of a host that has a user of its own: the kernel counts them by user."""


def main() -> None:
    rules, parent, folder, *command = sys.argv[1:]
    confine(Rules.decode(rules), int(parent), folder)
    os.execve(command[0], command, Rules.decode(rules).variables)  # noqa: S606


def confine(rules: Rules, parent: int, folder: str) -> None:
    os.umask(0o077)
    os.chdir(folder)
    limit(rules)
    if os.geteuid() == 0:
        give_up_root(rules.user)
    seal.die_with(parent)  # after that, since the kernel forgets it with a change of user
    seal.allow_no_new_privileges()
    if rules.landlock:
        paths = [map(Path, one) for one in (rules.read, rules.write, rules.listed)]
        ruleset = landlock.make_ruleset(*paths, network=rules.network)
        seal.restrict_files(ruleset)
        os.close(ruleset)
    if rules.seccomp:
        seal.restrict_calls(seccomp.program(network=rules.network))


def give_up_root(user: int | None) -> None:
    capabilities.close_bounds()
    if user is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (MAX_THREADS, MAX_THREADS))
        capabilities.become(user)
    capabilities.give_up_all()


def limit(rules: Rules) -> None:
    bounds = {
        resource.RLIMIT_AS: rules.memory,
        resource.RLIMIT_FSIZE: rules.file_size,
        resource.RLIMIT_NOFILE: rules.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, most in bounds.items():
        resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
