"""What a host has started ends with it, and with its worker, whatever it does against that."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.waiting import wait_until
from worker.hosts.sandbox.environment import ROOT, own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.policy import Policy
from worker.hosts.sandbox.processes import kill_tree

pytestmark = pytest.mark.landlock

HOST = """
import os, sys, time
marker = sys.argv[1]
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(300)", marker])
        os._exit(0)
os.close(1)
time.sleep(300 if sys.argv[2] == "stay" else 0.2)
"""
WORKER = """
import subprocess, sys, time, os
launch = [sys.executable, "-m", "worker.hosts.sandbox.launch", sys.argv[1], str(os.getpid()), sys.argv[2]]
subprocess.Popen([*launch, sys.executable, "-c", *sys.argv[3:]])
time.sleep(300)
"""


@pytest.fixture(params=["namespaces", "no namespaces"])
def policy(request: pytest.FixtureRequest, tmp_path: Path) -> Policy:
    """The policy of a host that may start processes; as the worker's own user, who can read this Python."""
    namespaces = request.param == "namespaces"
    if namespaces and not probe(own_environment()).namespaces:
        pytest.skip(f"not on this machine: {probe(own_environment()).missing}")
    readable = [*own_environment().readable, str(ROOT)]
    return Policy(readable, [str(tmp_path)], landlock=False, seccomp=False, namespaces=namespaces)


@pytest.fixture
def marker(tmp_path: Path) -> str:
    return f"orphans of {tmp_path}"


@pytest.fixture
def start(policy: Policy, marker: str, tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Start a worker whose host has three orphans, and wait for them."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one(then: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", WORKER, policy.encode(), str(tmp_path), HOST, marker, then]
        started.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        wait_until(lambda: len(orphans(marker)) == 3, "three orphans", 20, every=0.01)
        return started[-1]

    yield start_one
    for worker in started:
        kill_tree(worker.pid)
        worker.wait()


def orphans(marker: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = folder.joinpath("cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if arguments[-2:-1] == [marker.encode()] and b"time.sleep(300)" in arguments[2]:
            found.append(int(folder.name))
    return found


def none_left(marker: str) -> None:
    wait_until(lambda: not orphans(marker), "the end of all that the host started", 10, every=0.01)


def test_they_end_with_a_host_that_ends(start: Callable[[str], object], marker: str) -> None:
    start("leave")
    none_left(marker)


def test_they_end_with_a_worker_that_is_killed(start: Callable[[str], subprocess.Popen[bytes]], marker: str) -> None:
    worker = start("stay")
    os.kill(worker.pid, signal.SIGKILL)
    none_left(marker)
