"""`gptstore upgrade`: a new version takes the place of others, and they come back when it does not work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.errors import CommandError, StoreFailed
from gptstore.sdk.cli.local_store import find_store
from gptstore.sdk.cli.release_source import changing, make, opened
from gptstore.sdk.cli.release_sync import Request, Sync, start_sync
from gptstore.sdk.cli.releases import WAIT_SECONDS, IsSynced, Releases, SignedBy, Source, Wait
from gptstore.sdk.cli.worker_report import CATALOGUE

if TYPE_CHECKING:
    from gptstore.sdk.bundle.upgrade import Upgrade


def upgrade(
    source: Source,
    releases: Releases = None,
    signed_by: SignedBy = "",
    sync: IsSynced = True,
    wait: Wait = WAIT_SECONDS,
) -> None:
    """Put a plugin into the store on this machine, in place of its other versions.

    Runs that have begun end on the version with which they began. When the catalogue or a worker that ran the version
    before cannot take the new one, the version before is put back. An older version is installed in the same way.

    Examples:

        gptstore upgrade dist/my-tool-1.3.0.gptx
    """
    from gptstore.sdk.bundle import installed

    store = find_store(releases)
    with start_sync(store, sync) as syncing, changing(store.releases):
        with opened(source, signed_by) as bundle:
            plugin = bundle.contents.header.name
            there = installed.find_changeable(make(store.releases), plugin)
            before = [one.key for one in there if one.header.name == plugin]
            running = syncing.running(before)
            done = installed.upgrade(bundle, store.releases)
        typer.echo(done.folder)
        if syncing.command is None or not wait:
            done.confirm()  # nobody will say whether it works
            syncing.report(plugin, "ready", Request(wait, [done.key]))
        else:
            UpgradeAttempt(done, plugin, before, running, wait).settle(syncing)


@dataclass(frozen=True)
class UpgradeAttempt:
    """A new version that the workers try. before: the keys of what it replaces; running: the workers that ran these."""

    upgrade: Upgrade
    plugin: str
    before: Sequence[str]
    running: Set[str]
    seconds: float

    def settle(self, syncing: Sync) -> None:
        """Remove what was replaced when the new version works, or else put it back. Raises CommandError then."""
        try:
            problems = syncing.run(self.plugin, "ready", Request(self.seconds, [self.upgrade.key]))
        except StoreFailed as failure:
            raise CommandError(f"The catalogue could not be brought up to date: {failure}{self.roll_back()}") from None
        except BaseException:
            print_note(self.roll_back().strip())
            raise
        if self.is_worse(problems):
            said = self.roll_back()
            syncing.run(self.plugin, "ready", Request(self.seconds, self.before, [self.upgrade.key]))
            raise CommandError("\n  ".join(problems.values()) + said)
        self.upgrade.confirm()
        if problems:
            raise CommandError("\n  ".join(problems.values()))

    def is_worse(self, problems: Mapping[str, str]) -> bool:
        """Return whether something that ran before does not run now."""
        return self.upgrade.kept is not None and not problems.keys().isdisjoint({*self.running, CATALOGUE})

    def roll_back(self) -> str:
        """Put back what was replaced, and return what to say of that."""
        if self.upgrade.kept is None:
            return ""
        self.upgrade.roll_back()
        return f"\n  {self.upgrade.before} is put back."
