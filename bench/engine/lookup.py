"""Row 7: prompt lookup, on and off in the same rounds, with the bundled model on real texts.

Answers end where the model ends them, so that nothing is repeated only because it has to go on. The facts say how many
of the greedy answers were the same; in bfloat16 a step of more rows may round a logit differently.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import count
from time import perf_counter

from bench.common.errors import NotMeasured
from bench.engine.bundled import MODEL
from bench.engine.crowd import Watch
from bench.engine.lab import Sizes
from bench.engine.report import Line, Row, Target
from bench.engine.samples import Samples
from bench.engine.texts import prompts
from worker.engine.local.loading import load_engine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Output, Request

ALONE, LOADED = Target(1.0, 1.8), Target(0.95, 0.98)
TEXTS = 32
_numbers = count()


class Reader(Watch):
    """A sink that also keeps the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = defaultdict(str)

    def __call__(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            self.texts[output.request_id] += output.text
        super().__call__(outputs)


def measure(sizes: Sizes, device: str) -> Row:
    """Compare two engines with the same weights."""
    texts, few, samples, most = prompts(TEXTS), TEXTS // 8, Samples(), sizes.new * 3 // 2
    mixed = [one for kind in zip(*texts.values(), strict=True) for one in kind]
    engines = {name: load_engine(MODEL, device=device, prompt_lookup=name == "on") for name in ("off", "on")}
    told: dict[str, list[str]] = {}
    try:
        for repeat in range(sizes.repeats):
            for name, engine in engines.items():
                for kind, its in texts.items():
                    chosen = its[repeat % 8 :: 8][:few]
                    rate, said = _one_by_one(engine, chosen, most)
                    samples.add(f"{kind}, {name}", rate, "tokens/s")
                    _compare(told, f"{kind} {repeat}", said)
                for running in (8, 32):
                    rate, _ = _together(engine, mixed[:running], most)
                    samples.add(f"at {running}, {name}", rate, "tokens/s")
        stats = engines["on"].stats()
    finally:
        for engine in engines.values():
            engine.close()
    lines = [
        Line.of(f"prompt lookup: {kind} at 1, tokens/s vs without", samples.ratio(f"{kind}, on", f"{kind}, off"), ALONE)
        for kind in texts
    ]
    for running, target in ((8, None), (32, LOADED)):
        ratio = samples.ratio(f"at {running}, on", f"at {running}, off")
        lines.append(Line.of(f"prompt lookup: tokens/s at {running} vs without", ratio, target))
    same = sum(len(set(both)) == 1 for both in told.values())
    facts = {"drafted": stats.drafted_tokens, "accepted": stats.accepted_tokens, "answers": len(told), "same": same}
    return Row.of(7, lines, samples, **facts)


def _compare(told: dict[str, list[str]], kind: str, said: Sequence[str]) -> None:
    for number, text in enumerate(said):
        told.setdefault(f"{kind} {number}", []).append(text)


def _one_by_one(engine: Engine, texts: Sequence[str], most: int) -> tuple[float, list[str]]:
    tokens, seconds, said = 0, 0.0, []
    for text in texts:
        made, spent, its = _run(engine, [text], most)
        tokens, seconds, said = tokens + made, seconds + spent, said + its
    return tokens / seconds, said


def _together(engine: Engine, texts: Sequence[str], most: int) -> tuple[float, list[str]]:
    tokens, seconds, said = _run(engine, texts, most)
    return tokens / seconds, said


def _run(engine: Engine, texts: Sequence[str], most: int) -> tuple[int, float, list[str]]:
    """Return new tokens, seconds and the answers of requests that are submitted together."""
    watch = Reader()
    params = SamplingParams(max_tokens=most, temperature=0)
    requests = [Request(f"lookup-{next(_numbers)}", text, params) for text in texts]
    begun_at = perf_counter()
    for request in requests:
        watch.submit(engine, request)
    watch.wait_until(lambda: len(watch.finishes) == len(requests), "the end of all requests")
    seconds = perf_counter() - begun_at
    finishes = [watch.finishes[request.id] for request in requests]
    if failed := [one.error.message for one in finishes if one.error]:
        raise NotMeasured(f"A request failed: {failed[0]}")
    said = [watch.texts[request.id] for request in requests]
    return sum(one.usage.completion_tokens for one in finishes), seconds, said
