"""Finds the next turn: interactive runs before batch runs, the owner with the fewest running jobs, the oldest job."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from gptstore.jobs.lifecycle.dialects import waits

# The step to the next owner, tool, release and class names all columns of the index up to an id after all others, and
# leaves the columns on its right side without a type (+, ||): otherwise SQLite reads every job of the one that it comes
# from.
_NEXT_TURN = """
WITH RECURSIVE oldest(id) AS (
    SELECT id FROM (
        SELECT id FROM jobs_job WHERE {waits} ORDER BY owner_id, tool_id, release, batch, id LIMIT 1
    ) AS first
    UNION ALL
    SELECT (
        SELECT id FROM jobs_job
        WHERE {waits}
        AND (owner_id, tool_id, release, batch, id)
            > (+last.owner_id, +last.tool_id, last.release || '', last.batch, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        ORDER BY owner_id, tool_id, release, batch, id LIMIT 1
    )
    FROM oldest JOIN jobs_job AS last ON last.id = oldest.id
)
SELECT job.owner_id, job.tool_id, job.release, job.batch
FROM jobs_job AS job JOIN catalog_tool AS tool ON tool.id = job.tool_id
WHERE job.id IN (SELECT id FROM oldest) AND (tool.slug, job.release) IN (VALUES {offers})
ORDER BY
    job.batch,
    (SELECT count(*) FROM jobs_job WHERE status = 'running' AND owner_id = job.owner_id),
    job.id
LIMIT 1
"""


Offers = Mapping[str, Collection[str]]
"""The tools (slugs) that a worker can run, by the release that their jobs ask for; "" where they ask for none."""


@dataclass(frozen=True)
class Turn:
    """The jobs of which the oldest is to be run next."""

    owner_id: int
    tool_id: int
    release: str
    batch: bool


def next_turn(offers: Offers) -> Turn | None:
    """Return the next turn; None when no job that somebody with these offers can run is queued.

    Each owner's oldest job of each tool and release is found by one step in the index `job_turn`, however many of
    theirs are queued. Jobs that are to be canceled by now are passed over.
    """
    pairs = [(slug, release) for release, slugs in offers.items() for slug in slugs]
    if not pairs:
        return None
    statement = _NEXT_TURN.format(waits=waits(), offers=", ".join(["(%s, %s)"] * len(pairs)))
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for pair in pairs for value in pair])
        row = cursor.fetchone()
    return Turn(row[0], row[1], row[2], bool(row[3])) if row else None
