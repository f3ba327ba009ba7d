"""Row 5: the time between tokens of running requests while a long prompt is read (chunked prefill), and without one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from bench.common.errors import NotMeasured
from bench.common.samples import percentile
from bench.engine.crowd import Ask, Watch
from bench.engine.lab import Lab
from bench.engine.report import Line, Row, Target
from bench.engine.samples import summarize
from worker.engine.protocol import Request

TARGET = Target(3, 2, at_most=True)


@dataclass(frozen=True)
class Window:
    """The time from the submission of a long prompt to its first token, in `perf_counter` seconds."""

    begin: float
    end: float


def measure(lab: Lab) -> Row:
    sizes, engine, watch = lab.sizes, lab.engine, Watch()
    room = engine.info.context_length - sizes.short_prompt - 1
    runners = [ask.request() for ask in lab.asks(sizes.runners, sizes.short_prompt, room)]
    for runner in runners:
        watch.submit(engine, runner)
    try:
        windows = []
        _run_for(watch, runners, 2)
        begin = max(watch.times[runner.id][1] for runner in runners)
        for _ in range(sizes.arrivals):
            _run_for(watch, runners, sizes.steady_tokens)
            windows.append(_let_arrive(lab, watch, lab.ask(sizes.long_prompt, 1)))
        _run_for(watch, runners, sizes.steady_tokens)
    finally:
        for runner in runners:
            engine.cancel(runner.id)
        watch.wait_until(lambda: all(runner.id in watch.finishes for runner in runners), "the end of all runners")
    steady, disturbed = gaps([[at for at in watch.times[runner.id] if at >= begin] for runner in runners], windows)
    return report(sizes.long_prompt, steady, disturbed, windows)


def gaps(arrivals: Iterable[Sequence[float]], windows: Sequence[Window]) -> tuple[list[float], list[float]]:
    """Return seconds between tokens of one request: those that touch no window, and those that do."""
    steady, disturbed = [], []
    for before, after in (pair for times in arrivals for pair in pairwise(times)):
        touches = any(before < window.end and after > window.begin for window in windows)
        (disturbed if touches else steady).append(after - before)
    return steady, disturbed


def report(prompt: int, steady: list[float], disturbed: list[float], windows: Sequence[Window]) -> Row:
    if not (steady and disturbed):
        raise NotMeasured("No token came while the long prompt was read.")
    when = f"gap between tokens while {prompt} tokens are read vs steady"
    lines = [
        Line(f"p99 {when}", percentile(disturbed, 99) / percentile(steady, 99), TARGET),
        Line(f"median {when}", median(disturbed) / median(steady)),
    ]
    samples = {
        "gap, steady": summarize(steady, "s"),
        "gap, while a prompt is read": summarize(disturbed, "s"),
        "first token of the long prompt": summarize([window.end - window.begin for window in windows], "s"),
    }
    p99 = {"p99_steady_s": percentile(steady, 99), "p99_while_a_prompt_is_read_s": percentile(disturbed, 99)}
    return Row(5, lines, samples, p99)


def _run_for(watch: Watch, runners: Sequence[Request], tokens: int) -> None:
    """Wait until each running request has made so many more tokens. Raises NotMeasured when one ends before."""
    wanted = {runner.id: len(watch.times[runner.id]) + tokens for runner in runners}

    def reached() -> bool:
        return bool(watch.finishes.keys() & wanted) or all(len(watch.times[key]) >= n for key, n in wanted.items())

    watch.wait_until(reached, f"{tokens} tokens of each runner")
    if watch.finishes.keys() & wanted:
        raise NotMeasured("A running request ended too early: they did not run at the same time.")


def _let_arrive(lab: Lab, watch: Watch, ask: Ask) -> Window:
    request = ask.request()
    begin = watch.submit(lab.engine, request)
    watch.wait_until(lambda: request.id in watch.finishes, "the end of the long prompt")
    watch.check(request)
    return Window(begin, watch.times[request.id][0])
