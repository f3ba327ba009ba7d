"""The loop that serves everybody: fairness, deadlines, cancels, failures of one and of all."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count, cycle
from random import Random
from threading import Event, Thread

import pytest

from tests.worker.engine.listener import WAIT_S, Listener
from worker.engine.errors import DeadlineExceeded, EngineStopped, OutOfMemory
from worker.engine.loop.engine_loop import BatchEngine
from worker.engine.loop.kv import KVCache
from worker.engine.loop.scheduler import BatchLimits, Plan
from worker.engine.loop.scripted import ScriptedEngine, ScriptedRunner, ScriptRun
from worker.engine.params import SamplingParams
from worker.engine.protocol import ModelInfo, Output, Request
from worker.engine.request_state import StepOutput

INFO = ModelInfo("scripted", 1024, True, parameters=0, device="cpu", dtype="none")
Fault = Callable[[Plan[ScriptRun]], None]


class FaultyRunner(ScriptedRunner):
    """Recites prompts, unless `fault` raises."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(lambda request: (f"{word} " for word in str(request.prompt).split()), INFO)
        self.fault = fault
        self.sizes: list[int] = []

    def run(self, plan: Plan[ScriptRun]) -> list[tuple[ScriptRun, StepOutput]]:
        self.sizes.append(len(plan.sequences))
        self.fault(plan)
        return super().run(plan)

    def is_fatal(self, error: Exception) -> bool:
        return isinstance(error, OSError)


MakeFaulty = Callable[[Fault], tuple[FaultyRunner, BatchEngine[ScriptRun]]]


