"""The worker itself watches the process of a run, and takes nobody's word for its end."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from gptstore.sdk import Canceled
from gptstore.sdk.host.errors import BadMessage
from gptstore.sdk.limits import DISK
from harness.plugins import HOSTILE
from harness.waiting import wait_until
from tests.worker.hosts.sandbox.conftest import Going
from worker.hosts.errors import HostLost
from worker.hosts.limit import Limit
from worker.hosts.sandbox import child_process, session
from worker.hosts.sandbox.child_process import ChildProcess
from worker.hosts.sandbox.credentials import Sender
from worker.hosts.sandbox.processes import children_of, is_below
from worker.hosts.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.landlock


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False


def test_a_forged_end_keeps_no_canceled_run_computing(open_sandbox: Callable[..., Sandbox]) -> None:
    # Given a run that reports in its host's name that all runs have ended, and then nonsense
    sandbox = open_sandbox("forger")
    host = sandbox.supervisors[0].process
    assert host is not None
    going = Going(sandbox, "forge-end")
    assert going.port.spoke.wait(10), going.raised
    neighbours = [Going(sandbox, "repeat", text=f"{number} of three") for number in range(3)]
    assert [neighbour.end().port.text for neighbour in neighbours] == ["0 of three ", "1 of three ", "2 of three "]
    (child,) = [pid for pid in children_of(sandbox.supervisors[0].host) if runs(pid)]
    # When it is canceled
    going.port.stop.set()
    # Then its process has ended before the run has
    assert isinstance(going.end().raised, Canceled)
    assert not runs(child)
    # And its host has not come to harm
    assert Going(sandbox, "repeat", text="again").end().port.text == "again "
    assert sandbox.supervisors[0].process is host


def test_a_child_that_never_says_hello_ends_with_its_host(
    open_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a host whose children say nothing
    monkeypatch.setattr(session, "HELLO_SECONDS", 0.3)
    sandbox = open_sandbox(HOSTILE, "mute")
    process = sandbox.supervisors[1].process
    assert process is not None
    # When a job runs there
    going = Going(sandbox, "stay")
    neighbours = [Going(sandbox, "repeat", text=f"{number} of three") for number in range(3)]
    host = sandbox.supervisors[1].host
    wait_until(lambda: children_of(host), "its child")
    (child,) = children_of(host)
    # Then it may be tried again, and nothing goes on
    assert isinstance(going.end().raised, HostLost)
    wait_until(lambda: not runs(child) and not runs(process.pid), "the end of both")
    assert [neighbour.end().port.text for neighbour in neighbours] == ["0 of three ", "1 of three ", "2 of three "]


def test_a_run_ends_with_its_process_when_its_host_is_killed(open_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = open_sandbox()
    going = Going(sandbox, "harm", how="endless loop")
    assert going.port.spoke.wait(10)
    host = sandbox.supervisors[0].host
    (child,) = children_of(host)
    os.kill(host, signal.SIGKILL)
    assert isinstance(going.end().raised, HostLost)
    assert not runs(child)


@pytest.mark.parametrize(
    ("pid", "user"),
    [(1, os.geteuid()), (os.getpid(), os.geteuid()), (os.getppid(), os.geteuid()), (os.getpid(), os.geteuid() + 1)],
    ids=["init", "the host itself", "its parent", "another user"],
)
def test_a_process_that_is_no_child_of_the_host_is_not_taken_for_one(pid: int, user: int) -> None:
    child = ChildProcess(1, os.getpid(), os.geteuid())
    with pytest.raises(BadMessage):
        child.identify(Sender(pid, user))
    assert not child.is_known
    assert not child.has_ended()


def test_a_child_that_its_host_has_buried_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a child that ends when it is looked for below its host
    process = os.fork()
    if process == 0:
        signal.pause()

    def bury(pid: int, host: int) -> bool:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return is_below(pid, host)

    monkeypatch.setattr(child_process, "is_below", bury)
    # Then it is this run's child, and has ended
    child = ChildProcess(1, os.getpid(), os.geteuid())
    child.identify(Sender(process, os.geteuid()))
    assert child.is_known
    assert child.has_ended()
    child.close()


def test_a_child_that_exceeds_a_limit_before_it_is_known_is_killed_when_it_is() -> None:
    process = os.fork()
    if process == 0:
        signal.pause()
    child = ChildProcess(1, os.getpid(), os.geteuid())
    try:
        child.exceed(Limit(DISK, None, 5_000_000))
        assert runs(process)
        child.identify(Sender(process, os.geteuid()))
        assert child.has_ended(10)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        child.close()


def test_a_second_process_cannot_speak_for_a_run() -> None:
    process = os.fork()
    if process == 0:
        signal.pause()
    child = ChildProcess(1, os.getpid(), os.geteuid())
    try:
        child.identify(Sender(process, os.geteuid()))
        child.identify(Sender(process, os.geteuid()))
        with pytest.raises(BadMessage):
            child.identify(Sender(process + 1, os.geteuid()))
        assert not child.has_ended()
        # What the host says of its end does not count
        child.report(0)
        assert not child.has_ended()
        child.kill()
        assert child.has_ended(10)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        child.close()
