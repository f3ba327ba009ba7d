"""The scheduler: picks the requests of the next step, and the tokens that the model reads (continuous batching).

Knows no tensors, so that it can be tested without a model.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from worker.engine.loop.fair_queue import FairQueue
from worker.engine.loop.kv import Allocation, KVCache, Move
from worker.engine.loop.prompt_lookup import PromptLookup
from worker.engine.loop.sequence import Sequence

S = TypeVar("S", bound=Sequence)

_RESERVE = 256
"""New tokens that a request gets room for at once, if it may generate that many; it grows when it needs more."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """The limits of one step.

    running: the most requests in one step.
    step_tokens: the most prompt tokens that a step reads.
    chunk_tokens: the most tokens that a step reads of one prompt while other requests generate tokens (chunked
        prefill), so that these go on without a gap.
    drafts: the most rows of requests that generate tokens in a step, from which on nothing is guessed (prompt lookup);
        fewer requests share what is left of it for the tokens that they guess. 0: nothing is ever guessed.
    """

    running: int = 64
    step_tokens: int = 512
    chunk_tokens: int = 64
    drafts: int = 0


@dataclass(frozen=True, slots=True)
class Plan(Generic[S]):
    """One step: first the moves within the KV cache, then the sequences, each with its `scheduled` tokens."""

    moves: list[Move]
    sequences: list[S]


class Scheduler(Generic[S]):
    """Requests wait in a fair queue, get room in the KV cache, and are read chunk by chunk.

    A running request is never refused: where the cache is full, the request that came last is preempted, goes back to
    the head of the queue and is read again later.
    """

    def __init__(self, limits: BatchLimits, kv: KVCache) -> None:
        self.limits = limits
        self.kv = kv
        self.running: list[S] = []  # in the order in which they got room
        self.preempted = 0
        self._members: set[S] = set()
        self._queue: FairQueue[S] = FairQueue()
        self._moves: list[Move] = []

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def add(self, sequence: S) -> None:
        """Queue a request. It must fit into the cache by itself: `max_length` at most `kv.tokens`."""
        self._members.add(sequence)
        self._queue.push(sequence)

    def has(self, sequence: S) -> bool:
        """Return whether the request runs or waits."""
        return sequence in self._members

    def remove(self, sequence: S, *, failed: bool = False) -> None:
        """Remove a request that runs or waits, and keep its keys and values for prefix caching.

        They are forgotten when it failed, and when it was left in the middle of a prompt: no output has shown yet
        whether they are finite.
        """
        self._members.remove(sequence)
        if sequence.extent is None:
            self._queue.remove(sequence)
            return
        self.running.remove(sequence)
        self.kv.keep(sequence.extent, sequence.tokens[: sequence.read] if sequence.seen and not failed else [])
        sequence.extent = None

    def schedule(self) -> Plan[S]:
        """Plan the next step. Each request that can generate a token does; the rest of the step goes to prompts."""
        self._moves = []
        decoding = [sequence for sequence in self.running if sequence.unread == 1]
        decoding = [one for one in decoding if one.extent and self._has_room(one)]
        planned = [one for one in decoding if one.extent]  # some may have been preempted for others
        for sequence in planned:
            sequence.scheduled = 1
        self._draft(planned)
        most = self.limits.chunk_tokens if planned else self.limits.step_tokens
        left = self.limits.step_tokens
        for sequence in [one for one in self.running if one.unread > 1] + self._admit():
            if left == 0:
                break
            sequence.scheduled = min(sequence.unread, most, left)
            left -= sequence.scheduled
            planned.append(sequence)
        return Plan(self._moves, planned)

    def commit(self, plan: Plan[S]) -> None:
        """Note that a step was run: its tokens are read, all but guesses, which only their own outputs confirm."""
        for sequence in plan.sequences:
            if sequence.extent is None:
                continue
            sequence.seen = sequence.reads_last
            sequence.read += sequence.scheduled - len(sequence.draft)
            sequence.scheduled = 0
            if sequence.seen and sequence.read == sequence.prompt_length:
                self.kv.share(sequence.extent, sequence.tokens)

    def preempt(self, sequence: S) -> None:
        """Free a running request's room; it waits at the head of the queue and is read anew."""
        assert sequence.extent is not None
        self.running.remove(sequence)
        self.kv.free(sequence.extent)
        sequence.extent, sequence.read, sequence.scheduled, sequence.seen, sequence.draft = None, 0, 0, False, []
        self._queue.push_front(sequence)
        self.preempted += 1

    def _draft(self, decoding: list[S]) -> None:
        """Have requests guess tokens, as many as fit into the room that each has, while few enough of them run."""
        left = self.limits.drafts - len(decoding)
        for place, sequence in enumerate(decoding):
            sequence.draft = []
            assert sequence.extent is not None
            room = min(sequence.max_length - 1, sequence.extent.size) - len(sequence.tokens)
            most = min(left // (len(decoding) - place), room)
            if most < 1:
                continue
            if sequence.lookup is None:
                sequence.lookup = PromptLookup()
            sequence.draft = sequence.lookup.propose(sequence.tokens, most)
            sequence.scheduled += len(sequence.draft)
            left -= len(sequence.draft)

    def _has_room(self, sequence: S) -> bool:
        """Make room for the token that is read next. Return False when the request was preempted instead."""
        extent = sequence.extent
        assert extent is not None
        if len(sequence.tokens) <= extent.size:
            return True
        room = min(sequence.max_length, 2 * extent.size)
        while (allocation := self.kv.grow(extent, room, sequence.read)) is None:
            last = self.running[-1]
            self.preempt(last)
            if last is sequence:
                return False
        self._assign(sequence, allocation)
        return True

    def _admit(self) -> list[S]:
        """Give room to the next requests of the queue, as long as there is any."""
        admitted: list[S] = []
        while len(self.running) < self.limits.running and (sequence := self._queue.peek()) is not None:
            if sum(one.unread for one in admitted) >= self.limits.step_tokens:
                break  # it would get room now and be read later
            room = min(sequence.max_length, len(sequence.tokens) + _RESERVE)
            allocation = self.kv.allocate(sequence.tokens, room, min(sequence.reusable, len(sequence.tokens) - 1))
            if allocation is None:
                break
            self._queue.pop()
            self.running.append(sequence)
            self._assign(sequence, allocation)
            sequence.read = allocation.filled
            sequence.cached = max(sequence.cached, min(allocation.filled, sequence.prompt_length))
            admitted.append(sequence)
        return admitted

    def _assign(self, sequence: S, allocation: Allocation) -> None:
        sequence.extent = allocation.extent
        if allocation.move:
            self._moves.append(allocation.move)
