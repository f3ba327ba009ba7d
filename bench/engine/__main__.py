"""Measures the engine, next to plain `generate` on the same weights; prints a table and JSON.

Rows: 1 requests at a time against one after another; 2 against a padded batch; 3 a step of 32 requests against a
step of one; 4 the first token with a cached prefix; 5 gaps between tokens while a long prompt arrives; 6 the bundled
model; 7 prompt lookup, on and off. With --json the table goes to stdout; without, JSON goes to stdout and the table to
stderr.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import torch

from bench.common.errors import NotMeasured
from bench.common.machine import load
from bench.common.report import publish, report_parser, rounded
from bench.engine import arrival, bundled, lookup, mixed, prefix, steps, throughput
from bench.engine.lab import QUICK, Lab, Sizes, open_lab
from bench.engine.machine import describe_lab, describe_machine
from bench.engine.model import GPT2_124M, TINY, save_model
from bench.engine.report import Row, holds, merged
from bench.engine.server import Server
from bench.engine.table import draw
from worker.engine.errors import ModelLoadError

ROWS = range(1, 8)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark. Returns 0 if all was measured, fast or not; 1 if some was not; 2 if it could not begin."""
    options = _parser().parse_args(arguments)
    begun_at, report = perf_counter(), describe_machine()
    try:
        with _model_folder(options) as folder:
            rows, labs = _measure(options, str(folder))
    except (ModelLoadError, NotMeasured) as error:
        print(error, file=sys.stderr)
        return 2
    report |= {"load_after": load(), "seconds": perf_counter() - begun_at, "quick": options.quick, "models": labs}
    report |= {"holds": holds(rows), "rows": [row.as_json() for row in rows]}
    report = rounded(report)
    facts = {name: value for name, value in report.items() if name != "rows"}
    publish(report, facts, draw(rows), options.json)
    return 1 if any(row.problem for row in rows) else 0


def _measure(options: argparse.Namespace, model: str) -> tuple[list[Row], list[dict[str, Any]]]:
    sizes = QUICK if options.quick else Sizes()
    if options.repeats:
        sizes = sizes.with_repeats(options.repeats)
    rows: list[Row] = []
    labs = []
    if options.rows - {6, 7}:
        server = None
        if options.server:
            server = Server(options.server, options.server_model, options.server_key, options.server_extra)
        asked = {"device": options.device, "dtype": options.dtype, "threads": options.threads}
        with open_lab(model, sizes, **asked, server=server) as lab:
            labs.append(describe_lab(lab))
            for numbers, measure in _questions(lab, options.rows):
                rows += _answers(numbers, measure)
    if 6 in options.rows:
        with open_lab(bundled.MODEL, sizes, device=options.device, dtype="auto", threads=None) as lab:
            labs.append(describe_lab(lab))
            rows += _answers([6], lambda: [bundled.measure(lab)])
    if 7 in options.rows:
        rows += _answers([7], lambda: [lookup.measure(sizes, options.device)])
    return merged(rows), labs


def _questions(lab: Lab, wanted: set[int]) -> Iterator[tuple[list[int], Callable[[], list[Row]]]]:
    if wanted & {1, 2}:
        yield sorted(wanted & {1, 2}), lambda: throughput.measure(lab, wanted)
    if 2 in wanted:
        yield [2], lambda: [mixed.measure(lab)]
    for number, question in ((3, steps), (4, prefix), (5, arrival)):
        if number in wanted:
            yield [number], lambda question=question: [question.measure(lab)]


def _answers(numbers: list[int], measure: Callable[[], list[Row]]) -> list[Row]:
    begun_at = perf_counter()
    try:
        return measure()
    except NotMeasured as error:
        return [Row(number, problem=str(error)) for number in numbers]
    finally:
        print(f"row {' and '.join(map(str, numbers))}: {perf_counter() - begun_at:.0f} s", file=sys.stderr)


@contextmanager
def _model_folder(options: argparse.Namespace) -> Iterator[Path]:
    if options.model:
        yield Path(options.model)
        return
    shape = TINY if options.quick else GPT2_124M
    dtype = torch.bfloat16 if options.dtype == "auto" else getattr(torch, options.dtype)
    with TemporaryDirectory(prefix="bench-engine-") as folder:
        yield save_model(Path(folder), shape, dtype, options.seed)


def _rows(text: str) -> set[int]:
    rows = {int(part) for part in text.split(",")}
    if rows - set(ROWS):
        raise argparse.ArgumentTypeError(f"rows are {ROWS[0]} to {ROWS[-1]}, separated by commas")
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = report_parser("bench.engine", __doc__)
    parser.add_argument("--rows", type=_rows, default=set(ROWS), metavar="1,4", help="only these rows")
    parser.add_argument("--quick", action="store_true", help="a tiny model and few tokens: only shows that all runs")
    parser.add_argument("--repeats", type=int, metavar="N", help="rounds; without it 5")
    parser.add_argument("--model", metavar="FOLDER", help="for rows 1 to 5, instead of a random GPT-2 124M")
    parser.add_argument("--seed", type=int, default=0, help="of the random weights")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1")
    parser.add_argument("--dtype", default="bfloat16", choices=["auto", "bfloat16", "float16", "float32"])
    parser.add_argument("--threads", type=int, default=2, help="on the CPU, for rows 1 to 5; row 6: the engine's own")
    parser.add_argument("--server", metavar="URL", help="also measure this OpenAI-compatible server, in row 1")
    parser.add_argument("--server-model", metavar="NAME", help="its name there; without it the first it offers")
    parser.add_argument("--server-key", metavar="KEY")
    parser.add_argument(
        "--server-extra", type=json.loads, default={}, metavar="JSON", help="more fields of its requests"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
