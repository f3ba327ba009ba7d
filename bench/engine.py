"""How fast one request runs through the engine, next to plain `model.generate` on the same weights.

`python -m bench.engine --model worker/mini/model` prints JSON: seconds to the first token, and new tokens a second
after it. Both are medians of several runs that take turns, so that a busy machine is unfair to neither.
"""

import argparse
import json
import random
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from queue import SimpleQueue
from time import perf_counter
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from worker.engine.errors import ModelLoadError
from worker.engine.loading import load_engine
from worker.engine.params import SamplingParams
from worker.engine.protocol import Engine, Finish, Output, Request

WORDS = ["the", "river", "ran", "past", "an", "old", "mill", "and", "small", "town", "where", "people", "spoke", "of"]


@dataclass(frozen=True)
class Run:
    """Seconds to the first token, tokens a second after it, and seconds for the whole request."""

    first_token_s: float
    tokens_per_s: float
    whole_s: float


def main() -> int:
    options = _parser().parse_args()
    try:
        engine = load_engine(options.model, device=options.device, dtype=options.dtype, threads=options.threads)
    except ModelLoadError as error:
        print(error.message, file=sys.stderr)
        return 2
    prompt = make_prompt(engine, options.prompt_tokens)
    subjects = {
        "engine": engine_subject(engine, prompt, options.new_tokens),
        "generate": generate_subject(engine, options.model, prompt, options.new_tokens),
    }
    print(json.dumps(describe(engine, prompt, options) | measure(subjects, options.repeats), indent=2))
    engine.close()
    return 0


def make_prompt(engine: Engine, tokens: int) -> str:
    """A text of as many tokens as asked, or slightly fewer."""
    rng, text = random.Random(0), "the"
    while engine.count_tokens(longer := f"{text} {rng.choice(WORDS)}") <= tokens:
        text = longer
    return text


def engine_subject(engine: Engine, prompt: str, new_tokens: int) -> Callable[[], Run]:
    params = SamplingParams(max_tokens=new_tokens, temperature=0, ignore_end=True)
    finishes: SimpleQueue[Finish] = SimpleQueue()

    def listen(outputs: Sequence[Output]) -> None:
        for output in outputs:
            if output.finish:
                finishes.put(output.finish)

    def run() -> Run:
        begun_at = perf_counter()
        engine.submit(Request("bench", prompt, params), listen)
        finish = finishes.get()
        whole_s = perf_counter() - begun_at
        assert finish.usage.completion_tokens == new_tokens, finish
        first_token_s = finish.timings.queued + finish.timings.prefill
        return Run(first_token_s, (new_tokens - 1) / finish.timings.decode, whole_s)

    return run


def generate_subject(engine: Engine, model: str, prompt: str, new_tokens: int) -> Callable[[], Run]:
    """Two calls a run: one for the first token alone, one for all; the rate comes from the difference."""
    tokenizer = AutoTokenizer.from_pretrained(model)
    network: Any = AutoModelForCausalLM.from_pretrained(model, dtype=engine.info.dtype)
    network.to(engine.info.device).eval()
    network.generation_config.eos_token_id = None

    def timed(tokens: int) -> float:
        begun_at = perf_counter()
        inputs = tokenizer(prompt, return_tensors="pt").to(network.device)
        output = network.generate(**inputs, max_new_tokens=tokens, do_sample=False)
        tokenizer.decode(output[0])
        seconds = perf_counter() - begun_at
        assert output.shape[1] == inputs.input_ids.shape[1] + tokens
        return seconds

    def run() -> Run:
        first_token_s, whole_s = timed(1), timed(new_tokens)
        return Run(first_token_s, (new_tokens - 1) / (whole_s - first_token_s), whole_s)

    return run


def measure(subjects: dict[str, Callable[[], Run]], repeats: int) -> dict[str, Any]:
    """Medians of `repeats` rounds after one to warm up, and what the engine is against `generate`."""
    for subject in subjects.values():
        subject()
    rounds = [{name: asdict(subject()) for name, subject in subjects.items()} for _ in range(repeats)]
    medians = {
        name: {field.name: statistics.median(one[name][field.name] for one in rounds) for field in fields(Run)}
        for name in subjects
    }
    engine, generate = medians["engine"], medians["generate"]
    return medians | {"engine_to_generate": {name: round(engine[name] / generate[name], 3) for name in engine}}


def describe(engine: Engine, prompt: str, options: argparse.Namespace) -> dict[str, Any]:
    return {
        "model": asdict(engine.info),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "prompt_tokens": engine.count_tokens(prompt),
        "new_tokens": options.new_tokens,
        "repeats": options.repeats,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--model", default="worker/mini/model", help="folder, or name on the Hugging Face hub")
    parser.add_argument("--prompt-tokens", type=int, default=128)
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--dtype", default="auto", help="auto, float32, bfloat16, float16")
    parser.add_argument("--threads", type=int, help="for arithmetic on the CPU")
    return parser


if __name__ == "__main__":
    sys.exit(main())
