"""Finds leaks: memory, descriptors and processes that the worker and a host keep of past runs.

Runs of three kinds, four at a time: one that does nothing, one whose answer goes past it, one that has it in its hands.
`Look` lists what is counted. A straight line through the later half of the looks gives the leak of a run: in the
first half caches and allocators, which grow by steps, reach the size that they then keep.
"""

import gc
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from statistics import linear_regression

import psutil

from bench.sandbox.plugins import TOOLS
from bench.sandbox.report import Figure, Part
from bench.sandbox.seat import run_job
from bench.sandbox.sizes import Sizes
from bench.sandbox.stage import open_sandbox
from worker.engine.loop.scripted import ScriptedEngine
from worker.process.open_engine import say_back

AT_A_TIME = 4
CACHE_TOKENS = 2048
"""Tokens of earlier prompts that the engine caches at most: the cache is full before the first look."""

SETTLE_SECONDS = 1.0
KINDS = ("nothing", "passing", "touching")
ANSWER = "Each of these words is a token of the answer. "
BYTES_AIM = 100.0
"""A page or two more of the allocator's look like this; a leak of a few hundred bytes does not."""


@dataclass(frozen=True)
class Look:
    """Counts after so many runs. blocks: pieces of memory that Python's own allocator has given out in the worker."""

    runs: int
    rss: int
    blocks: int
    descriptors: int
    threads: int
    zombies: int
    host_rss: int
    host_descriptors: int


def measure(sizes: Sizes) -> Part:
    engine = ScriptedEngine(say_back, context_length=256, kv_tokens=CACHE_TOKENS)
    with open_sandbox(TOOLS) as sandbox, ThreadPoolExecutor(AT_A_TIME) as threads:
        assert sandbox.supervisors[0].process is not None
        host = psutil.Process(sandbox.supervisors[0].host)
        each = sizes.grown // sizes.looks
        looks = []
        for number in range(sizes.looks):
            kinds = [KINDS[turn % len(KINDS)] for turn in range(each)]
            for _ in threads.map(lambda kind: run_job(engine, sandbox, kind, given(kind)), kinds):
                pass
            looks.append(look((number + 1) * each, host))
    engine.close()
    return Part("growth", figures(looks), {"looks": [asdict(one) for one in looks]})


def given(kind: str) -> dict[str, object]:
    return {} if kind == "nothing" else {"prompt": ANSWER, "tokens": 100}


def look(runs: int, host: psutil.Process) -> Look:
    for thread in threading.enumerate():
        if thread.name.startswith("answer "):  # it ends just after its run
            thread.join(SETTLE_SECONDS)
    gc.collect()
    own = psutil.Process()
    children = own.children(recursive=True)
    return Look(
        runs,
        own.memory_info().rss,
        sys.getallocatedblocks(),
        own.num_fds(),
        threading.active_count(),
        sum(child.status() == psutil.STATUS_ZOMBIE for child in children),
        host.memory_info().rss,
        host.num_fds(),
    )


def figures(looks: Sequence[Look]) -> list[Figure]:
    first, last, late = looks[len(looks) // 10], looks[-1], looks[len(looks) // 2 :]
    found = [
        Figure("worker, bytes that a run leaves", slope(late, lambda one: one.rss), "B", aim=BYTES_AIM),
        Figure("host, bytes that a run leaves", slope(late, lambda one: one.host_rss), "B", aim=BYTES_AIM),
        Figure("worker, Python's blocks that a run leaves", slope(late, lambda one: one.blocks)),
        Figure("descriptors more in the worker", last.descriptors - first.descriptors, aim=0),
        Figure("descriptors more in the host", last.host_descriptors - first.host_descriptors, aim=0),
        Figure("threads more in the worker", last.threads - first.threads, aim=0),
        Figure("zombies", last.zombies, aim=0),
    ]
    for name, one in (("after", first), ("and after", last)):
        found.append(Figure(f"worker {name} {one.runs:,} runs", one.rss / 1e6, "MB"))
        found.append(Figure(f"host {name} {one.runs:,} runs", one.host_rss / 1e6, "MB"))
    return found


def slope(looks: Sequence[Look], value: Callable[[Look], int]) -> float:
    if len(looks) < 2:
        return 0.0
    return linear_regression([one.runs for one in looks], [value(one) for one in looks]).slope
