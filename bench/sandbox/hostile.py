"""Harmful runs between good ones: the good ones' times and outputs, and the ends of the others.

Runs begin at fixed times, so that slow ones do not make the next ones fewer, and a good run's time counts from the
moment when it was due. Its answer has 20 words, 10 ms each. Half of the good runs share the hostile ones' host. Blocks
of good runs alone take turns with blocks of the same good runs among hostile ones.
"""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bench.common.samples import percentile
from bench.sandbox.harm import Deed, do_harm
from bench.sandbox.plugins import HOSTILE, TOOLS
from bench.sandbox.port import TimedPort
from bench.sandbox.report import Figure, Part
from bench.sandbox.sizes import Sizes
from bench.sandbox.stage import open_sandbox
from gptstore.jobs.lifecycle.states import MAX_ATTEMPTS
from worker.hosts.base import ToolCall
from worker.hosts.errors import HostLost
from worker.hosts.sandbox.sandbox import Sandbox

EVERY_SECONDS = 0.06
WORDS, WORD_SECONDS = 20, 0.01
THREADS = 128
BOUNDS = {"memory": 400_000_000, "cpu_seconds": 1}
P95_AIM = 1.25


@dataclass(frozen=True)
class Good:
    """A good run: milliseconds until the model was asked and until the end, and whether the output was right."""

    asked: float
    ended: float
    right: bool
    attempts: int = 1


@dataclass
class Block:
    """Some good runs, and the hostile ones among them."""

    good: list[Good] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)


def measure(sizes: Sizes) -> Part:
    alone, among = Block(), Block()
    precious = Path(os.environ["GPTSTORE_VAR"]) / "precious"
    precious.write_text("precious")
    good, bad = sizes.good // sizes.blocks, sizes.bad // sizes.blocks
    with open_sandbox(TOOLS, HOSTILE, **BOUNDS) as sandbox, ThreadPoolExecutor(THREADS) as threads:
        hosts = [supervisor.process for supervisor in sandbox.supervisors]
        for number in range(sizes.blocks):
            run_block(sandbox, threads, alone, good, 0, str(precious))
            run_block(sandbox, threads, among, good, bad, str(precious))
            assert len(among.deeds) == (number + 1) * bad
        lost = sum(supervisor.process is not host for supervisor, host in zip(sandbox.supervisors, hosts, strict=True))
    facts = {"every_ms": 1000 * EVERY_SECONDS, "answer_ms": 1000 * WORDS * WORD_SECONDS, "ended": endings(among.deeds)}
    harmed = int(precious.read_text() != "precious")
    return Part("hostile", [*figures(alone, among, lost), Figure("harmed files", harmed, aim=0)], facts)


def run_block(sandbox: Sandbox, threads: ThreadPoolExecutor, block: Block, good: int, bad: int, target: str) -> None:
    """Run a block; a hostile run begins in the middle between two good ones."""
    runs: list[Future[Good]] = []
    deeds: list[Future[Deed]] = []
    first, begun_at = len(block.deeds), time.monotonic()
    for number in range(2 * max(good, bad)):
        due = begun_at + number * EVERY_SECONDS / 2
        time.sleep(max(0.0, due - time.monotonic()))
        turn, is_bad = divmod(number, 2)
        if is_bad and turn < bad:
            deeds.append(threads.submit(do_harm, sandbox, first + turn, target))
        elif not is_bad and turn < good:
            runs.append(threads.submit(run_good, sandbox, turn, due))
    block.good += [run.result() for run in runs]
    block.deeds += [deed.result() for deed in deeds]


def run_good(sandbox: Sandbox, number: int, due: float) -> Good:
    text = " ".join(f"word-{number}-{place}" for place in range(WORDS)) + " "
    calls = [
        (ToolCall(TOOLS, "passing", {"prompt": text, "tokens": WORDS}), text),
        (ToolCall(TOOLS, "touching", {"prompt": text, "tokens": WORDS}), text),
        (ToolCall(HOSTILE, "repeat", {"text": text}), text),
        (ToolCall(HOSTILE, "through", {"text": text}), f"<{text}>"),
    ]
    call, expected = calls[number % len(calls)]
    port, attempts = TimedPort(pause=WORD_SECONDS), 1
    right = run_right(sandbox, call, port, expected)
    while right is None and attempts < MAX_ATTEMPTS:
        port, attempts = TimedPort(pause=WORD_SECONDS), attempts + 1
        right = run_right(sandbox, call, port, expected)
    ended = time.monotonic() - due
    return Good(1000 * ((port.asked_at or time.monotonic()) - due), 1000 * ended, bool(right), attempts)


def run_right(sandbox: Sandbox, call: ToolCall, port: TimedPort, expected: str) -> bool | None:
    """Return whether the output is right; None when the host was lost under it: then a worker runs it again."""
    try:
        sandbox.run(call, port)
    except HostLost:
        return None
    except Exception:
        return False
    return port.text == expected


def figures(alone: Block, among: Block, lost: int) -> list[Figure]:
    names = {"ended": "to the end", "asked": "until the model is asked"}
    ms = {
        (name, block): percentile([getattr(one, name) for one in runs.good], 95)
        for name in names
        for block, runs in (("alone", alone), ("among", among))
    }
    found = [
        Figure(f"good runs, p95 {label}: among hostile ones by alone", ms[name, "among"] / ms[name, "alone"], "×",
               aim=P95_AIM if name == "ended" else None)
        for name, label in names.items()
    ]  # fmt: skip
    found += [
        Figure("worker deaths", 0, aim=0),  # or nobody would say so
        Figure("hosts lost", lost, aim=0),
        Figure("good runs that were run again", sum(one.attempts > 1 for one in [*alone.good, *among.good]), aim=0),
        Figure("wrong outputs of good runs", sum(not one.right for one in [*alone.good, *among.good]), aim=0),
        Figure("hostile runs that got out", sum(deed.escaped for deed in among.deeds), aim=0),
        Figure("hostile runs whose code ran", sum(deed.ran for deed in among.deeds), f"of {len(among.deeds)}",
               aim=len(among.deeds), at_most=False),
    ]  # fmt: skip
    for name, label in names.items():
        found += [Figure(f"good runs {block}, p95 {label}", ms[name, block], "ms") for block in ("alone", "among")]
    return found


def endings(deeds: Sequence[Deed]) -> dict[str, dict[str, int]]:
    """Count the endings of each deed."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for deed in deeds:
        found[deed.what][deed.ending] += 1
    return {what: dict(counted.most_common()) for what, counted in sorted(found.items())}
