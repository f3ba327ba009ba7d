"""Whose turn it is: the owner with the fewest running jobs, and of theirs the oldest queued one."""

from django.db import connection

_NEXT_OWNER = """
WITH RECURSIVE waiting(owner_id) AS (
    SELECT min(owner_id) FROM jobs_job WHERE status = 'queued'
    UNION ALL
    SELECT (SELECT min(owner_id) FROM jobs_job WHERE status = 'queued' AND owner_id > waiting.owner_id)
    FROM waiting WHERE waiting.owner_id IS NOT NULL
)
SELECT owner_id FROM waiting WHERE owner_id IS NOT NULL
ORDER BY
    (SELECT count(*) FROM jobs_job WHERE status = 'running' AND owner_id = waiting.owner_id),
    (SELECT id FROM jobs_job WHERE status = 'queued' AND owner_id = waiting.owner_id ORDER BY id LIMIT 1)
LIMIT 1
"""


def next_owner() -> int | None:
    """The owner whose job is to be run next; None when nothing is queued.

    Each owner is found by one step in the index over status, owner and id, however many jobs of theirs are queued.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_OWNER)
        row = cursor.fetchone()
    return row[0] if row else None
