"""The same ways out and the same harm where the worker is an ordinary user, and where hosts are users of their own."""

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.worker.hosts.sandbox.readable import ReadablePython, closed_python, readable_python
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe

pytestmark = [pytest.mark.landlock, pytest.mark.slow]

TESTS = [
    *("test_reaching.py", "test_harm.py", "test_running.py", "test_limits.py", "test_network.py", "test_syscalls.py"),
    *("test_descriptors.py", "test_endings.py", "test_stderr.py"),
    *("test_disk.py", "test_delete_folder.py", "test_host_folder.py"),
]
NOBODY = 65534
LEVEL = """
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.environment import own_environment
level = probe(own_environment())
print(level.name, level.own_user, *level.missing)
"""


@pytest.fixture(scope="module")
def copy() -> Iterator[ReadablePython]:
    if (level := probe(own_environment())).name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    if os.geteuid() != 0:
        pytest.skip("only root can run tests as other users; all the other tests have been run as an ordinary one")
    with readable_python() as made:
        yield made


def test_hosts_of_root_are_users_of_their_own(copy: ReadablePython) -> None:
    assert copy.run("-c", LEVEL).stdout.startswith(f"{expected_level(None)} True")


def test_hosts_of_root_are_that_where_only_root_can_read_its_python() -> None:
    with closed_python() as copy:
        assert copy.run("-c", LEVEL).stdout.startswith(f"{expected_level(None)} {may_separate(None)}")


def test_those_of_an_ordinary_user_are_that_user(copy: ReadablePython) -> None:
    assert copy.run("-c", LEVEL, user=NOBODY).stdout.startswith(f"{expected_level(NOBODY)} False")


def expected_level(user: int | None) -> str:
    return "full" if may_separate(user) else "reduced"


def may_separate(user: int | None) -> bool:
    """Return whether this machine lets a user have namespaces, as util-linux finds."""
    as_root = [] if user is None else ["--user", "--map-root-user"]
    command = [
        "unshare",
        *as_root,
        "--mount",
        "--pid",
        "--ipc",
        "--net",
        "--fork",
        "mount",
        "-t",
        "tmpfs",
        "none",
        "/proc",
    ]
    done = subprocess.run(command, user=user, group=user, capture_output=True, timeout=20, check=False)
    return done.returncode == 0


@pytest.mark.parametrize("user", [None, NOBODY], ids=["root", "an ordinary user"])
def test_there_is_no_way_out_for_either(copy: ReadablePython, user: int | None) -> None:
    paths = [
        f"tests/worker/hosts/sandbox/{name}"
        for name in TESTS
        if (copy.project / "tests/worker/hosts/sandbox" / name).exists()
    ]
    done = copy.run("-m", "pytest", *paths, user=user)
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-5000:]
    assert passed is not None
    assert int(passed[1]) > 70
    assert ("skipped" in done.stdout) == (user is not None or not may_separate(user))
