"""One release that the database wants on this worker: how far it has come, what is wrong with it, and its checks."""

import time
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import structlog

from gptstore.env import Environment
from gptstore.releases.errors import BundleStorageError, UntrustedRelease
from gptstore.releases.models import Release
from gptstore.releases.signatures import verify
from gptstore.releases.storage import open_bundle
from gptstore.releases.trusted_keys import TrustedKeys
from gptstore.releases.wanted import Role
from worker.hosts.errors import HostRefused
from worker.hosts.releases.bundle_cache import fetch, has_room
from worker.hosts.releases.deployed import find_plugins
from worker.hosts.releases.errors import ReleaseError
from worker.hosts.releases.installation import Installation, install
from worker.hosts.releases.readiness_record import ReadinessRecord
from worker.hosts.sandbox.environment import released_environment
from worker.hosts.sandbox.isolation_level import forget_levels, probe_release
from worker.hosts.sandbox.plugin_config import Offered, PluginConfig
from worker.process.release_plan import admit

log = structlog.get_logger(__name__)

MAX_LOG = 2000
FIRST_PAUSE, MAX_PAUSE = 2.0, 300.0


class Step(StrEnum):
    """How far a release has come. BUILT: it is there, and has no process yet, or needs none."""

    WAITING = "waiting"
    FETCHING = "fetching"
    BUILDING = "building"
    BUILT = "built"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(eq=False)
