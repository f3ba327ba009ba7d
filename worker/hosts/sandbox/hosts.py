"""The hosts of a sandbox, which come and go: those that serve, start beside them, are kept warm, or drain."""

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

import structlog

from worker.hosts.errors import HostLost, ToolMissing
from worker.hosts.sandbox.idle_hosts import running, surplus
from worker.hosts.sandbox.plugin_config import PluginConfig, Slot
from worker.hosts.sandbox.processes import FOR_PROBES
from worker.hosts.sandbox.supervisor import Supervisor

log = structlog.get_logger(__name__)

Start = Callable[[PluginConfig, int], Supervisor]


class Hosts:
    """One host of each slot takes new runs: of a plugin, the installed one, and each release that runs name by its key.

    Another version of what is installed takes its place once it is ready; runs end where they began. A host that is
    kept warm takes no runs; when it is wanted again, it does as soon as what it was started from is checked again.
    The host of a release serves also while it sleeps, without a process: a run wakes it.
    start: starts the host of a config. Its number is no other host's of this sandbox while it lives.
    """

    def __init__(self, configs: Iterable[PluginConfig], start: Start) -> None:
        self.start = start
        self.lock = Lock()
        self.closed = False
        self.starting: dict[Slot, Supervisor] = {}
        self.warm: dict[Slot, Supervisor] = {}
        self.draining: list[Supervisor] = []
        self.wanted = {config.slot: config for config in configs}
        self.serving = {slot: start(config, number) for number, (slot, config) in enumerate(self.wanted.items())}

    @property
    def all(self) -> list[Supervisor]:
        """Return those that are wanted: not those that drain."""
        with self.lock:
            return [*self.serving.values(), *self.starting.values(), *self.warm.values()]

    @property
    def tools(self) -> dict[Slot, list[str]]:
        with self.lock:
            return {slot: one.tools for slot, one in self.serving.items() if one.tools}

    @property
    def is_changing(self) -> bool:
        with self.lock:
            return bool(self.draining) or any(not one.fault for one in self.starting.values())

    @property
    def in_use(self) -> set[PluginConfig]:
        """Return the configs of all hosts that may still run, and of those that are wanted."""
        with self.lock:
            hosts = (*self.serving.values(), *self.starting.values(), *self.warm.values(), *self.draining)
            return {*self.wanted.values(), *(one.config for one in hosts)}

    def state(self, slot: Slot, release: str) -> str | None:
        """Return "" when the slot's host is of this release and takes runs, why it does not, or None: not yet."""
        with self.lock:
            found = [hosts[slot] for hosts in (self.serving, self.starting) if slot in hosts]
            mine = next((one for one in found if one.config.release == release), None)
            if mine is None:
                return None
            is_serving = self.serving.get(slot) is mine and mine.tools
            return mine.fault or ("" if is_serving else None)

    @contextmanager
    def keep(self, slot: Slot, tool: str) -> Iterator[Supervisor]:
        """Keep the host that has this tool now until the run has ended. Raises ToolMissing.

        Raises HostLost for a release that was there when its run was claimed: another worker may have it still.
        """
        with self.lock:
            supervisor = self.serving.get(slot)
            if supervisor is None or tool not in supervisor.tools:
                raise HostLost if slot[1] else ToolMissing(tool)
            supervisor.runs += 1
            supervisor.wake()
        try:
            yield supervisor
        finally:
            with self.lock:
                supervisor.runs -= 1
                supervisor.used_at = monotonic()

    def update(self, configs: Iterable[PluginConfig], warm: Container[Slot] = ()) -> None:
        """Start the hosts of new configs beside those that serve, and take no more runs for what is not there.

        warm: the slots whose hosts are kept if they serve now.
        """
        with self.lock:
            self.wanted = {config.slot: config for config in configs}
            for slot in [slot for slot in self.serving if slot in warm and slot not in self.wanted]:
                self.warm[slot] = one = self.serving.pop(slot)
                one.wake()
                log.info("host_kept_warm", plugin=one.plugin, release=one.config.release)
            for hosts, kept in ((self.starting, ()), (self.serving, ()), (self.warm, warm)):
                for slot in [slot for slot in hosts if slot not in self.wanted and slot not in kept]:
                    self.drain(hosts.pop(slot))
            self.start_wanted()

    def start_wanted(self) -> None:
        """Start the hosts that are wanted and not there, as far as there are users for them."""
        for slot, config in self.wanted.items() if not self.closed else ():
            if slot in self.starting and not has(self.starting[slot], config):
                self.drain(self.starting.pop(slot))
            if slot in self.starting or (slot in self.serving and has(self.serving[slot], config)):
                continue
            if slot in self.warm:
                self.take_warm(slot, config)
                continue
            number = self.free_number()
            if number < FOR_PROBES or not config.level.own_user:
                self.starting[slot] = self.start(config, number)
                log.info("host_starting", plugin=config.plugin, release=config.release)

    def take_warm(self, slot: Slot, config: PluginConfig) -> None:
        """Have the slot's warm host checked, and serve then. One of another config ends; it is started anew."""
        one = self.warm.pop(slot)
        if not has(one, config):
            self.drain(one)
            return
        self.starting[slot] = one
        one.check_again()

    def drain(self, supervisor: Supervisor) -> None:
        log.info("host_draining", plugin=supervisor.plugin, release=supervisor.config.release, running=supervisor.runs)
        self.draining.append(supervisor)

    def free_number(self) -> int:
        hosts = (*self.serving.values(), *self.starting.values(), *self.warm.values(), *self.draining)
        taken = {one.number for one in hosts}
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def settle(self) -> None:
        """Let those serve that are ready now, and end those that have nothing left to run."""
        with self.lock:
            for slot in [slot for slot, one in self.starting.items() if one.tools and one.is_checked]:
                if slot in self.serving:
                    self.drain(self.serving[slot])
                self.serving[slot] = one = self.starting.pop(slot)
                log.info("host_ready", plugin=one.plugin, release=one.config.release)
            self.start_wanted()
            idle = [one for one in self.draining if not one.runs]
        for one in idle:
            self.end(one)

    def end_idle(self, most: int) -> None:
        """Let hosts of releases sleep that are idle for long, and the least recently used beyond so many that run."""
        with self.lock:
            for one in surplus(self.serving.values(), most, monotonic()):
                one.sleep()

    def wake(self, release: str, most: int) -> bool:
        """Start the host of a release that serves and sleeps. Return False while another starts, or `most` run."""
        with self.lock:
            awake = running(self.serving.values())
            if len(awake) >= most or self.starting or not all(one.ready.is_set() or one.fault for one in awake):
                return False
            for one in self.serving.values():
                if one.config.deployed and one.config.release == release:
                    one.wake()
        return True

    def end(self, supervisor: Supervisor) -> None:
        """End a host that drained. It may be in the middle of an import, which nobody waits for: the next call does."""
        supervisor.close()
        if not supervisor.is_alive():
            supervisor.folder.close()
            with self.lock:
                self.draining.remove(supervisor)
            log.info("host_retired", plugin=supervisor.plugin, release=supervisor.config.release)

    def close(self, seconds: float) -> None:
        """End all of them. Nothing runs any more."""
        with self.lock:
            self.closed = True
            hosts = (self.serving, self.starting, self.warm)
            closing = [*(one for some in hosts for one in some.values()), *self.draining]
        for one in closing:
            one.close()
        for one in closing:
            one.join(seconds)
            one.folder.close()


def has(supervisor: Supervisor, config: PluginConfig) -> bool:
    """Return whether this is the host of the config. A release that was installed anew gets a host that is new, too."""
    return supervisor.config is config or (supervisor.config == config and not config.deployed)
