"""Writes the events of all runs of a process to Redis, one pipeline at a time: later events wait for the next."""

from collections.abc import Sequence
from functools import cache
from itertools import islice
from queue import SimpleQueue
from threading import Event as Signal
from threading import Lock, Thread
from time import monotonic
from typing import Any, Protocol

from django.conf import settings

from gptstore.jobs.events.events import Event
from gptstore.jobs.redis import sync_client

GATHER_SECONDS = 0.025
"""The time between two pipelines. A pipeline for one run costs the model beside it, which shares the interpreter,
hardly less than one for thirty.
"""

opening = Lock()


class Pending(Protocol):
    """The events of one run that wait to be written. Its methods raise nothing; the writer's thread calls them.

    key: the stream in Redis. events: to append next, which may be none where only the stream's length is wanted; None
    when nothing is left to do. `on_written` and `on_error` follow each append, and put the next events into `events`.
    """

    key: str
    events: list[Event] | None

    def on_written(self, length: int) -> None:
        """Note the length that the stream has after the append."""
        ...

    def on_error(self, error: Exception) -> None:
        """Note that the append failed, perhaps in part."""
        ...


class Source(Protocol):
    """A run, which enqueues itself whenever it has something to write."""

    def take_pending(self) -> Pending: ...

    def on_settled(self) -> None:
        """Note that the pending events from `take_pending` are written or given up."""
        ...


class BatchWriter(Thread):
    """One thread for all runs: with one of them it writes at once, with many of them it writes in few batches."""

    def __init__(self) -> None:
        super().__init__(name="event writer", daemon=True)
        self.sources: SimpleQueue[Source] = SimpleQueue()
        self.hurried = Signal()
        self.free_at = 0.0

    def enqueue(self, source: Source) -> None:
        """Take events from this run in the next batch. To be called once for each time that they are taken."""
        self.sources.put(source)

    def flush_now(self) -> None:
        """Write pending events without gathering more, because somebody waits for it."""
        self.hurried.set()

    def run(self) -> None:
        while True:
            write_batch(self.collect())
            self.free_at = monotonic() + GATHER_SECONDS

    def collect(self) -> list[Source]:
        sources = [self.sources.get()]
        self.hurried.wait(self.free_at - monotonic())
        self.hurried.clear()
        while not self.sources.empty():
            sources.append(self.sources.get())
        return sources


def batch_writer() -> BatchWriter:
    """Return the writer of this process, which ends with it."""
    with opening:
        return start_writer()


@cache
def start_writer() -> BatchWriter:
    writer = BatchWriter()
    writer.start()
    return writer


def write_batch(sources: Sequence[Source]) -> None:
    """Write the pending events of all these runs side by side, until none are left."""
    batch = [source.take_pending() for source in sources]
    while batch := [pending for pending in batch if pending.events is not None]:
        for pending, result in zip(batch, append(batch), strict=True):
            if isinstance(result, Exception):
                pending.on_error(result)
            else:
                pending.on_written(result)
    for source in sources:
        source.on_settled()


def append(batch: Sequence[Pending]) -> list[int | Exception]:
    """Return the length that each stream has now. An error of one stream leaves the others alone."""
    counts = []
    try:
        with sync_client().pipeline(transaction=False) as pipe:
            for pending in batch:
                counts.append(put(pipe, pending.key, pending.events or []))
            answers = iter(pipe.execute(raise_on_error=False))
    except Exception as error:
        return [error] * len(batch)
    return [length_in([*islice(answers, count)]) for count in counts]


def put(pipe: Any, key: str, events: Sequence[Event]) -> int:
    """Add the commands that append events. Return their number; the last one asks for the length."""
    for event in events:
        pipe.xadd(key, event.encode())
    if events:
        pipe.expire(key, settings.ENV.event_ttl_seconds)
    pipe.xlen(key)
    return len(events) + bool(events) + 1


def length_in(answers: Sequence[Any]) -> int | Exception:
    """Return the last answer, or the first one that is an error."""
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    answer: int | Exception = errors[0] if errors else answers[-1]
    return answer
