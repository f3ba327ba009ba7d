"""Requests that run at the same time, and the arrival times of their tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from statistics import median
from threading import Event
from time import perf_counter

from bench.common.errors import NotMeasured
from harness.waiting import wait_until
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Finish, Output, Request

WAIT_S = 300
_numbers = count()


@dataclass(frozen=True)
class Ask:
    """A prompt, its tokens, and the number of new ones that are wanted."""

    prompt: str
    prompt_tokens: int
    new_tokens: int

    def request(self) -> Request:
        params = SamplingParams(max_tokens=self.new_tokens, temperature=0, ignore_end=True)
        return Request(f"bench-{next(_numbers)}", self.prompt, params)


@dataclass(frozen=True)
class Crowd:
    """The course of requests that were submitted together. Times are `perf_counter` seconds.

    arrivals: for each request the times at which text or tokens of it came. tokens: new ones, of all requests.
    cached_tokens: prompt tokens that were not computed, of all requests.
    """

    begun_at: float
    ended_at: float
    arrivals: tuple[tuple[float, ...], ...]
    tokens: int
    cached_tokens: int = 0

    @property
    def tokens_per_s(self) -> float:
        """Return new tokens of all requests a second, from the first submission to the last token."""
        return self.tokens / (self.ended_at - self.begun_at)

    @property
    def first_token_s(self) -> float:
        """Return median seconds to the first token."""
        return median(times[0] - self.begun_at for times in self.arrivals)

    def step_seconds(self) -> list[float]:
        """Return the time of each step while all requests were making tokens and none was reading its prompt.

        Right for a subject that hands over the tokens of a step at one time. Raises NotMeasured if there was no such
        time: the requests ran one after another.
        """
        begin, end = max(times[0] for times in self.arrivals), min(times[-1] for times in self.arrivals)
        steps = sorted({time for times in self.arrivals for time in times if begin <= time <= end})
        if len(steps) < 3:
            raise NotMeasured(f"{len(self.arrivals)} requests never made tokens all at the same time.")
        return [after - before for before, after in pairwise(steps)]


class Watch:
    """A sink that notes the times of outputs, and lets one thread wait for a condition."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        self.finishes: dict[str, Finish] = {}
        self._reached: Callable[[], bool] | None = None
        self._happened = Event()

    def submit(self, engine: Engine, request: Request) -> float:
        """Submit the request and return the time."""
        self.times[request.id] = []
        begun_at = perf_counter()
        engine.submit(request, self)
        return begun_at

    def __call__(self, outputs: Sequence[Output]) -> None:
        now = perf_counter()
        for output in outputs:
            if output.tokens:
                self.times[output.request_id].append(now)
            if output.finish:
                self.finishes[output.request_id] = output.finish
        reached = self._reached
        if reached and reached():
            self._happened.set()

    def wait_until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait for a condition that is cheap to check after each step. Raises NotMeasured after `WAIT_S` seconds."""
        self._reached = reached
        try:
            wait_until(reached, what, WAIT_S, every=WAIT_S, pause=self._wait_for_step)
        except AssertionError as error:
            raise NotMeasured(str(error)) from None
        self._reached = None

    def _wait_for_step(self, seconds: float) -> None:
        self._happened.wait(seconds)
        self._happened.clear()

    def check(self, request: Request) -> Finish:
        """Return the end of a finished request. Raises NotMeasured unless it made all the tokens it was to make."""
        finish = self.finishes[request.id]
        if finish.error:
            raise NotMeasured(f"A request failed: {finish.error.message}")
        if finish.usage.completion_tokens != request.params.max_tokens:
            raise NotMeasured(f"A request made {finish.usage.completion_tokens} of {request.params.max_tokens} tokens.")
        return finish


def run_in_engine(engine: Engine, asks: Sequence[Ask]) -> Crowd:
    """Submit all at once and wait for the last token."""
    watch = Watch()
    requests = [ask.request() for ask in asks]
    begun_at = perf_counter()
    for request in requests:
        watch.submit(engine, request)
    watch.wait_until(lambda: len(watch.finishes) == len(requests), "the end of all requests")
    usages = [watch.check(request).usage for request in requests]
    arrivals = tuple(tuple(watch.times[request.id]) for request in requests)
    return Crowd(
        begun_at,
        max(times[-1] for times in arrivals),
        arrivals,
        sum(usage.completion_tokens for usage in usages),
        sum(usage.cached_tokens for usage in usages),
    )
