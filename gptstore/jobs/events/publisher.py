"""Publishes the events of one run, and keeps its whole text: Redis may go away, the output may not."""

import time
from dataclasses import replace
from threading import Event as Signal
from threading import Lock

import structlog
from redis import RedisError

from gptstore.jobs.events.event_writer import Mail, mailroom
from gptstore.jobs.events.events import FINISHED, RESET, STARTED, Event, stream_key
from gptstore.jobs.events.transcript import Transcript
from gptstore.jobs.models import Job

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0
FLUSH_SECONDS = 5.0


class Publisher:
    """Used by one thread, which waits for Redis only in `flush` and `finish`; others may read `text`. Never raises
    because of Redis.

    When an event could not be written, or the stream turns out to be shorter than what was written, readers are sent
    `reset` and the whole text as soon as Redis is back. The mailroom's thread calls `deliver` and `settle`.
    """

    def __init__(self, job: Job) -> None:
        self.key = stream_key(job.id)
        self.attempt = job.attempt
        self.started = Event(STARTED, {"attempt": job.attempt, "worker": job.worker})
        self.lock = Lock()
        self.transcript = Transcript()
        self.called = False
        self.settled = Signal()
        self.settled.set()
        self.written = 0
        self.behind = True
        self.retry_at = 0.0

    @property
    def text(self) -> str:
        return self.transcript.text

    @property
    def tokens(self) -> int:
        return self.transcript.tokens

    def start(self) -> None:
        """The first event. After an earlier attempt readers drop what that one said."""
        with self.lock:
            self.call()

    def output(self, text: str, tokens: int = 0) -> None:
        with self.lock:
            self.transcript.output(text, tokens)
            self.call()

    def publish(self, event: Event) -> None:
        with self.lock:
            self.transcript.add(event)
            self.call()

    def finish(self) -> None:
        """The last event. Readers stop at it, so nothing may be missing before it."""
        self.publish(Event(FINISHED))
        self.flush(FLUSH_SECONDS)

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until all that was said is written or, because Redis is away, given up for now."""
        if not self.settled.is_set():
            mailroom().hurry()
            self.settled.wait(seconds)

    def call(self) -> None:
        if not self.called:
            self.called = True
            self.settled.clear()
            mailroom().call_at(self)

    def settle(self) -> None:
        with self.lock:
            if not self.called:
                self.settled.set()

    def deliver(self) -> Mail:
        with self.lock:
            self.called = False
            due = self.transcript.ends or time.monotonic() >= self.retry_at
        try:
            if due:
                yield from self.write()
        except Exception as error:
            unexpected = not isinstance(error, RedisError)
            log.warning("events_not_published", stream=self.key, error=str(error), exc_info=unexpected)
            self.behind, self.retry_at = True, time.monotonic() + PAUSE_SECONDS

    def write(self) -> Mail:
        """`written` is the length that the stream should have."""
        said = [] if self.behind else self.take()
        if not (said or self.behind):
            return  # what this call was about went out with an earlier one
        last = [event for event in said if event.name == FINISHED]
        before = [event for event in said if event.name != FINISHED]
        length = yield self.sign(before)
        self.written += len(before)
        if self.behind or length != self.written:
            self.written = yield self.sign(self.start_over(length, last))
            self.behind = False
        elif last:
            self.written = yield self.sign(last)

    def sign(self, events: list[Event]) -> list[Event]:
        return [replace(event, attempt=self.attempt) for event in events] if self.attempt > 1 else events

    def start_over(self, length: int, last: list[Event]) -> list[Event]:
        """Readers drop what they have and get everything from the beginning. `last`: what is to follow it."""
        again = self.attempt > 1  # readers may have the first one's text even if Redis has it no more
        reset = [Event(RESET)] if length or self.written or again else []
        return [*reset, self.started, *self.take(whole=True), *last]

    def take(self, *, whole: bool = False) -> list[Event]:
        with self.lock:
            return self.transcript.take(whole=whole)
