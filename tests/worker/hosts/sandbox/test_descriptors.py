"""Descriptors that a plugin sends to its worker are never kept there."""

import os
from collections.abc import Callable

import pytest

from harness.waiting import wait_until
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

FEW = 10
"""Less than one for each run here. Other sandboxes of these tests may open some meanwhile."""


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(scope="module")
def forger(open_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """Its plugin has kept its host's socket."""
    return open_sandbox("forger")


@pytest.mark.parametrize("way", ["the host's", "own"])
def test_a_plugin_that_sends_thousands_of_them_takes_none_of_the_workers(way: str, forger: Sandbox) -> None:
    # Given a host that serves, and the worker's descriptors with one run's
    assert Going(forger, "repeat", text="one").end().port.text == "one "
    before, host = descriptors(), forger.supervisors[0].process
    # When a run sends it 10,000
    going = Going(forger, "flood", way=way, times=10_000)
    neighbours = [Going(forger, "repeat", text=f"{number} of three") for number in range(3)]
    # Then it and its neighbours end as they should
    assert going.end().port.text == "sent 10000"
    for number, neighbour in enumerate(neighbours):
        assert (neighbour.end().raised, neighbour.port.text) == (None, f"{number} of three ")
    # And the worker has as many as before
    assert forger.supervisors[0].process is host
    wait_until(lambda: descriptors() < before + FEW, "as many descriptors as before")


def test_many_runs_leave_no_descriptor(sandbox: Sandbox) -> None:
    assert Going(sandbox, "repeat", text="one").end().port.text == "one "
    before = descriptors()
    for _ in range(20):
        assert Going(sandbox, "repeat", text="one").end().port.text == "one "
    wait_until(lambda: descriptors() < before + FEW, "as many descriptors as before")
