"""Tokens a second of many answers at the same time: through the sandbox, in the process, and in the bare engine.

The rate is the engine's own while all answers are being made; `whole` is all tokens by the time from the first run's
beginning to the last run's end, with the start of every child. `passing` is a tool whose text goes past it, `touching`
one that has each piece in its hands. What a run goes through is in `seat`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import psutil
import torch
from transformers import AutoTokenizer

from bench.common.errors import NotMeasured
from bench.engine.bundled import MODEL
from bench.engine.crowd import Ask, run_in_engine
from bench.engine.model import GPT2_124M, TINY, save_model
from bench.engine.prompts import Prompts
from bench.sandbox.meter import Meter
from bench.sandbox.plugins import TOOLS
from bench.sandbox.report import Figure, Part
from bench.sandbox.seat import run_job
from bench.sandbox.sizes import Sizes
from bench.sandbox.stage import open_sandbox, within_process
from bench.sandbox.untiring import Untiring
from worker.engine.local.loading import load_engine
from worker.engine.protocol import Engine
from worker.hosts.base import ToolHost
from worker.hosts.sandbox.sandbox import Sandbox

AIM = 0.92
PROMPT_TOKENS = 16
TOOLS_RUN = ("passing", "touching")
BARE = "bare engine"


@dataclass(frozen=True)
class Reading:
    """One round. cpu_ms: processor time for 1,000 tokens, of the worker and of the host with its children."""

    per_s: float
    whole_per_s: float
    cpu_ms: float


def measure(sizes: Sizes) -> Part:
    figures: list[Figure] = []
    with open_sandbox(TOOLS) as sandbox, larger_model(sizes) as larger:
        for name, model, tokens, rounds in (
            ("bundled", MODEL, sizes.bundled_tokens, sizes.rounds),
            ("124M", str(larger), sizes.larger_tokens, sizes.larger_rounds),
        ):
            engine = Untiring(load_engine(model))
            try:
                readings = Contest(engine, sandbox, model, sizes.streams).run(tokens, rounds)
            finally:
                engine.close()
            figures += compare(name, readings)
    facts = {"streams": sizes.streams, "tokens": {"bundled": sizes.bundled_tokens, "124M": sizes.larger_tokens}}
    return Part("tokens", [*sorted(figures, key=lambda figure: figure.unit != "×")], facts)


@contextmanager
def larger_model(sizes: Sizes) -> Iterator[Path]:
    with TemporaryDirectory(prefix="bench-sandbox-") as folder:
        yield save_model(Path(folder), TINY if sizes.tiny else GPT2_124M, torch.bfloat16)


class Contest:
    """Runs the subjects in turns, with new prompts each time."""

    def __init__(self, engine: Engine, sandbox: Sandbox, model: str, streams: int) -> None:
        self.engine = engine
        self.sandbox = sandbox
        self.streams = streams
        self.prompts = Prompts(AutoTokenizer.from_pretrained(model), engine.count_tokens)

    def run(self, tokens: int, rounds: int) -> dict[str, list[Reading]]:
        readings: dict[str, list[Reading]] = defaultdict(list)
        with ThreadPoolExecutor(self.streams) as threads:
            subjects = self.subjects(threads)
            for number in range(rounds + 1):
                for name, subject in subjects.items():
                    reading = self.read(subject, tokens if number else 8)
                    readings[name] += [reading] if number else []
        return readings

    def subjects(self, threads: ThreadPoolExecutor) -> dict[str, Callable[[list[str], int], float]]:
        """Return the subjects: each makes so many tokens from each prompt, and returns seconds."""
        hosts: dict[str, ToolHost] = {"sandbox": self.sandbox, "in the process": within_process(TOOLS)}
        found = {BARE: self.run_bare}
        for name, host in hosts.items():
            for tool in TOOLS_RUN:
                found[f"{name}, {tool}"] = lambda prompts, tokens, host=host, tool=tool: self.run_jobs(
                    threads, host, tool, prompts, tokens
                )
        return found

    def read(self, subject: Callable[[list[str], int], float], tokens: int) -> Reading:
        prompts = [self.prompts.text(PROMPT_TOKENS) for _ in range(self.streams)]
        before = self.processor_seconds()
        with Meter(self.engine, self.streams) as meter:
            seconds = subject(prompts, tokens)
        made = self.streams * tokens
        whole = made / seconds
        return Reading(meter.rate() or whole, whole, 1e6 * (self.processor_seconds() - before) / made)

    def run_bare(self, prompts: Sequence[str], tokens: int) -> float:
        crowd = run_in_engine(self.engine, [Ask(prompt, PROMPT_TOKENS, tokens) for prompt in prompts])
        return crowd.ended_at - crowd.begun_at

    def run_jobs(
        self, threads: ThreadPoolExecutor, host: ToolHost, tool: str, prompts: Sequence[str], tokens: int
    ) -> float:
        begun_at = perf_counter()
        given = [{"prompt": prompt, "tokens": tokens} for prompt in prompts]
        runs = [*threads.map(lambda one: run_job(self.engine, host, tool, one), given)]
        seconds = perf_counter() - begun_at
        for run in runs:
            if run.requests.completion_tokens != tokens or not run.publisher.text:
                raise NotMeasured(f"A run made {run.requests.completion_tokens} of {tokens} tokens.")
        return seconds

    def processor_seconds(self) -> float:
        total = process_time()
        for supervisor in self.sandbox.supervisors:
            times = psutil.Process(supervisor.host).cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
        return total


def compare(model: str, readings: dict[str, list[Reading]]) -> list[Figure]:
    figures = []
    for name in readings:
        if name == BARE:
            continue
        aim = {"aim": AIM, "at_most": False} if name.startswith("sandbox") else {}
        figures.append(Figure.of(f"{model}: tokens/s, {name}, by {BARE}", ratios(readings, name, BARE), "×", **aim))
    for tool in TOOLS_RUN:
        both = ratios(readings, f"sandbox, {tool}", f"in the process, {tool}")
        figures.append(Figure.of(f"{model}: tokens/s, sandbox by in the process, {tool}", both, "×"))
    for name in readings:
        if name != BARE:
            whole = ratios(readings, name, BARE, "whole_per_s")
            figures.append(Figure.of(f"{model}: whole, {name}, by {BARE}", whole, "×"))
    for name, rounds in readings.items():
        figures.append(Figure.of(f"{model}: {name}", [one.per_s for one in rounds], "tokens/s"))
    for name, rounds in readings.items():
        cpu = [one.cpu_ms for one in rounds]
        figures.append(Figure.of(f"{model}: processor time of 1,000 tokens, {name}", cpu, "ms"))
    return figures


def ratios(readings: dict[str, list[Reading]], above: str, below: str, field: str = "per_s") -> list[float]:
    """Return the ratio of each round."""
    pairs = zip(readings[above], readings[below], strict=True)
    return [getattr(one, field) / getattr(other, field) for one, other in pairs]
