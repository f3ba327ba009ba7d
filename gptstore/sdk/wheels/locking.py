"""Locks a plugin's dependencies for all platforms, or keeps the lock that is there while nothing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.wheels.errors import WheelError
from gptstore.sdk.wheels.lock import NAME, Lock, digest_inputs, merge
from gptstore.sdk.wheels.platforms import Platform
from gptstore.sdk.wheels.plugin_wheel import requirements_of
from gptstore.sdk.wheels.resolve import Demand, Resolved, resolve
from gptstore.sdk.wheels.uv import Sources

DAYS = 7
"""The age that an upload needs, so that others have looked at it: most stolen packages are found within days."""


@dataclass(frozen=True)
class Locking:
    """What is locked. inputs: a digest of what the lock follows from. folder: where files may be written."""

    demand: Demand
    inputs: str
    platforms: tuple[Platform, ...]
    sources: Sources
    folder: Path

    @classmethod
    def of(cls, plugin: Wheel, sdk: Wheel, platforms: Sequence[Platform], sources: Sources, folder: Path) -> Locking:
        requires = {*requirements_of(plugin), "gptstore-sdk"}
        followed = [*requires, *requirements_of(sdk), f"gptstore-sdk=={sdk.version}"]
        demand = Demand(tuple(sorted(requires)), folder / sdk.file_name)
        return cls(demand, digest_inputs(followed, platforms), tuple(platforms), sources, folder)

    def fits(self, lock: Lock | None) -> bool:
        """Return whether the lock is of these inputs, and of the time that was asked for."""
        return lock is not None and (lock.inputs, lock.exclude_newer) == (self.inputs, self.sources.exclude_newer)

    def resolve(self, old: Lock | None) -> dict[Platform, list[Resolved]]:
        """Resolve for one platform after the other, each with the versions of those before. Raises WheelError."""
        resolved: dict[Platform, list[Resolved]] = {}
        chosen: dict[str, str] = {}
        for platform in self.platforms:
            versions = {**(old.versions_for(platform) if old else {}), **chosen}
            resolved[platform] = resolve(self.demand, platform, self.sources, self.folder, versions)
            chosen |= {one.name: one.version for one in resolved[platform]}
        return resolved

    def lock(self, resolved: dict[Platform, list[Resolved]]) -> Lock:
        return Lock(self.sources.exclude_newer, self.inputs, merge(resolved))


def default_time(now: datetime) -> str:
    """Return the midnight (UTC) that is a week ago, as RFC 3339."""
    return f"{now.astimezone(UTC) - timedelta(days=DAYS):%Y-%m-%d}T00:00:00Z"


def read_time(text: str) -> str:
    """Return a time as RFC 3339 in UTC. A date means the end of its day. Raises WheelError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise WheelError(f"{text!r} is no date. Write it as 2026-11-22, or as 2026-11-22T12:00:00Z.") from None
    if len(text) == len("2026-11-22"):
        time += timedelta(days=1)
    time = time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def write_lock(lock: Lock, project: Path) -> None:
    """Write the lock beside pyproject.toml, if it is another one. Raises WheelError."""
    path = project / NAME
    try:
        if not path.exists() or path.read_text(encoding="utf-8") != lock.text():
            path.write_text(lock.text(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise WheelError(f"{path} cannot be written: {error.strerror}.") from None
