"""Row 2 as in practice: a batch whose prompts and answers differ in length.

Prompts of half to one and a half times the usual length, evenly spread and shuffled, and answers too: as many tokens in
all as in `throughput`. `generate` pads the prompts on the left and runs until the longest answer is made; only the
tokens that were asked for count. The engine ends each request when it has its own.
"""

import random

from bench.engine.crowd import Ask, run_in_engine
from bench.engine.lab import Lab
from bench.engine.report import Line, Row
from bench.engine.samples import Samples
from bench.engine.throughput import BATCH


def measure(lab: Lab) -> Row:
    samples = Samples()
    for _ in range(max(1, lab.sizes.repeats // 2)):
        for count in BATCH:
            asks = make_asks(lab, count)
            tokens = sum(ask.new_tokens for ask in asks)
            samples.add(f"engine at {count}, mixed", run_in_engine(lab.engine, asks).tokens_per_s, "tokens/s")
            samples.add(f"generate, batch of {count}, mixed", tokens / lab.generate.together(asks), "tokens/s")
    lines = [
        Line.of(
            f"tokens/s at {count} vs generate, batch of {count}, mixed lengths",
            samples.ratio(f"engine at {count}, mixed", f"generate, batch of {count}, mixed"),
        )
        for count in BATCH
    ]
    return Row.of(2, lines, samples)


def make_asks(lab: Lab, count: int) -> list[Ask]:
    prompts, answers = spread(lab.sizes.prompt, count), spread(lab.sizes.new, count)
    random.Random(count).shuffle(answers)
    return [lab.ask(prompt, new) for prompt, new in zip(prompts, answers, strict=True)]


def spread(middle: int, count: int) -> list[int]:
    """Return so many whole numbers from half to one and a half times the middle, whose sum is count × middle."""
    lower = [middle // 2 + round(index * middle / (count - 1)) for index in range(count // 2)]
    return [*lower, *(2 * middle - number for number in reversed(lower))]
