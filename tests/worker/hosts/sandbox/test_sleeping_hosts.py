"""Hosts of releases that serve without a process: a run wakes one, and the least recently used end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from gptstore.sdk import Canceled
from harness.plugins import one_tool, write_plugin
from harness.waiting import wait_until
from tests.worker.hosts.sandbox.conftest import NotingPort
from worker.hosts.base import ToolCall
from worker.hosts.errors import HostLost, HostRefused
from worker.hosts.sandbox import idle_hosts
from worker.hosts.sandbox.environment import own_environment
from worker.hosts.sandbox.isolation_level import probe
from worker.hosts.sandbox.plugin_config import Offered, PluginConfig
from worker.hosts.sandbox.sandbox import Bounds, Sandbox
from worker.hosts.sandbox.supervisor import Supervisor

pytestmark = pytest.mark.landlock

SLOW = """
from pathlib import Path
from time import sleep
from gptstore.sdk import Context, hookimpl, tool

@tool(slug="slow", title="Slow", summary="Goes on until it is stopped.")
def slow(ctx: Context) -> str:
    while not ctx.canceled:
        sleep(0.02)
    return "stopped"

@hookimpl
def gptstore_tools():
    return [slow]
"""


@dataclass
class Guard:
    """What the worker knows of a release. fault: why it must not start; said: what its host said when it was ready."""

    known: Offered | None
    fault: str = ""
    checks: int = 0
    said: list[Offered] = field(default_factory=list)

    def check(self) -> None:
        self.checks += 1
        if self.fault:
            raise HostRefused(self.fault)


@dataclass
class Releases:
    """A sandbox that serves releases, by their plugins' names: each name is its tool, and its release too."""

    sandbox: Sandbox
    configs: dict[str, PluginConfig]
    guards: dict[str, Guard]

    def serve(self, *names: str, warm: tuple[str, ...] = ()) -> None:
        self.sandbox.hosts.update([self.configs[name] for name in names], {(name, name) for name in warm})

    def settle(self, *names: str) -> None:
        def is_settled() -> bool:
            self.sandbox.hosts.settle()
            return {(name, name) for name in names} == self.sandbox.hosts.tools.keys()

        wait_until(is_settled, lambda: f"{names} to serve: {self.sandbox.hosts.tools}")

    def host(self, name: str) -> Supervisor:
        return next(one for one in self.sandbox.supervisors if one.plugin == name)

    def run(self, name: str) -> str:
        port = NotingPort()
        self.sandbox.run(ToolCall(name, name, {}, release=name), port)
        return port.text

    def run_until_canceled(self, name: str, port: NotingPort, ends: list[object]) -> None:
        try:
            self.sandbox.run(ToolCall(name, name, {}, release=name), port)
        except BaseException as error:
            ends.append(error)

    @property
    def running(self) -> set[str]:
        """Return the names of the hosts that have a process."""
        return {one.plugin for one in self.sandbox.supervisors if one.process is not None and one.ready.is_set()}

    def state(self, name: str) -> str | None:
        return self.sandbox.hosts.state((name, name), name)


def processes_of(folder: Path) -> list[int]:
    """Return this worker's processes that import plugins of this folder."""
    pids = [int(one.name) for one in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if str(folder).encode() in read_command(pid)]


def read_command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="gptstore-sleepers-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def releases(folder: Path) -> Iterator[Callable[..., Releases]]:
    if (level := probe(own_environment())).name == "none":
        pytest.skip(f"not on this machine: {level.missing}")
    opened: list[Sandbox] = []

    def make(*names: str, known: bool = True) -> Releases:
        own = own_environment()
        environment = replace(own, readable=(*own.readable, str(folder)), extra=(str(folder), *own.extra))
        configs, guards = {}, {}
        for name in names:
            write_plugin(folder, name, SLOW if name == "slow" else one_tool(name, f"{name} answers"))
            guards[name] = guard = Guard(Offered((name,)) if known else None)
            configs[name] = PluginConfig(
                name,
                environment,
                level,
                release=name,
                deployed=True,
                check=guard.check,
                recall=lambda guard=guard: guard.known,  # type: ignore[misc]
                on_ready=guard.said.append,
            )
        opened.append(Sandbox([], Bounds(import_seconds=60)))
        return Releases(opened[-1], configs, guards)

    yield make
    for sandbox in opened:
        sandbox.close()


def test_fifty_known_releases_serve_without_a_process_until_a_run_wakes_one(
    releases: Callable[..., Releases], folder: Path
) -> None:
    # Given fifty releases whose tools are known
    names = [f"tool{number}" for number in range(50)]
    many = releases(*names)
    # When a worker is to serve them
    many.serve(*names)
    many.settle(*names)
    # Then all take runs, and none has a process
    assert {many.state(name) for name in names} == {""}
    assert processes_of(folder) == []
    assert not any(guard.checks for guard in many.guards.values())
    # When there is a run
    assert many.run("tool7") == "tool7 answers"
    # Then what is on disk was checked before the process started, and it is the only one
    assert many.guards["tool7"].checks == 1
    assert many.guards["tool7"].said == [Offered(("tool7",))]
    assert many.running == {"tool7"}
    assert len(processes_of(folder)) == 2, "a launcher and a host"
    # And the next run finds it warm
    assert many.run("tool7") == "tool7 answers"
    assert many.guards["tool7"].checks == 1


