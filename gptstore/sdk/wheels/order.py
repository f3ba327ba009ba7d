"""What an author asks `gptstore build` for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gptstore.sdk.wheels.platforms import Platform
from gptstore.sdk.wheels.uv import Sources


@dataclass(frozen=True)
class Order:
    """What a bundle is made of, and how. output: the folder for it. force: put it there instead of another one.

    exclude_newer: a time, "" for the lock's own, or a week ago. upgrade: without a look at the lock that is there.
    adapter: a folder in PEFT's format. key: the file of a private key. keeps_lock: whether `gptstore.lock` is written.
    """

    project: Path
    output: Path
    platforms: tuple[Platform, ...]
    exclude_newer: str = ""
    upgrade: bool = False
    find_links: tuple[Path, ...] = ()
    no_index: bool = False
    adapter: Path | None = None
    key: Path | None = None
    force: bool = False
    keeps_lock: bool = True

    def sources(self, time: str) -> Sources:
        """Return where packages come from. time: after which no upload is seen."""
        return Sources(time, self.find_links, self.no_index)
