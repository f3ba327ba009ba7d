"""User ids for the hosts of a worker that is root: numbers that nobody has, each for one host on the machine."""

import os

FIRST = 0x70000000
"""The first of the numbers that systemd's documentation (UIDS-GIDS) lists as used by nobody, up to 2**31 - 1."""

MAX_HOSTS = 64

FOR_PROBES = MAX_HOSTS - 1
"""The number of the host that is there only to probe the isolation level."""


def user_for(number: int) -> int:
    """Return the user of this worker's n-th host. Process ids are below 2**22, so no two workers' users meet."""
    if not 0 <= number < MAX_HOSTS:
        raise ValueError(f"a worker as root has up to {MAX_HOSTS} hosts, each with a user of its own")
    return FIRST + os.getpid() * MAX_HOSTS + number
