"""A job's whole way, with so many jobs under way at a time: submit by REST, claim, run, finish.

The client looks into the database how many have ended and submits as many new ones, over connections that stay open.
The time of a request is from the client's clock; those of its job's start and end are from its row.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from bench.common.errors import NotMeasured
from bench.common.samples import percentile
from bench.jobs.client import Client
from bench.jobs.stage import Stage
from harness.site import HOST

LOOK_SECONDS = 0.002
MAX_PAUSE_SECONDS = 0.01
MAX_SECONDS = 300.0


@dataclass(frozen=True)
class Flight:
    """One round, in milliseconds except for the rate.

    The times are from the request to its answer, the job's start and its end; from the row's creation to its
    start, and from its start to its end. `cpu_ms`: processor time by process, for each job.
    """

    per_s: float
    answered_p50: float
    answered_p95: float
    running_p50: float
    running_p95: float
    finished_p50: float
    finished_p95: float
    queued_p50: float
    ran_p50: float
    cpu_ms: dict[str, float]


@dataclass(frozen=True)
class Submitted:
    job: UUID
    sent_at: float
    answered_at: float


def fly(stage: Stage, jobs: int, in_flight: int) -> Flight:
    """Run so many jobs, and return their round. Raises NotMeasured when a job is refused, fails, or does not end."""
    before, own = stage.spent(), time.process_time()
    submitted = asyncio.run(submit_all(stage, jobs, in_flight))
    own = time.process_time() - own
    spent = {name: seconds - before[name] for name, seconds in stage.spent().items()} | {"client": own}
    return describe(stage, submitted, {name: 1000 * seconds / jobs for name, seconds in spent.items()})


async def submit_all(stage: Stage, jobs: int, in_flight: int) -> list[Submitted]:
    clients = [Client(HOST, stage.site.port, stage.key) for _ in range(min(jobs, in_flight))]
    free, under_way = list(clients), set[asyncio.Task[Submitted]]()
    submitted: list[Submitted] = []
    end = time.monotonic() + MAX_SECONDS
    try:
        while True:
            done = {task for task in under_way if task.done()}
            submitted += [task.result() for task in done]
            under_way -= done
            ended = len(submitted) - stage.database.count_unfinished(stage.owner)
            begun = len(submitted) + len(under_way)
            if ended >= jobs:
                return submitted
            for client in free[: max(0, min(jobs - begun, in_flight - (begun - ended)))]:
                free.remove(client)
                under_way.add(asyncio.create_task(submit(client, free)))
            if time.monotonic() > end:
                raise NotMeasured(f"Of {jobs} jobs {ended} ended within {MAX_SECONDS:.0f} s.")
            await asyncio.sleep(min(LOOK_SECONDS * in_flight, MAX_PAUSE_SECONDS))
    finally:
        for client in clients:
            client.close()


async def submit(client: Client, free: list[Client]) -> Submitted:
    submitted = Submitted(*await client.submit())
    free.append(client)
    return submitted


def describe(stage: Stage, submitted: Sequence[Submitted], cpu_ms: dict[str, float]) -> Flight:
    times = stage.database.times(stage.owner, min(one.job for one in submitted))
    whole = max(times[one.job].completed for one in submitted) - min(one.sent_at for one in submitted)
    rows = [(one, times[one.job]) for one in submitted]
    answered = milliseconds(one.answered_at - one.sent_at for one, _ in rows)
    running = milliseconds(row.started - one.sent_at for one, row in rows)
    finished = milliseconds(row.completed - one.sent_at for one, row in rows)
    return Flight(
        len(submitted) / whole,
        *both(answered),
        *both(running),
        *both(finished),
        percentile(milliseconds(row.started - row.created for _, row in rows), 50),
        percentile(milliseconds(row.completed - row.started for _, row in rows), 50),
        cpu_ms,
    )


def milliseconds(seconds: Iterable[float]) -> list[float]:
    return [1000 * value for value in seconds]


def both(values: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and the 95th percentile."""
    return percentile(values, 50), percentile(values, 95)
