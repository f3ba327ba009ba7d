"""Measures the cost of the sandbox, and tests whether it holds; prints a table and JSON.

Parts: start: a run's beginning in a warm host; cold: a host's own; memory: of a host and of a child; hostile: good runs
among hostile ones; tokens: tokens a second next to the bare engine; several: of one run
that asks many times, in a row and at once; growth: leaks over thousands of runs.
With --json the table goes to stdout; without, JSON goes to stdout and the table to stderr.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bench.common.machine import begun_at, commit, describe_processor, load
from bench.common.report import publish, report_parser, rounded
from bench.sandbox.plugins import install
from bench.sandbox.report import Figure, Part
from bench.sandbox.sizes import QUICK, Sizes
from bench.sandbox.table import draw
from harness.plugins import before_pythonpath
from harness.process import ROOT
from harness.redis import redis_server
from harness.site import Site

PARTS = ("start", "cold", "memory", "hostile", "tokens", "several", "growth")
MAX_SECONDS = 900


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark. Returns 0 if all was measured, good or not; 1 if some was not."""
    options = parser().parse_args(arguments)
    sizes = QUICK if options.quick else Sizes()
    begun_at, facts = perf_counter(), describe_machine()
    with stage() as environment:
        parts = [ask(name, sizes, environment) for name in PARTS if name in options.only]
    facts |= {"load_after": load(), "seconds": perf_counter() - begun_at, "quick": options.quick}
    facts["reaches_aims"] = all(figure.reaches_aim is not False for part in parts for figure in part.figures)
    report = rounded({**facts, "parts": [part.as_json() for part in parts]})
    publish(report, facts, draw(parts), options.json)
    return 1 if any(part.problem for part in parts) else 0


@contextmanager
def stage() -> Iterator[dict[str, str]]:
    """Yield the variables of a worker that has the benchmark's plugins and a Redis."""
    with TemporaryDirectory(prefix="bench-sandbox-") as name:
        folder = Path(name)
        code = folder / "plugins"
        code.mkdir()
        folder.chmod(0o711)
        with redis_server(folder) as redis, Site(folder, redis.url) as site:
            yield {**os.environ, **site.environment, "PYTHONPATH": before_pythonpath(install(code))}


def ask(name: str, sizes: Sizes, environment: dict[str, str]) -> Part:
    """Measure one part in a process of its own, which stands for a worker: its death is a result too."""
    file = Path(environment["GPTSTORE_VAR"]) / f"{name}.json"
    done = subprocess.run(
        [sys.executable, "-m", "bench.sandbox.part", name, json.dumps(asdict(sizes)), str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    if done.returncode or not file.exists():
        problem = f"the worker ended with status {done.returncode}:\n{done.stderr[-3000:]}"
        return Part(name, [Figure("worker deaths", int(done.returncode < 0), aim=0)], problem=problem)
    part = Part.from_json(json.loads(file.read_text(encoding="utf-8")))
    print(f"{name}: {part.seconds:.0f} s", file=sys.stderr)
    return part


def describe_machine() -> dict[str, Any]:
    return {
        "begun_at": begun_at(),
        "commit": commit(),
        **describe_processor(),
        "kernel": os.uname().release,
        "user": "root" if os.geteuid() == 0 else "an ordinary one",
        "load_before": load(),
    }


def names(text: str) -> list[str]:
    if unknown := set(text.split(",")) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(PARTS)}")
    return text.split(",")


def parser() -> argparse.ArgumentParser:
    parser = report_parser("bench.sandbox", __doc__)
    add = parser.add_argument
    add("--only", type=names, default=[*PARTS], metavar="start,cold", help="only these parts")
    add("--quick", action="store_true", help="few runs and a tiny model: only shows that all of it runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
