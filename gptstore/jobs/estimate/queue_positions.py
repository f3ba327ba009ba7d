"""Order queued jobs as they will start if nothing new comes, which is the order of `gptstore.jobs.lifecycle.queue`."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

from gptstore.jobs.models import Job

LONGEST = 100_000

# A job's turn is how many jobs of its owner will run when it has started.
_LINE = """
SELECT id, owner_id, tool_id, batch, turn
FROM (
    SELECT id, owner_id, tool_id, batch, status,
        row_number() OVER (PARTITION BY owner_id ORDER BY status = 'queued', batch, id) AS turn
    FROM jobs_job WHERE status IN ('running', 'queued')
) AS going
WHERE status = 'queued'
ORDER BY batch, turn, id
LIMIT %s
"""


class Queued(NamedTuple):
    """One job that waits; `id` as the database keeps it."""

    id: Any
    owner_id: int
    tool_id: int
    batch: bool
    turn: int


class Line:
    """The jobs that wait, at most the first `LONGEST`. `running`: how many jobs of each owner run."""

    def __init__(self, jobs: list[Queued], running: Counter[int]) -> None:
        self.jobs = jobs
        self.running = running
        self.is_whole = len(jobs) < LONGEST
        self.turns = [(job.batch, job.turn, job.id) for job in jobs]
        self.turn_of = {turn[-1]: turn for turn in self.turns}
        self.last_turns = {(job.owner_id, job.batch): job.turn for job in jobs}

    def position(self, job: Job) -> int | None:
        """1 is next; None where the line is longer than what is known of it."""
        turn = self.turn_of.get(key(job))
        return None if turn is None else 1 + bisect_left(self.turns, turn)

    def add(self, job: Job) -> bool:
        """Give a job its place that came after the line was read. False when it has one, or is too far behind."""
        if key(job) in self.turn_of or not self.is_whole:
            return False
        before = [self.last_turns.get((job.owner_id, batch), 0) for batch in {False, job.batch}]
        number = 1 + max(self.running[job.owner_id], *before)
        turn = (job.batch, number, key(job))
        insort(self.turns, turn)
        self.turn_of[key(job)] = turn
        self.last_turns[job.owner_id, job.batch] = number
        return True


def key(job: Job) -> Any:
    """Its id as the database keeps it."""
    return Job._meta.pk.get_db_prep_value(job.id, connection)


def read_line(running: Iterable[int]) -> Line:
    """running: the owners of the jobs that run."""
    with connection.cursor() as cursor:
        cursor.execute(_LINE, [LONGEST])
        jobs = [Queued._make(row) for row in cursor.fetchall()]
    return Line(jobs, Counter(running))
