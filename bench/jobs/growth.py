"""The cost of a job when the table is full: with finished jobs of many people, and with many queued by another one."""

import json
import subprocess
import sys
from dataclasses import dataclass

from bench.common.errors import NotMeasured
from bench.common.samples import percentile
from bench.jobs.flight import fly
from bench.jobs.noop import SLUG
from bench.jobs.stage import Stage
from harness.process import ROOT

MAX_SECONDS = 300


@dataclass(frozen=True)
class Level:
    """The fill level of the table, and the medians of one round there, in milliseconds.

    `submit`, `claim` and `finish` are single calls; `running` and `finished` are a job's whole way with one in flight,
    None where jobs of others are in its way.
    """

    finished_rows: int
    queued_rows: int
    submit: float
    claim: float
    finish: float
    running: float | None
    finished: float | None


def fill(stage: Stage, finished_rows: int, queued_rows: int, calls: int) -> list[Level]:
    """Measure levels with and without queued jobs of another owner, after adding so many more finished jobs."""
    if finished_rows > stage.database.made_finished:
        stage.database.add_finished(finished_rows - stage.database.made_finished)
    whole = fly(stage, calls, 1)
    stage.stop_worker()
    try:
        free = step(stage, calls)
        stage.database.add_queued(queued_rows)
        crowded = step(stage, calls)
    finally:
        stage.database.forget_queued()
        stage.redis.client.delete("gptstore")  # the rings that nobody heard
        stage.start_worker()
    return [
        Level(finished_rows, 0, *free, whole.running_p50, whole.finished_p50),
        Level(finished_rows, queued_rows, *crowded, None, None),
    ]


def step(stage: Stage, calls: int) -> tuple[float, float, float]:
    """Return the medians of a submit, a claim and a finish. Nobody else may claim meanwhile."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.jobs.steps", str(calls), str(stage.owner), SLUG],
        cwd=ROOT,
        env=stage.environment,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    if done.returncode:
        raise NotMeasured(f"The steps failed:\n{done.stderr}")
    times: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return percentile(times["submit"], 50), percentile(times["claim"], 50), percentile(times["finish"], 50)
