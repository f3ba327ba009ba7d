"""Decides how long a store that does not answer is asked again: exponential backoff, or as long as it says itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import uniform

from gptstore.sdk.cli.errors import StoreAway

MAX_SECONDS = 60.0
FIRST_PAUSE, MAX_PAUSE = 0.25, 8.0


class Patience:
    """Waits between the tries of one request. note: called once, with what to tell the person."""

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note = note
        self._end = time.monotonic() + MAX_SECONDS
        self._pause = FIRST_PAUSE
        self._noted = False

    def wait(self, away: StoreAway) -> None:
        """Wait until the next try. Raises the error again where that would take too long."""
        pause = self._pause * uniform(0.75, 1.25) if away.pause is None else away.pause
        if time.monotonic() + pause > self._end:
            raise away
        if not self._noted:
            self._note(f"{away} Trying again …")
            self._noted = True
        time.sleep(pause)
        self._pause = min(self._pause * 2, MAX_PAUSE)
