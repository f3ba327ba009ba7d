"""Watches the folder of releases, and has a running worker take what is new there and leave what is gone."""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import structlog

from gptstore.env import Environment
from worker.hosts.releases.environment_locks import give_back_all_but
from worker.hosts.sandbox.sandbox import Sandbox
from worker.process.open_host import HostSetup
from worker.process.release_plan import look, make_plan, roll_back_upgrades

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.4
"""The time between two looks."""

SETTLE_SECONDS = 0.1
"""The time to the next look when there is news: what is new is taken when two of them see the same, not in the middle
of a change; and what starts or ends does so within tenths of a second."""


def watch_releases(setup: HostSetup, env: Environment, on_change: Callable[[], None]) -> "ReleaseWatch | None":
    """Start to watch the folder, if there is one and this worker can run releases."""
    if env.releases is None or not isinstance(setup.host, Sandbox):
        return None
    watch = ReleaseWatch(env.releases, setup.host, setup, env, on_change)
    watch.start()
    return watch


class ReleaseWatch(Thread):
    """A thread, so that no job waits for it. on_change: is called when the worker has other tools than before."""

    def __init__(
        self, folder: Path, sandbox: Sandbox, setup: HostSetup, env: Environment, on_change: Callable[[], None]
    ) -> None:
        super().__init__(name="release watch", daemon=True)
        self.folder = folder
        self.sandbox = sandbox
        self.setup = setup
        self.env = env
        self.on_change = on_change
        self.taken = self.seen = setup.look
        self.announced = self.offered
        self.closed = Event()

    def run(self) -> None:
        while not self.closed.wait(self.pause):
            try:
                self.step()
            except Exception:
                log.exception("release_watch_failed")

    @property
    def pause(self) -> float:
        return SETTLE_SECONDS if self.seen != self.taken or self.sandbox.hosts.is_changing else LOOK_SECONDS

    def step(self) -> None:
        roll_back_upgrades(self.folder)
        before, self.seen = self.seen, look(self.folder)
        if self.seen == before != self.taken:
            self.taken = before
            self.take()
        self.sandbox.hosts.settle()
        give_back_all_but({config.environment.folder for config in self.sandbox.hosts.in_use if config.release})
        if self.announced != (offered := self.offered):
            self.announced = offered
            self.on_change()

    @property
    def offered(self) -> tuple[object, object]:
        return self.setup.releases, self.sandbox.tools

    def take(self) -> None:
        """Start and retire hosts as the folder is now. The environments of new releases are built first."""
        running = {one.plugin: one.config for one in reversed(self.sandbox.supervisors)}
        plan = make_plan(self.setup.own, self.setup.own_refused, self.env, running)
        self.sandbox.hosts.update(plan.configs.values())
        self.setup.plan = plan

    def close(self) -> None:
        self.closed.set()
