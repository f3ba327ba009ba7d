"""A model that only remembers: it runs a scheduler's plans, and sees whether every place holds what it should."""

from collections.abc import Sequence as Values
from dataclasses import dataclass

from worker.engine.loop.kv import KVCache
from worker.engine.loop.scheduler import BatchLimits, Plan, Scheduler
from worker.engine.loop.sequence import Sequence


@dataclass(eq=False, slots=True, kw_only=True)
class Telling(Sequence):
    """A request whose next token follows from those before it."""

    name: int


class WatchedScheduler(Scheduler[Telling]):
    """Remembers who lost its place in a step."""

    def __init__(self, limits: BatchLimits, kv: KVCache) -> None:
        super().__init__(limits, kv)
        self.displaced: list[Telling] = []

    def preempt(self, sequence: Telling) -> None:
        self.displaced.append(sequence)
        super().preempt(sequence)


class ImaginaryModel:
    """Keeps in each place of the cache what its keys and values depend on: the token and all before it.

    With it goes the size of the extent, since the layout of keys and values within one depends on that.
    right: guesses that came true.
    """

    def __init__(self, limits: BatchLimits, kv_tokens: int, longest: int) -> None:
        self.scheduler = WatchedScheduler(limits, KVCache(kv_tokens, longest))
        self._cells: list[tuple[int, int] | None] = [None] * kv_tokens
        self.right = 0

    def step(self) -> list[Telling]:
        """Run one step; returns who made tokens: one, and one more for each of its guesses that came true."""
        plan = self._plan()
        self._run(plan)
        made = [one for one in plan.sequences if one.reads_last]
        self.scheduler.commit(plan)
        self.check_places()
        going = made
        while going:
            for one in going:
                one.append(hash(tuple(one.tokens[-5:])) % 2)
            self.right += len(going)
            going = [one for one in going if one.confirm_guess() and not self._breaks_off(one)]
        self.right -= len(made)
        self.check_places()
        return made

    def _breaks_off(self, one: Telling) -> bool:
        """Return whether a request has all its tokens, or a stop string in the middle of its guesses."""
        return len(one.tokens) >= one.max_length or hash(tuple(one.tokens)) % 40 == 0

    def fail(self) -> None:
        """Run a step that breaks off in the middle: nothing in the cache can be trusted, and everybody begins anew."""
        self._plan()
        self._cells = [None] * len(self._cells)
        for one in reversed(self.scheduler.running[:]):
            self.scheduler.preempt(one)
        self.scheduler.kv.clear()

    def check_places(self) -> None:
        """Limiter of running requests don't overlap, lie within the cache and hold exactly what was read."""
        end = 0
        extents = [(one.extent.start, one.extent.size, one) for one in self.scheduler.running if one.extent]
        assert len(extents) == len(self.scheduler.running)
        for start, size, one in sorted(extents, key=lambda extent: extent[0]):
            assert start >= end
            end = start + size
            assert one.read <= size
            held = [(content, size) for content in _contents(one.tokens, one.read)]
            assert self._cells[start : start + one.read] == held, "wrong keys and values"
        assert end <= len(self._cells)
        assert sum(size for _, size, _ in extents) == self.scheduler.kv.used

    def _plan(self) -> Plan[Telling]:
        scheduler = self.scheduler
        limits = scheduler.limits
        decoding = [one for one in scheduler.running if one.unread == 1]
        scheduler.displaced = []
        plan = scheduler.schedule()
        sequences = plan.sequences
        kept = [one for one in decoding if one not in scheduler.displaced]
        others = [one for one in sequences if one not in kept]
        assert sequences or not (scheduler.running or scheduler.waiting), "a step that does nothing"
        assert len(set(sequences)) == len(sequences), "a request is read twice"
        assert len(scheduler.running) <= limits.running
        assert set(kept) <= set(sequences), "a request that makes tokens was left out"
        assert sum(one.scheduled for one in others) <= limits.step_tokens
        assert not kept or all(one.scheduled <= limits.chunk_tokens for one in others)
        assert not any(one.draft for one in others), "a prompt has guesses"
        assert all(one.scheduled == 1 + len(one.draft) for one in kept)
        assert sum(one.scheduled for one in kept) <= max(limits.drafts, len(kept)), "more guesses than allowed"
        assert all(len(one.tokens) + len(one.draft) < one.max_length for one in kept if one.draft)
        return plan

    def _run(self, plan: Plan[Telling]) -> None:
        for move in plan.moves:
            assert move.count <= min(move.source_size, move.target_size)
            source = self._cells[move.source : move.source + move.count]
            assert all(cell and cell[1] == move.source_size for cell in source), "a move of what is not there"
            self._write(move.target, [cell[0] for cell in source if cell], move.target_size)
        for one in plan.sequences:
            end = one.read + one.scheduled
            assert one.extent and one.scheduled > 0
            tokens = one.tokens + one.draft
            assert end <= min(len(tokens), one.extent.size)
            self._write(one.extent.start + one.read, _contents(tokens, end)[one.read :], one.extent.size)

    def _write(self, start: int, contents: Values[int], size: int) -> None:
        self._cells[start : start + len(contents)] = [(content, size) for content in contents]


def _contents(tokens: Values[int], count: int) -> list[int]:
    content, found = 0, []
    for token in tokens[:count]:
        content = hash((content, token))
        found.append(content)
    return found
