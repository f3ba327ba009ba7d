"""The record that a release's host was ready on this machine: after a restart it serves without starting to prove it.

It is a file beside the fetched bundle, and nobody reads from it what is true: it counts only if it is, byte by byte,
what follows from the verified bundle, its environment and the conditions of its start.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress

from gptstore.sdk.host.messages import VERSION
from worker.hosts.releases.installation import Installation
from worker.hosts.sandbox.plugin_config import Offered, PluginConfig


class ReadinessRecord:
    """The record of one installation. bounds: the limits that its host starts with."""

    def __init__(self, made: Installation, config: PluginConfig, bounds: Mapping[str, int]) -> None:
        self.offered = made.offered
        conditions = {
            "bundle": made.folder.name,
            "environment": made.environment.name,
            "plugin": config.plugin,
            "offered": made.offered,
            "messages": VERSION,
            "level": repr(config.level),
            "network": config.network,
            "bounds": dict(bounds),
        }
        self.text = json.dumps(conditions, sort_keys=True) + "\n"
        self.path = made.folder / f"ready-{made.environment.name}.json"

    def is_there(self) -> bool:
        with suppress(OSError, UnicodeDecodeError):
            return self.path.read_text(encoding="utf-8") == self.text
        return False

    def write(self, offered: Offered) -> None:
        """Note that the host is ready, if it offers what the bundle's manifest says."""
        if offered != self.offered or self.is_there():
            return
        part = self.path.with_name(f".{self.path.name}-{os.getpid()}")
        with suppress(OSError):  # another user's folder, or no room: the next worker starts the host once more
            part.write_text(self.text, encoding="utf-8")
            part.replace(self.path)

    def delete(self) -> None:
        """Forget it while the host starts: one that does not get ready has to prove itself the next time."""
        with suppress(OSError):
            self.path.unlink()
