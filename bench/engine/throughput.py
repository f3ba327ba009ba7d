"""Rows 1 and 2: new tokens a second of 1, 8 and 32 requests, next to `generate`, prompts and answers all equally long.

For `generate` one prompt after another it does not matter how many wait, so that it is measured on a few of them. A
batch of equal prompts has no padding and nothing to wait for: the best case for `generate`. `mixed` has the usual one.
"""

from bench.engine.crowd import run_in_engine
from bench.engine.lab import Lab
from bench.engine.report import Line, Row, Target
from bench.engine.samples import Samples

ONE_BY_ONE = {1: Target(1.3, 2), 8: Target(6, 9), 32: Target(14, 22)}
BATCH = {8: Target(1.5, 2.2), 32: Target(1.3, 1.8)}
SEQUENTIAL = "generate, one by one"


def measure(lab: Lab, wanted: set[int]) -> list[Row]:
    """Measure both rows, or the one that is wanted, with the same runs of the engine."""
    sizes, first, second, cached = lab.sizes, Samples(), Samples(), 0
    for _ in range(sizes.repeats):
        if 1 in wanted:
            asks = lab.asks(sizes.one_by_one, sizes.prompt, sizes.new)
            first.add(SEQUENTIAL, len(asks) * sizes.new / lab.generate.one_by_one(asks), "tokens/s")
        for count in sizes.crowds:
            asks = lab.asks(count, sizes.prompt, sizes.new)
            crowd = run_in_engine(lab.engine, asks)
            cached += crowd.cached_tokens
            first.add_crowd(f"engine at {count}", crowd)
            if 2 in wanted and count in BATCH:
                second.add_crowd(f"engine at {count}", crowd)
                second.add(_batch(count), count * sizes.new / lab.generate.together(asks), "tokens/s")
            if lab.server:
                first.add_crowd(f"server at {count}", lab.server.run(asks))
    rows = []
    if 1 in wanted:
        lines = [_line(first, count, SEQUENTIAL, ONE_BY_ONE[count]) for count in sizes.crowds]
        lines += [_line(first, count, f"server at {count}") for count in sizes.crowds if lab.server]
        rows.append(Row.of(1, lines, first, prompt_tokens_found_in_cache=cached))
    if 2 in wanted:
        rows.append(Row.of(2, [_line(second, count, _batch(count), target) for count, target in BATCH.items()], second))
    return rows


def _line(samples: Samples, count: int, other: str, target: Target | None = None) -> Line:
    return Line.of(f"tokens/s at {count} vs {other}", samples.ratio(f"engine at {count}", other), target)


def _batch(count: int) -> str:
    return f"generate, batch of {count}"
