"""`gptstore.lock`: the versions and hashes of a plugin's dependencies, kept beside its pyproject.toml.

Two builds give the same bundle because both take what it names. It is made anew when the dependencies, the SDK's own or
the platforms are others, and then keeps the versions that still fit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gptstore.sdk.bundle.errors import BundleError
from gptstore.sdk.bundle.pins import Pin, read_pins, render_pins
from gptstore.sdk.wheels.errors import WheelError
from gptstore.sdk.wheels.platforms import Platform
from gptstore.sdk.wheels.resolve import Resolved

NAME = "gptstore.lock"
TITLE = "# Written by `gptstore build`: keep it under version control. `gptstore build --upgrade` takes newer versions."
FACT = re.compile(r"^# (exclude-newer|inputs): (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Lock:
    """A lock. exclude_newer: the time (UTC) after which no upload was seen. inputs: a digest of what was asked for."""

    exclude_newer: str
    inputs: str
    pins: tuple[Pin, ...]

    @classmethod
    def read(cls, folder: Path) -> Lock | None:
        """Return a project's lock, None if it has none. Raises WheelError for a file that is none."""
        try:
            text = (folder / NAME).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise WheelError(f"{folder / NAME} cannot be read: {error}") from None
        facts = dict(FACT.findall(text))
        try:
            return cls(facts["exclude-newer"], facts["inputs"], tuple(read_pins(text)))
        except (KeyError, BundleError):
            raise WheelError(f"{folder / NAME} is no lock, or was edited. Delete it, and build again.") from None

    def versions_for(self, platform: Platform) -> dict[str, str]:
        """Return the version of each package on a platform."""
        return {pin.name: pin.version for pin in self.pins if not pin.marker or platform.marker in pin.marker}

    def text(self) -> str:
        head = f"{TITLE}\n# exclude-newer: {self.exclude_newer}\n# inputs: {self.inputs}\n"
        return head + render_pins(self.pins)


def digest_inputs(requires: Sequence[str], platforms: Sequence[Platform]) -> str:
    """Return a digest of what a lock follows from: requirements, the SDK's among them, and platforms."""
    named = {"requires": sorted(requires), "platforms": [platform.name for platform in platforms]}
    return sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()


def merge(resolved: Mapping[Platform, Sequence[Resolved]]) -> tuple[Pin, ...]:
    """Return one pin for each version of a package; it has a marker if not every platform has this version."""
    hashes: dict[tuple[str, str], set[str]] = {}
    platforms: dict[tuple[str, str], list[Platform]] = {}
    for platform, found in resolved.items():
        for one in found:
            hashes.setdefault((one.name, one.version), set()).add(one.sha256)
            platforms.setdefault((one.name, one.version), []).append(platform)
    return tuple(
        Pin(name, version, tuple(sorted(digests)), marker_of(platforms[name, version], len(resolved)))
        for (name, version), digests in hashes.items()
    )


def marker_of(platforms: Sequence[Platform], number: int) -> str:
    return "" if len(platforms) == number else " or ".join(platform.marker for platform in platforms)
