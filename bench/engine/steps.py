"""Row 3: seconds of a step in which each request makes one token, for 32 requests and for one.

Seconds between hand-overs of new tokens, while all requests are making tokens and none is reading its prompt. Where a
model is large, such a step reads all weights and all keys and values once; its nearness to that bound is reported too.
"""

from statistics import median

from bench.engine.bandwidth import bytes_of_a_step, copy_bandwidth
from bench.engine.crowd import run_in_engine
from bench.engine.lab import Lab
from bench.engine.report import Line, Row, Target
from bench.engine.samples import Ratio, Samples

FEW, MANY = 1, 32
TARGET = Target(2.2, 1.6, at_most=True)


def measure(lab: Lab) -> Row:
    sizes, samples = lab.sizes, Samples()
    for _ in range((sizes.repeats + 1) // 2):
        for prompt in (sizes.prompt, sizes.short_prompt):
            for count in (FEW, MANY):
                crowd = run_in_engine(lab.engine, lab.asks(count, prompt, sizes.step_new))
                samples.add(_name(count, prompt), median(crowd.step_seconds()), "s")
    lines = [
        Line.of(f"decode step at {MANY} vs at {FEW}, prompts of {prompt}", _ratio(samples, prompt), target)
        for prompt, target in ((sizes.prompt, TARGET), (sizes.short_prompt, None))
    ]
    bandwidth = copy_bandwidth(lab.engine.info.device)
    for count in (FEW, MANY):
        floor_s = bytes_of_a_step(lab.generate.network, count, sizes.prompt + sizes.step_new // 2) / bandwidth
        step_s = samples.median(_name(count, sizes.prompt))
        lines.append(Line(f"decode step at {count} vs reading its bytes at copy bandwidth", step_s / floor_s))
    return Row.of(3, lines, samples, copy_bandwidth_gb_per_s=round(bandwidth / 1e9, 1))


def _ratio(samples: Samples, prompt: int) -> Ratio:
    return samples.ratio(_name(MANY, prompt), _name(FEW, prompt))


def _name(count: int, prompt: int) -> str:
    return f"step at {count}, prompts of {prompt}"
