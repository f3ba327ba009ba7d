"""Measures latency and throughput of the store's job queue, whatever a tool does; prints a table and JSON.

A tool that does nothing, on a store of its own: REST, claim, run, finish; with so many jobs in flight at a time, on
SQLite and on PostgreSQL, beside bare Celery tasks on the same Redis; then single steps with ever fuller tables.
With --json the table goes to stdout; without, JSON goes to stdout and the table to stderr.
"""

import argparse
import sys
from collections.abc import Sequence
from time import perf_counter

from bench.common.errors import NotMeasured
from bench.common.machine import load
from bench.common.report import publish, report_parser, rounded
from bench.jobs.bare import bare_worker
from bench.jobs.flight import fly
from bench.jobs.growth import Level, fill
from bench.jobs.machine import describe_machine
from bench.jobs.report import Found, aims, as_json, summarize
from bench.jobs.stage import Stage, open_stage
from bench.jobs.table import draw

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
WARM_UP = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark. Returns 0 if all was measured, fast or not; 1 if some was not."""
    options = parser().parse_args(arguments)
    begun_at, facts = perf_counter(), describe_machine()
    found = [measure(kind, options) for kind in options.database]
    facts |= {"load_after": load(), "seconds": perf_counter() - begun_at, "rounds": options.rounds}
    facts |= {"sandbox": not options.no_sandbox}
    facts |= {"jobs_each_round": options.jobs, "aims": aims(found)}
    publish(rounded({**facts, "found": as_json(found)}), facts, draw(found), options.json)
    return 1 if any(one.problem for one in found) else 0


def measure(kind: str, options: argparse.Namespace) -> Found:
    try:
        with open_stage(kind, sandbox=not options.no_sandbox) as stage:
            return perform(stage, options)
    except NotMeasured as error:
        return Found(NAMES[kind], {}, [], [], [], str(error))


def perform(stage: Stage, options: argparse.Namespace) -> Found:
    """Measure the subjects in turns, so that a disturbance of the machine hits both."""
    jobs, bare = {n: [] for n in options.in_flight}, {n: [] for n in options.in_flight}
    with bare_worker(stage) as tasks:
        fly(stage, WARM_UP * max(options.in_flight), max(options.in_flight))
        tasks.fly(WARM_UP * max(options.in_flight), max(options.in_flight))
        for number in range(options.rounds):
            for in_flight in options.in_flight:
                jobs[in_flight].append(fly(stage, options.jobs, in_flight))
                bare[in_flight].append(tasks.fly(options.jobs, in_flight))
            print(f"{stage.database.name}: round {number + 1} of {options.rounds}", file=sys.stderr)
    levels: list[Level] = []
    for rows in options.finished:
        levels += fill(stage, rows, options.queued, options.jobs)
        print(f"{stage.database.name}: {rows:,} finished jobs", file=sys.stderr)
    return Found(
        stage.database.name,
        stage.database.describe(),
        [summarize(n, rounds) for n, rounds in jobs.items()],
        [summarize(n, rounds) for n, rounds in bare.items()],
        levels,
    )


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


def databases(text: str) -> list[str]:
    if unknown := set(text.split(",")) - set(NAMES):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {' and '.join(NAMES)}")
    return text.split(",")


def parser() -> argparse.ArgumentParser:
    parser = report_parser("bench.jobs", __doc__)
    add = parser.add_argument
    add("--database", type=databases, default=[*NAMES], metavar="NAME", help="sqlite or postgresql; without it both")
    add("--in-flight", type=numbers, default=[1, 8, 64], metavar="1,8", help="how many jobs at a time; 1, 8 and 64")
    add("--no-sandbox", action="store_true", help="run the tool within the worker")
    add("--jobs", type=int, default=200, metavar="N", help="jobs in each round (default: %(default)s)")
    add("--rounds", type=int, default=5, metavar="N", help="(default: %(default)s)")
    add(
        "--finished",
        type=numbers,
        default=[0, 100_000, 1_000_000],
        metavar="0,1000",
        help="how many finished jobs are in the table for the single steps; '' for none of them",
    )
    add("--queued", type=int, default=10_000, metavar="N", help="jobs of another owner beside them (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
