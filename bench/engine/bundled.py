"""Row 6: the small model that comes with the store, as `make demo` runs it: its own dtype and number of threads."""

from bench.engine.crowd import run_in_engine
from bench.engine.lab import Lab
from bench.engine.report import Line, Row, Target
from bench.engine.samples import Samples
from bench.engine.throughput import SEQUENTIAL

MODEL = "worker/bundled_model"
TARGETS = {32: Target(10, 20), 1: None}


def measure(lab: Lab) -> Row:
    sizes, samples = lab.sizes, Samples()
    for _ in range(sizes.repeats):
        asks = lab.asks(4 * sizes.one_by_one, sizes.prompt, sizes.new)
        samples.add(SEQUENTIAL, len(asks) * sizes.new / lab.generate.one_by_one(asks), "tokens/s")
        for count in TARGETS:
            samples.add_crowd(f"engine at {count}", run_in_engine(lab.engine, lab.asks(count, sizes.prompt, sizes.new)))
    lines = []
    for count, target in TARGETS.items():
        ratio = samples.ratio(f"engine at {count}", SEQUENTIAL)
        lines.append(Line.of(f"bundled model: tokens/s at {count} vs {SEQUENTIAL}", ratio, target))
    return Row.of(6, lines, samples)
