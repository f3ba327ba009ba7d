"""Tokens a second of one run in the sandbox that asks the bundled model many times: in a row, and by `map`."""

from time import perf_counter

from transformers import AutoTokenizer

from bench.common.errors import NotMeasured
from bench.engine.bundled import MODEL
from bench.engine.prompts import Prompts
from bench.sandbox.plugins import TOOLS
from bench.sandbox.report import Figure, Part
from bench.sandbox.seat import run_job
from bench.sandbox.sizes import Sizes
from bench.sandbox.stage import open_sandbox
from bench.sandbox.untiring import Untiring
from worker.engine.local.loading import load_engine

PROMPTS = 16
PROMPT_TOKENS = 16
TOKENS = 64
WAYS = {"16 calls in a row": "in-a-row", "16 prompts by map": "by-map"}


def measure(sizes: Sizes) -> Part:
    tokens = min(TOKENS, sizes.bundled_tokens)
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    engine = Untiring(load_engine(MODEL))
    prompts = Prompts(AutoTokenizer.from_pretrained(MODEL), engine.count_tokens)
    try:
        with open_sandbox(TOOLS) as sandbox:
            for number in range(sizes.rounds + 1):
                for name, tool in WAYS.items():
                    texts = [prompts.text(PROMPT_TOKENS) for _ in range(PROMPTS)]
                    begun_at = perf_counter()
                    run = run_job(engine, sandbox, tool, {"prompts": texts, "tokens": tokens})
                    seconds = perf_counter() - begun_at
                    if run.requests.completion_tokens != PROMPTS * tokens:
                        raise NotMeasured(f"A run made {run.requests.completion_tokens} of {PROMPTS * tokens} tokens.")
                    found[name] += [PROMPTS * tokens / seconds] if number else []
    finally:
        engine.close()
    row, by_map = found.values()
    ratio = Figure.of(
        "tokens/s, by map and in a row", [one / other for one, other in zip(by_map, row, strict=True)], "×"
    )
    rates = [Figure.of(f"bundled: {name}", rounds, "tokens/s") for name, rounds in found.items()]
    return Part("several", [ratio, *rates], {"prompts": PROMPTS, "tokens": tokens})
