"""Kills everything that a store is made of, again and again, while people run tools, and counts what became of them.

Starts a real store on this machine (web, workers, Redis, a database; all on the loopback or on unix sockets) whose
workers echo their prompts, so that every answer is known before. Ends with status 0 when every accepted job
ended exactly once, with a truthful status and the right text; with 1 when one did not, and then keeps the folder with
the logs. The full run takes about 35 minutes on two cores, --quick about a minute.
"""

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.chaos.evidence import Evidence
from bench.chaos.plan import FULL, QUICK, Plan
from bench.chaos.report import draw, make_report, tell_story
from bench.chaos.run import run
from bench.chaos.store import open_store
from bench.chaos.verdict import Verdict, judge
from bench.common.machine import commit

MAX_STORIES = 10


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plan = make_plan(options)
    folder = Path(tempfile.mkdtemp(prefix="gptstore-chaos-"))
    try:
        evidence = observe(plan, options.database, folder)
    except BaseException as error:
        print(f"Broken off. The logs are in {folder}", file=sys.stderr)
        if isinstance(error, KeyboardInterrupt):
            return 130
        raise
    verdict = judge(evidence)
    facts = {"commit": commit("--abbrev=12", "--exclude=*") or "", "database": options.database}
    report = make_report(evidence, verdict, **facts, seed=plan.seed, workers=plan.workers)
    print(draw(report, verdict))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if verdict.kept and not options.keep:
        shutil.rmtree(folder)
    else:
        tell_stories(evidence, verdict, folder)
        print(f"\nLogs, the database of SQLite and the stories of bad jobs (bad.txt) are in {folder}")
    return 0 if verdict.kept else 1


def observe(plan: Plan, database: str, folder: Path) -> Evidence:
    with open_store(plan, database, folder) as store:
        return asyncio.run(run(store, plan))


def tell_stories(evidence: Evidence, verdict: Verdict, folder: Path) -> None:
    bad = [job for found in verdict.bad.values() for job, _what in found if job]
    stories = [tell_story(job, evidence) for job in dict.fromkeys(bad)]
    (folder / "bad.txt").write_text("\n\n".join(stories) + "\n", encoding="utf-8")
    print("\n\n".join(stories[:MAX_STORIES]), file=sys.stderr)


def make_plan(options: argparse.Namespace) -> Plan:
    plan = replace(QUICK if options.quick else FULL, seed=options.seed)
    if options.scale != 1:
        plan = plan.scaled(options.scale)
    if options.workers:
        plan = replace(plan, workers=options.workers)
    return plan if options.database == "postgres" else plan.without("postgres_restarted")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__, formatter_class=form)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite", help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="300 jobs and 30 killed workers instead of 5,000 and 300")
    parser.add_argument("--scale", type=float, default=1, metavar="N", help="all numbers and the time, times N")
    parser.add_argument("--workers", type=int, metavar="N", help="workers at a time")
    parser.add_argument("--seed", type=int, default=0, help="of orders and faults; their exact moments always differ")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs in any case")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
