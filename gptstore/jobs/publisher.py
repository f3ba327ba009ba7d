"""Publishes the events of one run, and keeps its whole text: Redis may go away, the output may not."""

import time

import structlog
from django.conf import settings
from redis import RedisError

from gptstore.jobs.events import FINISHED, OUTPUT, RESET, STARTED, Event, stream_key
from gptstore.jobs.models import Job
from gptstore.jobs.redis import sync_client

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0


class Publisher:
    """Used by one thread. Never raises because of Redis.

    When an event could not be written, or the stream turns out to be shorter than what was written, readers are sent
    `reset` and the whole text as soon as Redis is back.
    """

    def __init__(self, job: Job) -> None:
        self.key = stream_key(job.id)
        self.started = Event(STARTED, {"attempt": job.attempt, "worker": job.worker})
        self.pieces: list[str] = []
        self.tokens = 0
        self.written = 0
        self.behind = True
        self.retry_at = 0.0

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def start(self) -> None:
        """The first event. After an earlier attempt readers drop what that one said."""
        self.write([])

    def output(self, text: str, tokens: int = 0) -> None:
        self.pieces.append(text)
        self.tokens += tokens
        self.publish(Event(OUTPUT, {"text": text}, tokens))

    def finish(self) -> None:
        """The last event. Readers stop at it, so nothing may be missing before it."""
        try:
            self.behind = self.behind or sync_client().xlen(self.key) != self.written
        except RedisError:
            self.behind = True
        self.write([Event(FINISHED)])

    def publish(self, event: Event) -> None:
        if time.monotonic() >= self.retry_at:
            self.write([event])

    def write(self, events: list[Event]) -> None:
        try:
            if self.behind:
                last = [event for event in events if event.name != OUTPUT]
                self.start_over(last)
            elif self.append(events) != self.written:
                self.start_over([])
        except RedisError as error:
            log.warning("events_not_published", stream=self.key, error=str(error))
            self.behind, self.retry_at = True, time.monotonic() + PAUSE_SECONDS

    def append(self, events: list[Event]) -> int:
        """Returns the length that the stream has now; `written` is the length that it should have."""
        with sync_client().pipeline(transaction=False) as pipe:
            for event in events:
                pipe.xadd(self.key, event.encode())  # type: ignore[arg-type]
            pipe.xlen(self.key)
            pipe.expire(self.key, settings.ENV.event_ttl_seconds)
            length: int = pipe.execute()[-2]
        self.written += len(events)
        return length

    def start_over(self, last: list[Event]) -> None:
        """Readers drop what they have and get everything from the beginning."""
        events = [self.started, *last]
        if self.pieces:
            events.insert(1, Event(OUTPUT, {"text": self.text}, self.tokens))
        earlier = sync_client().xlen(self.key)
        if earlier or self.written:
            events.insert(0, Event(RESET))
        self.written = self.append(events)
        self.behind = False
