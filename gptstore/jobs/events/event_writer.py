"""Carries the events of all runs of a process to Redis: what is said while one pipeline is under way fills the next."""

from collections.abc import Generator, Sequence
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
"""Between two pipelines. What a pipeline for one run costs the model beside it, which shares the interpreter, one for
thirty costs hardly more."""

Mail = Generator[list[Event], int, None]
opening = Lock()


class Sender(Protocol):
    """One run, as the mailroom sees it. Its methods are called by the mailroom's thread, and raise nothing."""

    @property
    def key(self) -> str:
        """The stream that its events go to."""
        ...

    def deliver(self) -> Mail:
        """Yields the next events for the stream; is sent the stream's length after them, or what went wrong."""
        ...

    def settle(self) -> None:
        """What `deliver` took is written or given up."""
        ...


class Mailroom(Thread):
    """One pipeline at a time for all senders: with one of them at once, with many of them few."""

    def __init__(self) -> None:
        super().__init__(name="mailroom", daemon=True)
        self.senders: SimpleQueue[Sender] = SimpleQueue()
        self.hurried = Signal()
        self.free_at = 0.0

    def call_at(self, sender: Sender) -> None:
        """It has something to send. To be said once for each time that it is asked to deliver."""
        self.senders.put(sender)

    def hurry(self) -> None:
        """Somebody waits for what has been said."""
        self.hurried.set()

    def run(self) -> None:
        while True:
            carry(self.collect())
            self.free_at = monotonic() + GATHER_SECONDS

    def collect(self) -> list[Sender]:
        senders = [self.senders.get()]
        self.hurried.wait(self.free_at - monotonic())
        self.hurried.clear()
        while not self.senders.empty():
            senders.append(self.senders.get())
        return senders


def mailroom() -> Mailroom:
    """One a process; it ends with it."""
    with opening:
        return open_mailroom()


@cache
def open_mailroom() -> Mailroom:
    room = Mailroom()
    room.start()
    return room


class Parcel:
    """What one sender has for the next pipeline."""

    def __init__(self, sender: Sender) -> None:
        self.key = sender.key
        self.mail = sender.deliver()
        self.events = next(self.mail, None)

    def reply(self, answer: int | Exception) -> None:
        try:
            self.events = self.mail.throw(answer) if isinstance(answer, Exception) else self.mail.send(answer)
        except StopIteration:
            self.events = None


def carry(senders: Sequence[Sender]) -> None:
    """Side by side, until each of them is content or has given up."""
    parcels = [Parcel(sender) for sender in senders]
    while parcels := [parcel for parcel in parcels if parcel.events is not None]:
        for parcel, answer in zip(parcels, append(parcels), strict=True):
            parcel.reply(answer)
    for sender in senders:
        sender.settle()


def append(parcels: Sequence[Parcel]) -> list[int | Exception]:
    """The length that each stream has now. What goes wrong with one stream is not the others' fault."""
    counts = []
    try:
        with sync_client().pipeline(transaction=False) as pipe:
            for parcel in parcels:
                counts.append(put(pipe, parcel.key, parcel.events or []))
            answers = iter(pipe.execute(raise_on_error=False))
    except Exception as error:
        return [error] * len(parcels)
    return [length_in([*islice(answers, count)]) for count in counts]


def put(pipe: Any, key: str, events: Sequence[Event]) -> int:
    """How many commands it takes; the last one asks for the length."""
    for event in events:
        pipe.xadd(key, event.encode())
    if events:
        pipe.expire(key, settings.ENV.event_ttl_seconds)
    pipe.xlen(key)
    return len(events) + bool(events) + 1


def length_in(answers: Sequence[Any]) -> int | Exception:
    """The last answer, or the first that is an error."""
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    answer: int | Exception = errors[0] if errors else answers[-1]
    return answer
