"""Brings all wheels of a bundle into one folder: built, from the cache, or downloaded, as the lock names them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from gptstore.sdk.bundle.pins import Pin
from gptstore.sdk.bundle.wheel import Wheel
from gptstore.sdk.bundle.writer import read_file
from gptstore.sdk.wheels.download import download
from gptstore.sdk.wheels.errors import WheelError
from gptstore.sdk.wheels.lock import NAME, Lock
from gptstore.sdk.wheels.locking import Locking, default_time
from gptstore.sdk.wheels.order import Order
from gptstore.sdk.wheels.plugin_wheel import build_wheel, read_plugin
from gptstore.sdk.wheels.resolve import Resolved, all_of
from gptstore.sdk.wheels.sdk_wheel import make_sdk_wheel
from gptstore.sdk.wheels.wheel_cache import cache_folder, find_wheel

Note = Callable[[str], None]


@dataclass(frozen=True)
class Gathered:
    """All wheels of a bundle. lock: of the dependencies. plugin, sdk: our own wheels. folder: where all of them are."""

    lock: Lock
    plugin: Wheel
    sdk: Wheel
    folder: Path

    @property
    def whole_lock(self) -> Lock:
        """Return the lock with the plugin and the SDK: all that a worker installs."""
        own = [Pin(wheel.name, wheel.version, (wheel.sha256,)) for wheel in (self.plugin, self.sdk)]
        return replace(self.lock, pins=(*self.lock.pins, *own))


def gather(order: Order, folder: Path, note: Note) -> Gathered:
    """Bring all wheels into one folder below `folder`. Raises WheelError. note: is told what takes time."""
    sdk = read_file(make_sdk_wheel(folder))
    old = None if order.upgrade else Lock.read(order.project)
    if old is not None:
        plugin, locking = build_plugin(order, sdk, order.exclude_newer or old.exclude_newer, folder)
        if locking.fits(old):
            return collect(old, plugin, sdk, find_locked(old, locking, [], note), folder)
    # The build backend is chosen by the time of the lock, too: so the next build gives the same wheel.
    plugin, locking = build_plugin(order, sdk, order.exclude_newer or default_time(datetime.now(UTC)), folder)
    note(f"Locking the dependencies for {', '.join(platform.name for platform in order.platforms)}.")
    resolved = locking.resolve(old)
    lock = locking.lock(resolved)
    return collect(lock, plugin, sdk, find_locked(lock, locking, all_of(resolved), note), folder)


def collect(lock: Lock, plugin: Wheel, sdk: Wheel, found: list[Path], folder: Path) -> Gathered:
    wheels = folder / "wheels"
    wheels.mkdir()
    for path in [*found, folder / plugin.file_name, folder / sdk.file_name]:
        link(path, wheels / path.name)
    return Gathered(lock, plugin, sdk, wheels)


def build_plugin(order: Order, sdk: Wheel, time: str, folder: Path) -> tuple[Wheel, Locking]:
    sources = order.sources(time)
    plugin = read_plugin(build_wheel(order.project, sources, folder))
    return plugin, Locking.of(plugin, sdk, order.platforms, sources, folder)


def find_locked(lock: Lock, locking: Locking, resolved: list[Resolved], note: Note) -> list[Path]:
    """Return the wheels that the lock names, from the cache or the index. Raises WheelError."""
    cache = cache_folder()
    found = {digest: find_wheel(digest, cache) for pin in lock.pins for digest in pin.hashes}
    absent = {digest for digest, path in found.items() if path is None}
    if absent:
        known = resolved or all_of(locking.resolve(lock))
        wanted = [one for one in known if one.sha256 in absent]
        note(f"Downloading {len(wanted)} wheel{'s' if len(wanted) > 1 else ''}.")
        found |= download(wanted, cache)
    for pin in lock.pins:
        if any(found[digest] is None for digest in pin.hashes):
            raise WheelError(
                f"No index has the wheel of {pin.name} {pin.version} any more that {NAME} names. Build with --upgrade."
            )
    return [path for path in found.values() if path is not None]


def link(source: Path, target: Path) -> None:
    """Put a file into another folder, without a copy where the file system can."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
