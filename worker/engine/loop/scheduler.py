"""What the model does next: which requests run, and which of their tokens it reads in this step."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from worker.engine.loop.fair_queue import Line
from worker.engine.loop.kv import KVCache, Move, Place
from worker.engine.loop.sequence import Sequence

S = TypeVar("S", bound=Sequence)

_RESERVE = 256
"""A request gets room for so many new tokens at once, if it may make that many; more when it needs them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done at a time.

    running: most requests in one step.
    step_tokens: most tokens that a step reads of prompts.
    chunk_tokens: most tokens that a step reads of one prompt while other requests make tokens, so that these go on
        without a gap.
    """

    running: int = 64
    step_tokens: int = 512
    chunk_tokens: int = 64


@dataclass(frozen=True, slots=True)
class Chunk(Generic[S]):
    """Tokens of one request that a step reads: `sequence.tokens[start : start + count]`."""

    sequence: S
    start: int
    count: int

    @property
    def is_last(self) -> bool:
        """Whether the next token can be made, because all the others are read then."""
        return self.start + self.count == len(self.sequence.tokens)


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """One step: first the moves within the cache, then the chunks, each of another request."""

    moves: list[Move]
    chunks: list[Chunk[S]]


class Scheduler(Generic[S]):
    """Requests wait in a line, get a place in the KV cache, and are read chunk by chunk.

    Who has a place is never refused: where the cache is full, the request that came last gives up its place, goes back
    to the head of the line and is read again later.
    """

    def __init__(self, limits: Limits, kv: KVCache) -> None:
        self.limits = limits
        self.kv = kv
        self.running: list[S] = []  # in the order in which they got their places
        self.preempted = 0
        self._members: set[S] = set()
        self._line: Line[S] = Line()
        self._moves: list[Move] = []

    @property
    def waiting(self) -> int:
        return len(self._line)

    def add(self, sequence: S) -> None:
        """Take a request. It must fit into the cache by itself: `longest` at most `kv.tokens`."""
        self._members.add(sequence)
        self._line.join(sequence)

    def has(self, sequence: S) -> bool:
        """Whether the request runs or waits."""
        return sequence in self._members

    def remove(self, sequence: S, *, failed: bool = False) -> None:
        """End a request that runs or waits. What it has in the cache can be used by others, unless it failed.

        Neither can what was left in the middle of a text: nobody saw yet whether it makes sense.
        """
        self._members.remove(sequence)
        if sequence.extent is None:
            self._line.remove(sequence)
            return
        self.running.remove(sequence)
        self.kv.keep(sequence.extent, sequence.tokens[: sequence.read] if sequence.seen and not failed else [])
        sequence.extent = None

    def plan(self) -> Plan[S]:
        """Decide on the next step. Whoever can make a token does; what is left of the step goes to prompts."""
        self._moves = []
        decoding = [sequence for sequence in self.running if sequence.unread == 1]
        chunks = [Chunk(one, one.read, 1) for one in decoding if one.extent and self._has_room(one)]
        chunks = [chunk for chunk in chunks if chunk.sequence.extent]  # some may have lost their place to others
        most = self.limits.chunk_tokens if chunks else self.limits.step_tokens
        left = self.limits.step_tokens
        for sequence in [one for one in self.running if one.unread > 1] + self._admit():
            if left == 0:
                break
            count = min(sequence.unread, most, left)
            chunks.append(Chunk(sequence, sequence.read, count))
            left -= count
        return Plan(self._moves, chunks)

    def note(self, plan: Plan[S]) -> None:
        """The step was done: its tokens are read."""
        for chunk in plan.chunks:
            sequence = chunk.sequence
            if sequence.extent is None:
                continue
            sequence.read += chunk.count
            sequence.seen = chunk.is_last
            if chunk.is_last and sequence.read == sequence.prompt_length:
                self.kv.share(sequence.extent, sequence.tokens)

    def preempt(self, sequence: S) -> None:
        """Take a running request's place away; it waits at the head of the line and is read anew."""
        assert sequence.extent is not None
        self.running.remove(sequence)
        self.kv.drop(sequence.extent)
        sequence.extent, sequence.read, sequence.seen = None, 0, False
        self._line.put_back(sequence)
        self.preempted += 1

    def _has_room(self, sequence: S) -> bool:
        """Make room for the token that is read next. False when the request lost its place instead."""
        extent = sequence.extent
        assert extent is not None
        if len(sequence.tokens) <= extent.size:
            return True
        room = min(sequence.longest, 2 * extent.size)
        while (place := self.kv.grow(extent, room, sequence.read)) is None:
            last = self.running[-1]
            self.preempt(last)
            if last is sequence:
                return False
        self._settle(sequence, place)
        return True

    def _admit(self) -> list[S]:
        """Give places to those who are next in the line, as long as there are any."""
        admitted: list[S] = []
        while len(self.running) < self.limits.running and (sequence := self._line.first()) is not None:
            if sum(one.unread for one in admitted) >= self.limits.step_tokens:
                break  # it would get a place now and be read later
            room = min(sequence.longest, len(sequence.tokens) + _RESERVE)
            place = self.kv.place(sequence.tokens, room, min(sequence.reusable, len(sequence.tokens) - 1))
            if place is None:
                break
            self._line.serve()
            self.running.append(sequence)
            self._settle(sequence, place)
            sequence.read = place.filled
            sequence.cached = max(sequence.cached, min(place.filled, sequence.prompt_length))
            admitted.append(sequence)
        return admitted

    def _settle(self, sequence: S, place: Place) -> None:
        sequence.extent = place.extent
        if place.move:
            self._moves.append(place.move)
