"""Hears the doorbell of releases: Redis makes a change of what is wanted known at once, if it is there."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from typing import Any

import structlog
from redis import RedisError

from gptstore.jobs.redis import sync_client
from gptstore.jobs.release_doorbell import CHANNEL

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0


class ReleaseDoorbell(Thread):
    """A thread that calls `on_ring` for each message, and whenever it may have missed some."""

    def __init__(self, on_ring: Callable[[], None]) -> None:
        super().__init__(name="release doorbell", daemon=True)
        self.on_ring = on_ring
        self.closed = Event()

    def run(self) -> None:
        while not self.closed.is_set():
            messages: Any = sync_client().pubsub(ignore_subscribe_messages=True)
            try:
                messages.subscribe(CHANNEL)
                self.on_ring()
                while not self.closed.is_set():
                    if messages.get_message(timeout=LOOK_SECONDS) is not None:
                        self.on_ring()
            except RedisError as error:
                log.warning("release_doorbell_away", error=str(error))
                self.closed.wait(LOOK_SECONDS)
            finally:
                with suppress(RedisError):
                    messages.close()

    def close(self) -> None:
        self.closed.set()
