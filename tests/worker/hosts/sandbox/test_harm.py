"""What a tool does to itself costs its own job and nothing else."""

import os
import time
from collections.abc import Callable

import pytest

from gptstore.sdk import Canceled
from harness.waiting import wait_until
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.errors import HostLost, ToolCrashed
from worker.hosts.sandbox.processes import tree_of
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock

CRASHES = {
    "segfault": "SIGSEGV",
    "exit": "status 0",
    "sys.exit": "SystemExit",
    "kill itself": "SIGKILL",
    "close all descriptors": "status",
    "nonsense": "broken messages",
    "many files": "OSError",
    "fork bomb": "PermissionError",
    "more rights": "ValueError",
}


@pytest.mark.parametrize("how", CRASHES)
def test_a_crash_costs_one_job(how: str, run: Callable[..., Going], sandbox: Sandbox) -> None:
    host = sandbox.supervisors[0].process
    neighbours = [Going(sandbox, "repeat", text=f"{number} of three") for number in range(3)]
    going = run("harm", how=how)
    assert isinstance(going.raised, ToolCrashed), going.raised
    assert CRASHES[how] in going.raised.fault
    assert going.port.text == "before "
    for number, neighbour in enumerate(neighbours):
        assert neighbour.end().raised is None
        assert neighbour.port.text == f"{number} of three "
    assert sandbox.supervisors[0].process is host
    assert_nothing_is_left(sandbox)


def assert_nothing_is_left(sandbox: Sandbox) -> None:
    supervisor = sandbox.supervisors[0]
    host = supervisor.host
    wait_until(lambda: tree_of(host) == [host], "the end of all that the host started", 5, every=0.01)
    assert os.listdir(supervisor.folder.path) == [supervisor.own_folder.name]


def test_a_tool_that_talks_without_end_gets_little_of_the_worker(sandbox: Sandbox) -> None:
    # Given a tool that says one letter after the other
    going = Going(sandbox, "harm", how="endless chatter")
    assert going.port.spoke.wait(10)
    # When two seconds have passed
    assert going.ident is not None
    clock = time.pthread_getcpuclockid(going.ident)
    begun_at, spent = time.monotonic(), time.clock_gettime(clock)
    assert not going.port.stop.wait(2)
    # Then the worker has spent a small part of them on it, and still heeds a stop
    assert time.clock_gettime(clock) - spent < 0.15 * (time.monotonic() - begun_at)
    going.port.stop.set()
    assert isinstance(going.end().raised, Canceled)


@pytest.mark.parametrize("how", ["endless loop", "sleep"])
def test_what_does_not_heed_its_stop_is_ended(how: str, sandbox: Sandbox) -> None:
    going = Going(sandbox, "harm", how=how)
    assert going.port.spoke.wait(10)
    begun = time.monotonic()
    going.port.stop.set()
    assert isinstance(going.end().raised, Canceled)
    assert time.monotonic() - begun < 5
    assert_nothing_is_left(sandbox)


def test_a_thread_that_stays_does_not_keep_a_job_open(run: Callable[..., Going], sandbox: Sandbox) -> None:
    assert run("harm", how="thread that stays").raised is None
    assert_nothing_is_left(sandbox)


def test_a_host_that_is_killed_is_started_again(open_sandbox: Callable[..., Sandbox]) -> None:
    # Given a run in a host that is killed
    sandbox = open_sandbox()
    supervisor = sandbox.supervisors[0]
    going = Going(sandbox, "wait", seconds=60)
    assert going.port.spoke.wait(10)
    assert supervisor.process is not None
    first = supervisor.process.pid
    supervisor.process.kill()
    # Then its run may be tried again
    assert isinstance(going.end().raised, HostLost)
    # And the next one runs in a new host
    wait_until(lambda: supervisor.control is not None and supervisor.process.pid != first, "another host", 30)
    assert Going(sandbox, "repeat", text="again").end().port.text == "again "


def test_a_fault_of_the_worker_costs_a_host_and_not_its_plugin(
    open_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a report that the worker fails to handle
    sandbox = open_sandbox()
    supervisor = sandbox.supervisors[0]
    assert supervisor.process is not None
    first = supervisor.process.pid

    def fail(report: object) -> None:
        monkeypatch.undo()
        raise RuntimeError(f"cannot handle {report}")

    monkeypatch.setattr(supervisor, "on_report", fail)
    Going(sandbox, "repeat", text="once").end()
    # Then the next run has a new host
    wait_until(lambda: supervisor.control is not None and supervisor.process.pid != first, "another host", 30)
    assert Going(sandbox, "repeat", text="again").end().port.text == "again "
