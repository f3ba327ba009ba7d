"""The queued jobs in the order in which they will start if nothing new comes: the order of `gptstore.jobs.queue`."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection

from gptstore.jobs.models import Job

LONGEST = 100_000

# A job's turn is how many jobs of its owner will run when it has started.
_LINE = """
WITH running AS (
    SELECT owner_id, count(*) AS jobs FROM jobs_job WHERE status = 'running' GROUP BY owner_id
)
SELECT job.id, job.owner_id, job.tool_id, job.batch,
    coalesce(running.jobs, 0) + row_number() OVER (PARTITION BY job.owner_id ORDER BY job.batch, job.id) AS turn
FROM jobs_job AS job LEFT JOIN running ON running.owner_id = job.owner_id
WHERE job.status = 'queued'
ORDER BY job.batch, turn, job.id
LIMIT %s
"""


class Queued(NamedTuple):
    """One job that waits; `id` as the database keeps it."""

    id: Any
    owner_id: int
    tool_id: int
    batch: bool
    turn: int


@dataclass(frozen=True)
class Line:
    """The jobs that wait, at most the first `LONGEST`, and how many jobs of each owner run."""

    jobs: list[Queued]
    running: Counter[int]

    @cached_property
    def positions(self) -> dict[Any, int]:
        return {job.id: position for position, job in enumerate(self.jobs, start=1)}

    @cached_property
    def turns(self) -> list[tuple[bool, int]]:
        return [(job.batch, job.turn) for job in self.jobs]

    @cached_property
    def last_turns(self) -> dict[tuple[int, bool], int]:
        return {(job.owner_id, job.batch): job.turn for job in self.jobs}

    def position(self, job: Job) -> int | None:
        """1 is next; None where the line is longer than what is known of it. A later job has its place too."""
        key = Job._meta.pk.get_db_prep_value(job.id, connection)
        position = self.positions.get(key) or 1 + bisect_right(self.turns, (job.batch, self.next_turn(job)))
        return None if position > LONGEST else position

    def next_turn(self, job: Job) -> int:
        """Of a job that comes after all others of its owner and priority."""
        before = [self.last_turns.get((job.owner_id, batch), 0) for batch in {False, job.batch}]
        return 1 + max(self.running[job.owner_id], *before)


def read_line(running: Iterable[int]) -> Line:
    """running: the owners of the jobs that run."""
    with connection.cursor() as cursor:
        cursor.execute(_LINE, [LONGEST])
        jobs = [Queued._make(row) for row in cursor.fetchall()]
    return Line(jobs, Counter(running))
