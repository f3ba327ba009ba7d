"""Measures how long an author waits; prints a table and JSON. Each figure is a median of several rounds.

Parts: new: a project; dev: from a save to the first text of the new code; check and build: of a small plugin, warm;
install: until a worker takes jobs of the tool, beside pip and a restart.
With --json the table goes to stdout; without, JSON goes to stdout and the table to stderr.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.authors.commands import measure_build, measure_check, measure_dev, measure_new
from bench.authors.installing import measure_install
from bench.authors.sizes import QUICK, Sizes
from bench.common.errors import NotMeasured
from bench.common.machine import begun_at, commit, describe_processor, load
from bench.common.report import publish, report_parser, rounded
from bench.sandbox.report import Part
from bench.sandbox.table import draw

PARTS: dict[str, Callable[[Sizes, Path], Part]] = {
    "new": measure_new,
    "dev": measure_dev,
    "check": measure_check,
    "build": measure_build,
    "install": measure_install,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark. Returns 0 if all was measured, fast or not; 1 if some was not."""
    options = parser().parse_args(arguments)
    sizes = QUICK if options.quick else Sizes()
    began = perf_counter()
    facts = {"begun_at": begun_at(), "commit": commit(), **describe_processor(), "load_before": load()}
    parts = [measure(name, sizes) for name in PARTS if name in options.only]
    facts |= {"load_after": load(), "seconds": perf_counter() - began, "quick": options.quick}
    facts["reaches_aims"] = all(figure.reaches_aim is not False for part in parts for figure in part.figures)
    publish(rounded({**facts, "parts": [part.as_json() for part in parts]}), facts, draw(parts), options.json)
    return 1 if any(part.problem for part in parts) else 0


def measure(name: str, sizes: Sizes) -> Part:
    """Measure one part, in a folder of its own."""
    with TemporaryDirectory(prefix="bench-authors-") as folder:
        try:
            return PARTS[name](sizes, Path(folder))
        except (NotMeasured, AssertionError) as error:
            return Part(name, problem=str(error))


def names(text: str) -> list[str]:
    if unknown := set(text.split(",")) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    return text.split(",")


def parser() -> argparse.ArgumentParser:
    parser = report_parser("bench.authors", __doc__)
    parser.add_argument("--only", type=names, default=[*PARTS], metavar="new,dev", help="only these parts")
    parser.add_argument("--quick", action="store_true", help="one round of each: only shows that all of it runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
