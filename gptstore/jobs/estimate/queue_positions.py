"""Order queued jobs as they will start if nothing new comes, which is the order of `gptstore.jobs.lifecycle.queue`."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

from gptstore.jobs.models import Job

MAX_POSITIONS = 100_000

# A job's turn is the number of jobs of its owner that will run when it has started.
_POSITIONS = """
SELECT id, owner_id, tool_id, batch, turn
FROM (
    SELECT id, owner_id, tool_id, batch, status,
        row_number() OVER (PARTITION BY owner_id ORDER BY status = 'queued', batch, id) AS turn
    FROM jobs_job WHERE status IN ('running', 'queued')
) AS unfinished
WHERE status = 'queued'
ORDER BY batch, turn, id
LIMIT %s
"""


class Queued(NamedTuple):
    """One queued job; `id` as the database stores it."""

    id: Any
    owner_id: int
    tool_id: int
    batch: bool
    turn: int


class QueuePositions:
    """The queued jobs, at most the first `MAX_POSITIONS`. `running`: how many jobs of each owner run."""

    def __init__(self, jobs: list[Queued], running: Counter[int]) -> None:
        self.jobs = jobs
        self.running = running
        self.is_whole = len(jobs) < MAX_POSITIONS
        self.turns = [(job.batch, job.turn, job.id) for job in jobs]
        self.turn_of = {turn[-1]: turn for turn in self.turns}
        self.last_turns = {(job.owner_id, job.batch): job.turn for job in jobs}

    def position(self, job: Job) -> int | None:
        """Return the job's position: 1 is next; None where the queue is longer than the part that was read."""
        turn = self.turn_of.get(key(job))
        return None if turn is None else 1 + bisect_left(self.turns, turn)

    def add(self, job: Job) -> bool:
        """Insert a job that came after the queue was read. Return False when it is there, or is too far behind."""
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
    """Return the job's id as the database stores it."""
    return Job._meta.pk.get_db_prep_value(job.id, connection)


def read_positions(running: Iterable[int]) -> QueuePositions:
    """Read the queue. running: the owners of the jobs that run."""
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, [MAX_POSITIONS])
        jobs = [Queued._make(row) for row in cursor.fetchall()]
    return QueuePositions(jobs, Counter(running))
