"""Has a running worker take the releases that are wanted, and leave those that are not: no job waits for that.

Two things say what is wanted: the folder GPTSTORE_RELEASES, and the database.
"""

import time
from collections.abc import Callable
from threading import Event, Thread

import structlog
from django.db import DatabaseError, close_old_connections

from gptstore.env import Environment
from gptstore.releases.wanted import wanted_by
from worker.hosts.releases.environment_locks import give_back_all_but
from worker.hosts.sandbox.sandbox import Sandbox
from worker.process.installer import Installer
from worker.process.open_host import HostSetup
from worker.process.release_doorbell import ReleaseDoorbell
from worker.process.release_plan import look, make_plan, roll_back_upgrades
from worker.process.warmup import Warmup

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.4
"""The time between two looks."""

SETTLE_SECONDS = 0.1
"""The time to the next look when there is news: what is new is taken when two of them see the same, not in the middle
of a change; and what starts or ends does so within tenths of a second."""

POLL_SECONDS = 1.5
"""The time between two looks at the database when nobody rings."""

SWEEP_SECONDS = 3600.0
NO_SANDBOX = "Releases run in the sandbox only."


def watch_releases(name: str, setup: HostSetup, env: Environment, on_change: Callable[[], None]) -> "ReleaseWatch":
    """Start to watch for the worker of this name."""
    watch = ReleaseWatch(name, setup, env, on_change)
    watch.start()
    return watch


class ReleaseWatch(Thread):
    """The thread that watches. on_change: is called when the worker has other tools, or news of its releases."""

    def __init__(self, name: str, setup: HostSetup, env: Environment, on_change: Callable[[], None]) -> None:
        super().__init__(name="release watch", daemon=True)
        self.worker = name
        self.setup = setup
        self.env = env
        self.on_change = on_change
        self.sandbox = setup.host if isinstance(setup.host, Sandbox) else None
        self.taken = self.seen = setup.look
        self.woken, self.closed = Event(), Event()
        self.doorbell = ReleaseDoorbell(self.poll_now)
        self.installer = Installer(env, self.woken.set) if self.sandbox else None
        self.warmup = Warmup(self.sandbox.hosts, env.warm_hosts) if self.sandbox else None
        self.setup.installer = self.installer
        self.announced = self.offered
        self.poll_at = 0.0
        self.sweep_at = 0.0

    def run(self) -> None:
        self.doorbell.start()
        while not self.closed.is_set():
            try:
                self.step()
            except DatabaseError as error:
                log.warning("database_away", error=str(error).strip())
            except Exception:
                log.exception("release_watch_failed")
            finally:
                close_old_connections()
            self.woken.wait(self.pause)
            self.woken.clear()

    def poll_now(self) -> None:
        self.poll_at = 0.0
        self.woken.set()

    @property
    def pause(self) -> float:
        is_changing = self.sandbox is not None and self.sandbox.hosts.is_changing
        return SETTLE_SECONDS if is_changing or self.seen != self.taken else LOOK_SECONDS

    def step(self) -> None:
        self.look_at_folder()
        if time.monotonic() >= self.poll_at:
            self.poll_at = time.monotonic() + POLL_SECONDS
            self.look_at_database()
        if self.sandbox is not None and self.installer is not None:
            self.run_wanted(self.sandbox, self.installer)
        if self.announced != (offered := self.offered):
            self.on_change()
            self.announced = offered
        if self.warmup is not None and self.installer is not None:
            self.warmup.step(is_quiet=self.installer.is_quiet)

    def look_at_folder(self) -> None:
        if self.env.releases is None or self.sandbox is None:
            return
        roll_back_upgrades(self.env.releases)
        before, self.seen = self.seen, look(self.env.releases)
        if self.seen == before != self.taken:
            self.taken = before
            self.take_folder(self.sandbox)

    def take_folder(self, sandbox: Sandbox) -> None:
        """Plan for the folder as it is now. The environments of new releases are built first."""
        supervised = [one.config for one in reversed(sandbox.supervisors) if not one.config.deployed]
        running = {config.plugin: config for config in supervised}
        self.setup.plan = make_plan(self.setup.own, self.setup.own_refused, self.env, running)

    def look_at_database(self) -> None:
        """Learn what is wanted. While the database is away, what was wanted before still is."""
        try:
            wanted = wanted_by(self.worker)
        except DatabaseError as error:
            log.warning("database_away", error=str(error).strip())
            return
        if self.installer is not None:
            self.installer.update(wanted)
        else:
            self.setup.unwelcome = {one.release.key: f"{NO_SANDBOX} {self.setup.level.missing[0]}" for one in wanted}

    def run_wanted(self, sandbox: Sandbox, installer: Installer) -> None:
        """Start and retire hosts, then begin to install what is not there yet."""
        own = [*self.setup.plan.configs.values()]
        configs = [*own, *installer.configs(taken=len(own))]
        sandbox.hosts.update(configs, installer.warm(taken=len(configs)))
        sandbox.hosts.settle()
        if not installer.is_busy:
            used = {config.environment.folder for config in sandbox.hosts.in_use if config.release}
            give_back_all_but(used | installer.in_use())
        installer.start_due()
        if time.monotonic() >= self.sweep_at:
            self.sweep_at = time.monotonic() + SWEEP_SECONDS
            Thread(target=installer.sweep, name="release sweep", daemon=True).start()

    @property
    def offered(self) -> tuple[object, ...]:
        return self.setup.releases, self.setup.installs, self.setup.host.offers

    def close(self) -> None:
        self.closed.set()
        self.woken.set()
        self.doorbell.close()
