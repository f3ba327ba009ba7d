"""The scheduler under random arrivals, cancels, lengths and failures, with caches that are far too small."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.worker.engine.imaginary import ImaginaryModel, Telling
from worker.engine.loop import scheduler as module
from worker.engine.loop.scheduler import BatchLimits

SETTINGS = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],
)
BEGINNINGS = [[Random(seed).randrange(2) for _ in range(200)] for seed in range(2)]

limits = some.builds(
    BatchLimits,
    running=some.sampled_from([4, 8, 3, 2, 1]),
    step_tokens=some.sampled_from([64, 100, 17, 3, 1]),
    chunk_tokens=some.sampled_from([16, 64, 5, 1]),
    drafts=some.sampled_from([16, 0, 5, 64]),
)


def tell(name: int, prompt: list[int], new: int, group: str = "", weight: float = 1.0) -> Telling:
    return Telling(
        name=name,
        tokens=list(prompt),
        prompt_length=len(prompt),
        max_length=len(prompt) + new,
        reusable=len(prompt) - 1,
        group=group,
        weight=weight,
    )


class Requests(RuleBasedStateMachine):
    """Requests come, are canceled, fail and end; steps run and break off. In the end all is as it was."""

    @initialize(
        limits=limits,
        blocks=some.sampled_from([4, 5, 3, 8, 6, 2, 1]),
        longest=some.sampled_from([250, 192, 130, 64, 2]),
        reserve=some.sampled_from([1, 16, 64, 256]),
    )
    def begin(self, limits: BatchLimits, blocks: int, longest: int, reserve: int) -> None:
        self.reserve, module._RESERVE = module._RESERVE, reserve
        self.max_length = min(longest, 64 * blocks)
        self.kv_tokens = 64 * blocks
        self.model = ImaginaryModel(limits, self.kv_tokens, min(self.kv_tokens, -(-self.max_length // 64) * 64))
        self.unfinished: list[Telling] = []
        self.ended: list[Telling] = []
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "model"):
            self.finish_all()
            module._RESERVE = self.reserve

    @rule(
        beginning=some.sampled_from(BEGINNINGS),
        shared=some.sampled_from([32, 16, 64, 100, 15, 0, 17, 192]),
        own=some.lists(some.integers(2, 3), max_size=20),
        new=some.sampled_from([200, 70, 20, 1, 2]),
        group=some.sampled_from("abc"),
        weight=some.sampled_from([0.5, 1.0, 3.0]),
        times=some.integers(1, 4),
    )
    def arrive(
        self, beginning: list[int], shared: int, own: list[int], new: int, group: str, weight: float, times: int
    ) -> None:
        prompt = ((beginning[:shared] + own) or [0])[: self.max_length - 1]
        for _ in range(times):
            one = tell(self.count, prompt, min(new, self.max_length - len(prompt)), group, weight)
            self.count += 1
            self.unfinished.append(one)
            self.model.scheduler.add(one)

    @precondition(lambda self: self.unfinished)
    @rule(data=some.data(), failed=some.booleans())
    def leave(self, data: some.DataObject, failed: bool) -> None:
        one = data.draw(some.sampled_from(self.unfinished))
        self.end(one, failed)

    @rule(times=some.sampled_from([30, 80, 7, 1]))
    def run(self, times: int) -> None:
        for _ in range(times):
            self.step()

    @rule()
    def step_fails(self) -> None:
        self.model.fail()

    @rule(limits=limits)
    def other_limits(self, limits: BatchLimits) -> None:
        if limits.running >= len(self.model.scheduler.running):
            self.model.scheduler.limits = limits

    @invariant()
    def nobody_is_lost(self) -> None:
        if hasattr(self, "model"):
            scheduler = self.model.scheduler
            assert all(scheduler.has(one) for one in self.unfinished)
            assert not any(scheduler.has(one) for one in self.ended)
            assert len(scheduler.running) + scheduler.waiting == len(self.unfinished)

    def step(self) -> None:
        for one in self.model.step():
            if len(one.tokens) >= one.max_length:
                self.end(one)

    def end(self, one: Telling, failed: bool = False) -> None:
        self.model.scheduler.remove(one, failed=failed)
        self.unfinished.remove(one)
        self.ended.append(one)

    def finish_all(self) -> None:
        """Whoever came first among those who run can't lose its place to others, so this ends."""
        steps = 0
        most = 100 + sum(one.max_length for one in self.unfinished) * 4
        while self.unfinished:
            self.step()
            steps += 1
            assert steps < most, "stuck"
        kv = self.model.scheduler.kv
        assert kv.used == 0
        kv.clear()
        assert kv.used == 0
        assert kv._allocator._free == [(0, self.kv_tokens)]
        assert kv._index._extents == {}


TestRequests = Requests.TestCase
TestRequests.settings = SETTINGS


@given(seed=some.integers(0, 10**6), reserve=some.sampled_from([1, 64, 256]), blocks=some.sampled_from([4, 6, 9, 16]))
@SETTINGS
def test_a_crowd_that_begins_alike_is_read_rightly(seed: int, reserve: int, blocks: int) -> None:
    rng = Random(seed)
    limits = BatchLimits(rng.randint(1, 6), rng.randint(20, 200), rng.randint(1, 64), rng.choice([0, 8, 40]))
    model = ImaginaryModel(limits, 64 * blocks, 256)
    scheduler = model.scheduler
    arriving = [_someone(rng, name) for name in range(30)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_RESERVE", reserve)
        while arriving or scheduler.running or scheduler.waiting:
            while arriving and rng.random() < 0.3:
                scheduler.add(arriving.pop())
            for one in model.step():
                if len(one.tokens) >= one.max_length or rng.random() < 0.01:
                    scheduler.remove(one)

    assert scheduler.kv.used == 0


@pytest.mark.parametrize(("drafts", "guesses"), [(0, 0), (8, 0), (9, 1), (16, 8), (64, 32)])
def test_requests_share_the_room_for_guesses_and_many_leave_none(drafts: int, guesses: int) -> None:
    """Four tokens are guessed at first, of a text that goes in circles."""
    scheduler = ImaginaryModel(BatchLimits(8, 512, 64, drafts), 64 * 64, 256).scheduler
    for name in range(8):
        scheduler.add(tell(name, [0, 1] * 10, 100))
    prompts = scheduler.schedule()
    scheduler.commit(prompts)
    for one in prompts.sequences:
        one.append(0)

    plan = scheduler.schedule()

    assert len(plan.sequences) == 8
    assert sum(len(one.draft) for one in plan.sequences) == guesses


def _someone(rng: Random, name: int) -> Telling:
    shared = rng.choice(BEGINNINGS)[: rng.choice([16, 32, 48, 100])]
    own = [2] * rng.choice([0, 0, 1, 16, 40])
    return tell(name, shared + own, rng.choice([1, 2, 16, 50, 256 - len(shared + own)]), group=rng.choice("ab"))