@pytest.fixture
def faulty() -> Iterator[MakeFaulty]:
    made: list[BatchEngine[ScriptRun]] = []

    def make(fault: Fault) -> tuple[FaultyRunner, BatchEngine[ScriptRun]]:
        runner = FaultyRunner(fault)
        made.append(BatchEngine(runner, BatchLimits(), KVCache(64 * 1024, 1024)))
        made[-1].launch()
        return runner, made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def held() -> Iterator[tuple[Callable[..., ScriptedEngine], Event]]:
    """Engines whose first request, named "first", keeps everybody waiting until the gate opens."""
    made: list[ScriptedEngine] = []
    gate = Event()

    def script(request: Request) -> Iterator[str]:
        if request.id == "first":
            assert gate.wait(WAIT_S)
        yield from cycle(["word "])

    def make(**options: object) -> ScriptedEngine:
        made.append(ScriptedEngine(script, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make, gate
    gate.set()
    for engine in made:
        engine.close()


MakeHeld = tuple[Callable[..., ScriptedEngine], Event]


def ask_for(engine: BatchEngine[ScriptRun], listener: Listener, name: str, words: int = 1, **options: object) -> None:
    engine.submit(Request(name, "word", SamplingParams(max_tokens=words), **options), listener)  # type: ignore[arg-type]


def test_a_group_with_100_requests_lets_a_single_one_of_another_group_through(held: MakeHeld) -> None:
    make, gate = held
    engine, listener = make(limits=BatchLimits(running=1)), Listener()
    ask_for(engine, listener, "first", group="crowd")
    for number in range(100):
        ask_for(engine, listener, f"crowd-{number}", words=3, group="crowd")
    ask_for(engine, listener, "single", words=3, group="alone")
    gate.set()

    listener.wait_for_finish("crowd-99")
    assert listener.finishes().index("single") <= 3


def test_groups_are_served_by_weight(held: MakeHeld) -> None:
    make, gate = held
    engine, listener = make(limits=BatchLimits(running=1)), Listener()
    ask_for(engine, listener, "first")
    for number in range(60):
        ask_for(engine, listener, f"heavy-{number}", group="heavy", weight=3)
        ask_for(engine, listener, f"light-{number}", group="light")
    gate.set()

    listener.wait_for_finish("light-59")
    served = Counter(name.split("-")[0] for name in listener.finishes()[1:41])
    assert served["heavy"] == pytest.approx(30, abs=2)


def test_64_requests_go_on_in_one_step_and_a_sink_hears_of_all_of_them_at_once(held: MakeHeld) -> None:
    make, gate = held
    engine, calls = make(), []

    def sink(outputs: Sequence[Output]) -> None:
        calls.append([output.request_id for output in outputs if output.text])
        listener(outputs)

    listener = Listener()
    engine.submit(Request("first", "word", SamplingParams(max_tokens=1)), listener)
    for number in range(64):
        engine.submit(Request(f"{number}", "word", SamplingParams(max_tokens=5)), sink)
    gate.set()

    for number in range(64):
        assert listener.wait_for_finish(f"{number}").reason == "length"
    assert [len(call) for call in calls].count(64) >= 4
    assert len(calls) <= 8
    assert all(len(set(call)) == len(call) for call in calls)


def test_deadlines_end_what_waits_and_what_runs_while_others_go_on() -> None:
    engine = ScriptedEngine(lambda _: cycle(["word "]), delay_s=0.005, limits=BatchLimits(running=2))
    listener = Listener()
    ask_for(engine, listener, "running", words=1000, timeout_s=0.2)
    ask_for(engine, listener, "sound", words=60)
    ask_for(engine, listener, "waiting", timeout_s=0.05)

    for name in ("running", "waiting"):
        finish = listener.wait_for_finish(name)
        assert finish.reason == "error"
        assert isinstance(finish.error, DeadlineExceeded)
    assert listener.text("running") and not listener.text("waiting")
    assert listener.wait_for_finish("sound").reason == "length"
    assert listener.finishes()[0] == "waiting"
    engine.close()


def test_under_random_submits_cancels_and_a_close_each_request_finishes_once() -> None:
    engine = ScriptedEngine(lambda _: cycle(["word "]), limits=BatchLimits(running=8), kv_tokens=2048)
    listener = Listener()
    halfway = Event()

    def work(thread: int) -> None:
        rng = Random(thread)
        for number in range(60):
            name = f"{thread}-{number}"
            timeout_s = rng.choice([None, 0.0001, 0.01, 30])
            ask_for(engine, listener, name, rng.randint(1, 30), group=f"{thread}", timeout_s=timeout_s)
            if rng.random() < 0.4:
                engine.cancel(f"{thread}-{rng.randint(0, number)}")
            engine.stats()
            if number == 30:
                halfway.set()

    threads = [Thread(target=work, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    assert halfway.wait(WAIT_S)
    closing = Thread(target=engine.close)
    closing.start()
    for thread in [*threads, closing]:
        thread.join()

    assert Counter(listener.finishes()) == Counter(f"{thread}-{number}" for thread in range(8) for number in range(60))


def test_a_cancel_while_a_prompt_is_being_checked_leaves_nothing_behind() -> None:
    checking, gate = Event(), Event()

    class SlowRunner(ScriptedRunner):
        def tokenize(self, state):  # type: ignore[no-untyped-def]
            checking.set()
            assert gate.wait(WAIT_S)
            return super().tokenize(state)

    engine = BatchEngine(SlowRunner(lambda _: ["word"], INFO), BatchLimits(), KVCache(2048, 1024))
    engine.launch()
    listener = Listener()
    submitting = Thread(target=ask_for, args=(engine, listener, "early"))
    submitting.start()
    assert checking.wait(WAIT_S)
    engine.cancel("early")
    assert listener.wait_for_finish("early").reason == "canceled"
    gate.set()
    submitting.join()
    ask_for(engine, listener, "next")
    listener.wait_for_finish("next")

    assert engine._sequences == {}
    assert listener.finishes() == ["early", "next"]
    engine.close()


def test_when_memory_runs_out_fewer_run_at_a_time_and_all_get_their_text(faulty: MakeFaulty) -> None:
    def fault(plan: Plan[ScriptRun]) -> None:
        if len(plan.sequences) > 5:
            raise MemoryError

    _, engine = faulty(fault)
    listener = Listener()
    for number in range(40):
        engine.submit(Request(f"{number}", f"{number} says " * 20), listener)

    for number in range(40):
        assert listener.wait_for_finish(f"{number}").reason == "stop"
        assert listener.text(f"{number}") == f"{number} says " * 20
    assert engine.stats().preempted > 0
    assert engine.stats().kv_used == 0


def test_after_a_while_without_trouble_more_run_at_a_time_again(faulty: MakeFaulty) -> None:
    faults = count()

    def fault(plan: Plan[ScriptRun]) -> None:
        if len(plan.sequences) > 8 and next(faults) < 3:
            raise MemoryError

    runner, engine = faulty(fault)
    listener = Listener()
    for number in range(40):
        engine.submit(Request(f"{number}", f"{number} says " * 250), listener)

    for number in range(40):
        assert listener.wait_for_finish(f"{number}").reason == "stop"
        assert listener.text(f"{number}") == f"{number} says " * 250
    assert min(runner.sizes) <= 8 < max(runner.sizes[-400:])
    assert engine._scheduler.limits == BatchLimits()


def test_a_request_that_needs_too_much_memory_by_itself_fails_alone(faulty: MakeFaulty) -> None:
    def fault(plan: Plan[ScriptRun]) -> None:
        if any(sequence.state.request.id == "huge" for sequence in plan.sequences):
            raise MemoryError

    _, engine = faulty(fault)
    listener = Listener()
    for name in ("a", "huge", "b", "c"):
        engine.submit(Request(name, "some words"), listener)

    failed = listener.wait_for_finish("huge")
    assert isinstance(failed.error, OutOfMemory)
    assert failed.error.retryable
    for name in "abc":
        assert listener.wait_for_finish(name).reason == "stop"
        assert listener.text(name) == "some words "


def test_an_error_that_one_request_causes_fails_only_that_one(
    faulty: MakeFaulty, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(plan: Plan[ScriptRun]) -> None:
        if any(sequence.state.request.id.startswith("bad") for sequence in plan.sequences):
            raise RuntimeError("device-side nonsense")

    _, engine = faulty(fault)
    listener = Listener()
    for number in range(5):
        engine.submit(Request(f"good-{number}", "some words"), listener)
        engine.submit(Request(f"bad-{number}", "some words"), listener)

    for number in range(5):
        assert listener.wait_for_finish(f"good-{number}").reason == "stop"
        assert listener.text(f"good-{number}") == "some words "
        error = listener.wait_for_finish(f"bad-{number}").error
        assert error is not None and "nonsense" not in error.message
    assert "step failed" in caplog.messages


def test_an_engine_in_which_nothing_works_ends_and_says_so_once(
    faulty: MakeFaulty, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(plan: Plan[ScriptRun]) -> None:
        raise RuntimeError("broken")

    _, engine = faulty(fault)
    listener = Listener()
    names = [f"{number}" for number in range(10)]
    for name in names:
        engine.submit(Request(name, "some words"), listener)

    errors = [listener.wait_for_finish(name).error for name in names]
    stopped = [error for error in errors if isinstance(error, EngineStopped)]
    assert all(error is not None and error.retryable for error in errors)
    assert len(stopped) == len(names) - 2
    engine.submit(Request("late", "some words"), listener)
    assert isinstance(listener.wait_for_finish("late").error, EngineStopped)
    assert sorted(listener.finishes()) == sorted([*names, "late"])
    assert [record.message for record in caplog.records if record.levelno >= logging.CRITICAL] == [
        "engine failed and stops"
    ]


def test_an_error_after_which_nothing_can_run_ends_the_engine_at_once(
    faulty: MakeFaulty, caplog: pytest.LogCaptureFixture
) -> None:
    steps = count()

    def fault(plan: Plan[ScriptRun]) -> None:
        if next(steps) == 2:
            raise OSError("the device is gone")

    runner, engine = faulty(fault)
    listener = Listener()
    for number in range(10):
        engine.submit(Request(f"{number}", "some words " * 10), listener)

    for number in range(10):
        assert isinstance(listener.wait_for_finish(f"{number}").error, EngineStopped)
    assert len(runner.sizes) == 3
    assert len([record for record in caplog.records if record.levelno >= logging.CRITICAL]) == 1
