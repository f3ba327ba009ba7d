"""Publishes the events of one run, and keeps its whole text: it outlives a Redis outage."""

import time
from collections.abc import Sequence
from dataclasses import replace
from threading import Event as Signal
from threading import Lock

import structlog
from redis import RedisError

from gptstore.jobs.events.event_writer import batch_writer
from gptstore.jobs.events.events import FINISHED, RESET, STARTED, Event, stream_key
from gptstore.jobs.events.transcript import Transcript
from gptstore.jobs.models import Job
from gptstore.sdk.logprobs import StoredLogprob

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0
FLUSH_SECONDS = 5.0


class Publisher:
    """The publisher of one run's thread, which waits for Redis only in `flush` and `finish`; others may read `text`.

    Never raises because of Redis. When an event could not be written, or the stream turns out to be shorter than what
    was written, readers are sent `reset` and the whole text as soon as Redis is back.
    """

    def __init__(self, job: Job) -> None:
        self.key = stream_key(job.id)
        self.attempt = job.attempt
        self.started = Event(STARTED, {"attempt": job.attempt, "worker": job.worker})
        self.lock = Lock()
        self.transcript = Transcript()
        self.enqueued = False
        self.settled = Signal()
        self.settled.set()
        self.written = 0
        self.behind = True
        self.retry_at = 0.0

    @property
    def text(self) -> str:
        return self.transcript.text

    @property
    def logprobs(self) -> list[StoredLogprob]:
        return self.transcript.logprobs

    @property
    def tokens(self) -> int:
        return self.transcript.tokens

    def start(self) -> None:
        """Publish the first event. After an earlier attempt readers drop the output of that one."""
        with self.lock:
            self.enqueue()

    def output(self, text: str, tokens: int = 0, logprobs: Sequence[StoredLogprob] = ()) -> None:
        with self.lock:
            self.transcript.output(text, tokens, logprobs)
            self.enqueue()

    def publish(self, event: Event) -> None:
        with self.lock:
            self.transcript.add(event)
            self.enqueue()

    def finish(self) -> None:
        """Publish the last event. Readers stop at it, so nothing may be missing before it."""
        self.publish(Event(FINISHED))
        self.flush(FLUSH_SECONDS)

    def flush(self, seconds: float = FLUSH_SECONDS) -> None:
        """Wait until everything is written or, because Redis is away, given up for now."""
        if not self.settled.is_set():
            batch_writer().flush_now()
            self.settled.wait(seconds)

    def enqueue(self) -> None:
        if not self.enqueued:
            self.enqueued = True
            self.settled.clear()
            batch_writer().enqueue(self)

    def take_pending(self) -> "PendingEvents":
        with self.lock:
            self.enqueued = False
            due = self.transcript.ends or time.monotonic() >= self.retry_at
        return PendingEvents(self, due)

    def on_settled(self) -> None:
        with self.lock:
            if not self.enqueued:
                self.settled.set()

    def take(self, *, whole: bool = False) -> list[Event]:
        with self.lock:
            return self.transcript.take(whole=whole)

    def start_over(self, length: int) -> list[Event]:
        """Return all events from the beginning, after one that makes readers drop what they have."""
        again = self.attempt > 1  # readers may have the first one's text even if Redis has it no more
        reset = [Event(RESET)] if length or self.written or again else []
        return [*reset, self.started, *self.take(whole=True)]


class PendingEvents:
    """One publisher's part of a batch: first new events, then `finished`, or everything anew if the stream is short.

    due: False while Redis was away a moment ago, and there is nothing to do.
    """

    def __init__(self, publisher: Publisher, due: bool) -> None:
        self.publisher = publisher
        self.key = publisher.key
        self.events: list[Event] | None = None
        self.last: list[Event] = []
        self.is_complete = False
        if due:
            self.take_new()

    def take_new(self) -> None:
        new = [] if self.publisher.behind else self.publisher.take()
        if new or self.publisher.behind:  # else it went out with an earlier batch
            self.last = [event for event in new if event.name == FINISHED]
            self.append([event for event in new if event.name != FINISHED])

    def append(self, events: list[Event]) -> None:
        attempt = self.publisher.attempt
        self.events = [replace(event, attempt=attempt) for event in events] if attempt > 1 else events

    def on_written(self, length: int) -> None:
        publisher = self.publisher
        publisher.written += len(self.events or [])
        if self.is_complete:
            publisher.written, publisher.behind = length, False
            self.events = None
        elif publisher.behind or length != publisher.written:
            self.append_last(publisher.start_over(length))
        elif self.last:
            self.append_last([])
        else:
            self.events = None

    def append_last(self, events: list[Event]) -> None:
        self.append([*events, *self.last])
        self.is_complete = True

    def on_error(self, error: Exception) -> None:
        unexpected = not isinstance(error, RedisError)
        log.warning("events_not_published", stream=self.key, error=str(error), exc_info=error if unexpected else False)
        self.publisher.behind, self.publisher.retry_at = True, time.monotonic() + PAUSE_SECONDS
        self.events = None
