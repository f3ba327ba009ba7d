"""Row 4: prefix caching: the time to the first token with most of the prompt cached, as instructions are."""

from bench.engine.crowd import Ask, run_in_engine
from bench.engine.lab import Lab
from bench.engine.report import Line, Row, Target
from bench.engine.samples import Samples

TARGET = Target(4, 6)
COLD, CACHED = "first token, all of the prompt new", "first token, prefix cached"


def measure(lab: Lab) -> Row:
    """Run one request at a time: the same prefix with a new end, then a prompt that is all new."""
    sizes, samples, found = lab.sizes, Samples(), 0
    prefix = lab.prompts.text(sizes.prefix)
    run_in_engine(lab.engine, [_end(lab, prefix)])
    repeats = 2 * sizes.repeats
    for _ in range(repeats):
        crowd = run_in_engine(lab.engine, [_end(lab, prefix)])
        found += crowd.cached_tokens
        samples.add(CACHED, crowd.first_token_s, "s")
        crowd = run_in_engine(lab.engine, [lab.ask(sizes.prefix + sizes.suffix, 1)])
        samples.add(COLD, crowd.first_token_s, "s")
    what = f"first token, {sizes.prefix} cached + {sizes.suffix} new tokens, so many times sooner"
    return Row.of(4, [Line.of(what, samples.ratio(COLD, CACHED), TARGET)], samples, cached_tokens=found / repeats)


def _end(lab: Lab, prefix: str) -> Ask:
    return Ask(prefix + lab.prompts.text(lab.sizes.suffix), lab.sizes.prefix + lab.sizes.suffix, 1)
