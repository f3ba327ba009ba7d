"""Finds the next turn: interactive runs before batch runs, the owner with the fewest running jobs, the oldest job."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from gptstore.jobs.lifecycle.dialects import waits

# The step to the next owner, tool and class names all columns of the index up to an id after all others, and leaves the
# columns on its right side without a type (+): otherwise SQLite reads every job of the one that it comes from.
_NEXT_TURN = """
WITH RECURSIVE oldest(id) AS (
    SELECT id FROM (
        SELECT id FROM jobs_job WHERE {waits} ORDER BY owner_id, tool_id, batch, id LIMIT 1
    ) AS first
    UNION ALL
    SELECT (
        SELECT id FROM jobs_job
        WHERE {waits}
        AND (owner_id, tool_id, batch, id)
            > (+last.owner_id, +last.tool_id, last.batch, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        ORDER BY owner_id, tool_id, batch, id LIMIT 1
    )
    FROM oldest JOIN jobs_job AS last ON last.id = oldest.id
)
SELECT job.owner_id, job.tool_id, job.batch
FROM jobs_job AS job
WHERE job.id IN (SELECT id FROM oldest) AND job.tool_id IN (SELECT id FROM catalog_tool WHERE slug IN ({slugs}))
ORDER BY
    job.batch,
    (SELECT count(*) FROM jobs_job WHERE status = 'running' AND owner_id = job.owner_id),
    job.id
LIMIT 1
"""


@dataclass(frozen=True)
class Turn:
    """The jobs of which the oldest is to be run next."""

    owner_id: int
    tool_id: int
    batch: bool


def next_turn(tools: Collection[str]) -> Turn | None:
    """Return the next turn; None when no job of these tools (slugs) is queued.

    Each owner's oldest job of each tool is found by one step in the index `job_turn`, however many of theirs are
    queued. Jobs that are to be canceled by now are passed over.
    """
    if not tools:
        return None
    slugs = ", ".join(["%s"] * len(tools))
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_TURN.format(waits=waits(), slugs=slugs), list(tools))
        row = cursor.fetchone()
    return Turn(row[0], row[1], bool(row[2])) if row else None
