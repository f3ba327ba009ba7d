"""Measures how long a release takes from its approval to the workers, and how long a rollback takes; prints JSON.

A store of its own with some workers and the bundled model, and a plugin as `gptstore new` makes it. Each round submits
a new version, which a worker checks; then it is approved and deployed: seconds from the approval until every worker is
ready, and until new runs get it. Then it is rolled back: seconds until a run that is submitted next has ended on the
version before, beside the same run without a rollback. The report also has each worker's process and how often it
loaded its model, which stay the same, and the memory of the workers before and after.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from bench.authors.projects import new_project
from bench.common.machine import begun_at, describe_processor, load
from bench.common.report import rounded
from bench.common.samples import percentile
from bench.releases.store import open_store
from harness.site import Site


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_options(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-releases-") as name, open_store(Path(name)) as site:
        from bench.releases.rounds import Rounds  # the rows of the store need its settings

        for _ in range(options.workers):
            site.start_worker()
        before = describe_workers(site)
        rounds = Rounds(new_project(Path(name)))
        rounds.begin()
        taken = [report_round(rounds.run(), number, options.rounds) for number in range(options.rounds)]
        report = {
            "begun_at": begun_at(),
            **describe_processor(),
            "load": load(),
            "rounds": taken,
            "p50": {name: percentile([one[name] for one in taken], 50) for name in taken[0]},
            "workers_before": before,
            "workers_after": describe_workers(site),
        }
    print(json.dumps(rounded(report), indent=2))
    return 0


def describe_workers(site: Site) -> dict[str, Any]:
    """Return the processes of the workers, those that live, their memory, and how many models they have loaded."""
    pids = [process.popen.pid for process in site.processes]
    log = (site.folder / "worker.log").read_text(errors="replace")
    return {
        "pids": pids,
        "alive": sum(process.popen.poll() is None for process in site.processes),
        "models_loaded": log.count("model_loaded"),
        "rss_mb": [psutil.Process(pid).memory_info().rss / 1e6 for pid in pids],
    }


def report_round(seconds: dict[str, float], number: int, count: int) -> dict[str, float]:
    print(f"round {number + 1} of {count}: {rounded(seconds)}", file=sys.stderr)
    return seconds


def parse_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.releases", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="(default: %(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