class DeployedRelease:
    """A wanted release. fault: why it cannot run, in a sentence. log: what was done about it, its end at most.

    seen: what this worker could see of it when it failed; it is tried again when that is different, or at `retry_at`.
    record: that its host was ready on this machine; known: what it offers without a start, once, when the worker found
    it live and verified it. was_ready: whether its host has been ready, or is known to be.
    """

    release: Release
    role: Role
    env: Environment
    step: Step = Step.WAITING
    fault: str = ""
    log: str = ""
    failures: int = 0
    retry_at: float = 0.0
    seen: object = None
    standby_at: float = 0.0
    is_busy: bool = False
    installation: Installation | None = None
    config: PluginConfig | None = None
    record: ReadinessRecord | None = None
    known: Offered | None = None
    was_ready: bool = False
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.was_found_live = self.role in (Role.LIVE, Role.DRAINING)

    def take_role(self, role: Role) -> None:
        """Take the role that the database gives it now. It is known since when it is kept for a rollback only."""
        if role is not self.role:
            self.was_found_live = False  # a rollout or a rollback is over when its host is ready, not before
        if role is Role.STANDBY and self.role is not role:
            self.standby_at = time.monotonic()
        self.role = role

    @property
    def is_due(self) -> bool:
        """Return whether it is to be installed now, for the first time or once more."""
        if self.is_busy or self.config is not None:
            return False
        return not self.fault or time.monotonic() >= self.retry_at or self.look() != self.seen

    def look(self) -> object:
        """Return what an attempt depends on: who is trusted, the signature, what is on disk, and the room there."""
        places = [self.env.trusted_keys_file, self.folder]
        places += [self.installation.environment] if self.installation else []
        signature = str(self.release.signature)
        with suppress(OSError):
            return (signature, *map(identity, places), has_room(self.release.size, self.env.var))
        return signature, *map(identity, places)

    @property
    def folder(self) -> Path:
        return self.env.fetched / self.release.sha256

    def install(self) -> None:
        """Fetch, verify and build it, as far as that was not done, and note how that went."""
        try:
            self.check_signature()
            self.begin(Step.FETCHING)
            folder = fetch(self.release.sha256, self.release.size, self.open_stored, self.env.fetched)
            self.begin(Step.BUILDING)
            self.installation = install(folder, self.env.environments)
            config = self.make_config(self.installation)
            self.record = ReadinessRecord(self.installation, config, self.bounds)
            self.recognize(self.record)
            self.config = config
        except (ReleaseError, UntrustedRelease, BundleStorageError) as error:
            self.fail(str(error))
        except OSError as error:
            self.fail(f"It could not be brought to this worker's disk: {error.strerror or error}")
        except Exception as error:
            log.exception("release_not_installed", release=self.release.key)
            self.fail(f"It could not be installed: {type(error).__name__}: {error}")
        else:
            self.fault, self.failures = "", 0
            self.begin(Step.BUILT)

    @property
    def bounds(self) -> dict[str, int]:
        env = self.env
        return {"memory": env.tool_memory_mb, "disk": env.tool_disk_mb, "seconds": env.plugin_import_seconds}

    def recognize(self, record: ReadinessRecord) -> None:
        """Let it serve without a start if the worker has found it live, and its host was ready here before."""
        if self.was_found_live and record.is_there():
            self.known = record.offered

    def recall(self) -> Offered | None:
        """Return what it offers if it has been ready before and was verified just now, else None."""
        known, self.known = self.known if self.was_found_live else None, None
        self.was_ready = known is not None
        return known

    def on_ready(self, offered: Offered) -> None:
        """Record that its host was ready, unless it was so without the rights that it gets when it is approved."""
        self.was_ready = True
        if self.record is not None and self.role is not Role.CHECKING:
            self.record.write(offered)

    def open_stored(self) -> AbstractContextManager[BinaryIO]:
        return open_bundle(self.release)

    def make_config(self, made: Installation) -> PluginConfig:
        """Return the config of its host. Raises ReleaseError when it may not run here."""
        plugin = self.release.plugin.name
        if plugin not in find_plugins(made.environment):
            raise ReleaseError(f"It has no tools of {plugin}.")
        environment = released_environment(made.environment)
        level = probe_release(environment)
        _admitted, refused = admit([plugin], level, self.env.sandbox_level)
        if refused:
            forget_levels()
            raise ReleaseError(refused[plugin])
        network = plugin in self.env.network_plugins and self.role is not Role.CHECKING
        return PluginConfig(
            plugin,
            environment,
            level,
            network,
            self.release.key,
            deployed=True,
            check=self.check,
            recall=self.recall,
            on_ready=self.on_ready,
        )

    def check(self) -> None:
        """Check before a host starts that what is on disk is what was approved. Raises HostRefused."""
        try:
            self.check_signature()
            if self.installation is not None:
                self.installation.check()
        except (ReleaseError, UntrustedRelease) as error:
            self.fail(str(error))
            raise HostRefused(self.fault) from None
        if self.record is not None:
            self.record.delete()  # until its host is ready
        if not self.was_ready:
            self.begin(Step.STARTING)

    def check_trust(self) -> None:
        """Let it run no more when its signature is not trusted any longer."""
        if self.config is not None:
            try:
                self.check_signature()
            except UntrustedRelease as error:
                self.fail(str(error))

    def check_signature(self) -> None:
        """Check that it is trusted, unless it is here for that to be decided. Raises UntrustedRelease."""
        if self.role is not Role.CHECKING:
            verify(self.release, TrustedKeys.read(self.env.trusted_keys_file))

    def begin(self, step: Step) -> None:
        with self.lock:
            self.step = step
            self.note(step)
        log.info("release_step", release=self.release.key, step=step)

    def fail(self, reason: str) -> None:
        """Note why it cannot run. The pause until the next attempt is longer each time."""
        with self.lock:
            self.step, self.fault, self.config = Step.FAILED, sentence(reason), None
            self.retry_at = time.monotonic() + min(MAX_PAUSE, FIRST_PAUSE * 2**self.failures)
            self.failures = min(self.failures + 1, 20)
            self.note(self.fault)
            self.seen = self.look()
        log.error("release_refused", release=self.release.key, reason=self.fault)

    def note(self, text: str) -> None:
        self.log = f"{self.log}{time.strftime('%H:%M:%S', time.gmtime())} {text}\n"[-MAX_LOG:]

    def report(self, state: str | None) -> dict[str, str]:
        """Return how far it has come, as JSON. state: its host's, as `Hosts.state`."""
        if state is not None:
            step = Step.FAILED if state else Step.READY
        else:
            step = Step.BUILT if self.config and self.role is Role.STANDBY else self.step
        return {"step": step, "log": self.log}


def identity(path: Path) -> object:
    """Return what tells one state of a file or folder from another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns if path.is_file() else 0


def sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
