"""Follows a job's events to its end, over as many connections as that takes."""

from __future__ import annotations

import time
from collections.abc import Iterator

from gptstore.sdk.cli.errors import StoreAway, StoreError
from gptstore.sdk.cli.retries import Patience
from gptstore.sdk.cli.store_client import Event, Store

FINISHED = "finished"
GOOD_SECONDS = 2.0
"""A connection that stood for so long shows that the store is there, and one after it is tried for as long again."""


class Following:
    """The events of a job until `finished`. After an interruption it can be iterated again, and goes on."""

    def __init__(self, store: Store, job_id: str) -> None:
        self.store = store
        self.job_id = job_id
        self._last_id = ""

    def __iter__(self) -> Iterator[Event]:
        """Yield the events. Raises StoreError when the store stays away."""
        patience = Patience(self.store.note)
        while True:
            began = time.monotonic()
            try:
                for event in self.store.read_events(self.job_id, self._last_id):
                    self._last_id = event.id or self._last_id
                    yield event
                    if event.name == FINISHED:
                        return
                raise StoreAway("The connection ended before the run did.")
            except StoreAway as away:
                if time.monotonic() - began > GOOD_SECONDS:
                    patience = Patience(self.store.note)
                self._wait(patience, away)

    def _wait(self, patience: Patience, away: StoreAway) -> None:
        try:
            patience.wait(away)
        except StoreAway as error:
            raise StoreError(f"{error} The run goes on; to follow it again:  gptstore follow {self.job_id}") from None