def test_what_is_not_known_has_to_start_before_it_serves(releases: Callable[..., Releases]) -> None:
    new = releases("fresh", known=False)
    new.serve("fresh")
    assert new.state("fresh") is None
    new.settle("fresh")
    assert (new.guards["fresh"].checks, new.running) == (1, {"fresh"})


def test_the_least_recently_used_idle_hosts_end_and_never_one_with_a_run(releases: Callable[..., Releases]) -> None:
    # Given four hosts that run, the first of which has a run
    some = releases("slow", "first", "second", "third")
    some.serve("slow", "first", "second", "third")
    some.settle("slow", "first", "second", "third")
    port, ends = NotingPort(), []  # type: ignore[var-annotated]
    thread = Thread(target=some.run_until_canceled, args=["slow", port, ends])
    thread.start()
    wait_until(lambda: "slow" in some.running, "the run's host")
    for name in ("first", "second", "third", "first"):
        some.run(name)
    # When three, then one may run
    some.sandbox.hosts.end_idle(3)
    # Then the least recently used one ends, which is neither the oldest nor the one with the run
    wait_until(lambda: some.host("second").process is None, "the end of the host")
    assert some.running == {"slow", "first", "third"}
    some.sandbox.hosts.end_idle(0)
    wait_until(lambda: some.running == {"slow"}, "the end of all that are idle")
    # And they go on taking runs
    assert {some.state(name) for name in some.configs} == {""}
    assert some.run("second") == "second answers"
    assert some.guards["second"].checks == 2
    port.stop.set()
    thread.join(20)
    assert not thread.is_alive() and not any(isinstance(end, HostLost) for end in ends), (
        "its host was there until the end"
    )


def test_a_run_that_comes_while_its_host_ends_is_served_by_the_next_one(releases: Callable[..., Releases]) -> None:
    one = releases("again")
    one.serve("again")
    one.settle("again")
    for _ in range(3):
        assert one.run("again") == "again answers"
        one.sandbox.hosts.end_idle(0)
    assert one.guards["again"].checks == 3


def test_hosts_end_after_a_while_without_runs(
    releases: Callable[..., Releases], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = releases("rare")
    one.serve("rare")
    one.settle("rare")
    one.run("rare")
    one.sandbox.hosts.end_idle(16)
    assert one.running == {"rare"}
    monkeypatch.setattr(idle_hosts, "IDLE_SECONDS", 0.0)
    one.sandbox.hosts.end_idle(16)
    wait_until(lambda: one.host("rare").process is None, "its end")
    assert one.state("rare") == ""


def test_what_is_damaged_while_it_sleeps_does_not_run_and_says_why(releases: Callable[..., Releases]) -> None:
    # Given two releases that sleep, of which one is damaged
    two = releases("sound", "damaged")
    two.serve("sound", "damaged")
    two.settle("sound", "damaged")
    two.guards["damaged"].fault = "damaged.py was changed"
    # When it has a run
    with pytest.raises(HostLost):
        two.run("damaged")
    # Then it was not started, and takes no more runs
    assert two.state("damaged") == "damaged.py was changed"
    assert ("damaged", "damaged") not in two.sandbox.offers
    assert two.guards["damaged"].said == []
    assert two.run("sound") == "sound answers"


def test_a_run_that_is_canceled_does_not_wait_for_its_host(
    releases: Callable[..., Releases], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = releases("heavy")
    (folder / "heavy.py").write_text("import time; time.sleep(600)", encoding="utf-8")
    one.serve("heavy")
    one.settle("heavy")
    port = NotingPort()
    port.stop.set()
    with pytest.raises(Canceled):
        one.sandbox.run(ToolCall("heavy", "heavy", {}, release="heavy"), port)


def test_a_host_that_is_kept_for_a_rollback_is_awake_and_stays_so(releases: Callable[..., Releases]) -> None:
    # Given a release that sleeps
    one = releases("before")
    one.serve("before")
    one.settle("before")
    # When another one takes its place
    one.serve(warm=("before",))
    # Then its process runs, whatever else is ended
    wait_until(lambda: one.running == {"before"}, "its process")
    one.sandbox.hosts.end_idle(0)
    assert one.running == {"before"}
    # When it is rolled back to
    one.serve("before")
    one.settle("before")
    # Then it was checked once more, and the process is the one that was there
    assert one.guards["before"].checks == 2
    assert one.run("before") == "before answers"
    assert one.guards["before"].said == [Offered(("before",))] * 2


def test_one_after_the_other_is_woken_and_no_more_than_may_run(releases: Callable[..., Releases]) -> None:
    three = releases("one", "two", "three")
    three.serve("one", "two", "three")
    three.settle("one", "two", "three")
    hosts = three.sandbox.hosts

    assert hosts.wake("one", most=2)
    wait_until(lambda: hosts.wake("two", most=2), "the first one to be ready")
    assert "one" in three.running
    wait_until(lambda: three.running == {"one", "two"}, "the second one")
    assert not hosts.wake("three", most=2)
    assert hosts.wake("gone", most=3)
    assert three.running == {"one", "two"}
