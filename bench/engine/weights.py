"""int8 weights beside full ones: tokens a second of decode steps with 1 / 8 / 32 requests, in the same rounds.

`python -m bench.engine.weights MODEL` prints JSON. MODEL: a folder, or nothing for a GPT-2 124M with random weights.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch
from transformers import AutoTokenizer

from bench.common.machine import load
from bench.engine.crowd import Ask, run_in_engine
from bench.engine.machine import describe_machine
from bench.engine.model import GPT2_124M, save_model
from bench.engine.prompts import Prompts
from worker.engine.local.loading import load_engine
from worker.engine.protocol import Engine

KINDS = ("full", "int8")
KV_BYTES = 500_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    with ExitStack() as stack:
        folder = options.model
        if folder is None:
            place = stack.enter_context(TemporaryDirectory(prefix="bench-weights-"))
            folder = str(save_model(Path(place), GPT2_124M, torch.bfloat16))
        report = describe_machine() | {"command": sys.argv[1:], "rates": measure(folder, options)}
        report |= {"load_after": load()}
    print(json.dumps(report, indent=1))
    return 0


def measure(folder: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return tokens a second of each kind at each number of requests, and the ratio of their medians."""
    engines = {
        kind: load_engine(folder, dtype=options.dtype, weights=kind, threads=options.threads, kv_bytes=KV_BYTES)
        for kind in KINDS
    }
    prompts = Prompts(AutoTokenizer.from_pretrained(folder), engines["full"].count_tokens)
    rates: dict[str, Any] = {}
    try:
        for count in options.crowds:
            found: dict[str, list[float]] = {kind: [] for kind in KINDS}
            for at in range(options.rounds + 1):
                for kind, engine in engines.items():
                    rate = _rate(engine, prompts, count, options)
                    if at:
                        found[kind].append(rate)
            each = sorted(new / old for new, old in zip(found["int8"], found["full"], strict=True))
            rates[str(count)] = {kind: median(values) for kind, values in found.items()} | {
                "ratio": median(each),
                "low": each[0],
                "high": each[-1],
            }
    finally:
        for engine in engines.values():
            engine.close()
    return rates


def _rate(engine: Engine, prompts: Prompts, count: int, options: argparse.Namespace) -> float:
    crowd = run_in_engine(
        engine, [Ask(prompts.text(options.prompt), options.prompt, options.new) for _ in range(count)]
    )
    return 1 / median(crowd.step_seconds()) * count


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.engine.weights", description=__doc__)
    parser.add_argument("model", nargs="?", metavar="FOLDER")
    parser.add_argument("--crowds", type=lambda text: [int(one) for one in text.split(",")], default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompt", type=int, default=128, metavar="TOKENS")
    parser.add_argument("--new", type=int, default=64, metavar="TOKENS")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--dtype", default="bfloat16")
    return parser


if __name__ == "__main__":
    sys.exit(main())
