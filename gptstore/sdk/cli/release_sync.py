"""Brings the catalogue up to date with a change of the releases, and waits until the workers have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from gptstore.sdk.cli.console import print_note
from gptstore.sdk.cli.errors import CommandError, StoreFailed
from gptstore.sdk.cli.local_store import LocalStore, StoreCommand
from gptstore.sdk.cli.worker_report import count_ready, problems_of

NOT_HERE = "The store is not installed here. Run `manage.py sync_tools` where it is; its workers take the change."


@dataclass(frozen=True)
class Request:
    """What the workers are to run, by the keys of releases, and what not; and how many seconds that may take."""

    seconds: float
    ready: Sequence[str] = ()
    gone: Sequence[str] = ()


@dataclass(frozen=True)
class Sync:
    """The sync of one command. command: the store's own; None where there is none, or none is wanted."""

    command: StoreCommand | None
    is_wanted: bool

    def report(self, plugin: str, done: str, request: Request) -> None:
        """Do it and say what came of it. done: what the plugin then is, such as "ready". Raises CommandError."""
        try:
            problems = self.run(plugin, done, request)
        except StoreFailed as failure:
            raise CommandError(f"The folder is changed, but the catalogue is not up to date: {failure}") from None
        if problems:
            raise CommandError("\n  ".join(problems.values()))

    def run(self, plugin: str, done: str, request: Request) -> dict[str, str]:
        """Do it, say on how many workers, and return why not on others: see `problems_of`. Raises StoreFailed."""
        if self.command is None:
            if self.is_wanted:
                print_note(NOT_HERE)
            return {}
        began = monotonic()
        result = self.command.ask(asdict(request))
        print_note(f"Tools of releases: {', '.join(result['tools']) or 'none'}")
        seconds = monotonic() - began
        count_ready(result, done, seconds)
        return problems_of(result, plugin, seconds)

    def running(self, keys: Sequence[str]) -> set[str]:
        """Return the workers that run one of these releases now. Raises CommandError."""
        if self.command is None:
            return set()
        try:
            answer: dict[str, Any] = self.command.ask({"running": [*keys]})
        except StoreFailed as failure:
            raise CommandError(f"Nothing is changed. The store says: {failure}") from None
        return {*answer["workers"]}


@contextmanager
def start_sync(store: LocalStore, wanted: bool) -> Iterator[Sync]:
    """Start the store's command, which takes a second to load."""
    if not wanted:
        yield Sync(None, is_wanted=False)
        return
    with store.start("sync_releases") as command:
        yield Sync(command, is_wanted=True)
