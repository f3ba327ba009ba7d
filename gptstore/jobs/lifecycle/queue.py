"""Finds the next turn: interactive runs before batch runs, the owner with the fewest running jobs, the oldest job."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gptstore.catalog.models import Tool
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
SELECT job.owner_id AS turn_owner, job.release AS turn_release, job.batch AS turn_batch, tool.id, {columns}
FROM jobs_job AS job JOIN catalog_tool AS tool ON tool.id = job.tool_id
WHERE job.id IN (SELECT id FROM oldest) AND ({offers})
AND NOT EXISTS (SELECT 1 FROM jobs_worker WHERE name = %s AND drained_at IS NOT NULL)
ORDER BY
    job.batch,
    (SELECT count(*) FROM jobs_job WHERE status = 'running' AND owner_id = job.owner_id),
    job.id
LIMIT 1
"""


Offers = Mapping[str, Collection[str]]
"""The tools (slugs) that a worker can run, by the release that their jobs ask for; "" where they ask for none."""

OF_A_RUN = ("slug", "plugin", "output", "max_seconds", "limits", "admin_limits", "input_schema", "settings_schema")
"""The columns that a run reads of its tool: no other, for lack of which its thread would have to ask the database."""


class Offer(NamedTuple):
    """A tool (slug) that a worker can run for jobs that ask for this release.

    plugin: the one whose tool it has to be in the catalogue; None: whichever has it.
    """

    slug: str
    release: str = ""
    plugin: str | None = None


@dataclass(frozen=True)
class Turn:
    """The jobs of which the oldest is to be run next, and their tool with what a run reads of it."""

    owner_id: int
    tool: Tool
    release: str
    batch: bool


def offers_of(offers: Offers) -> list[Offer]:
    return [Offer(slug, release) for release, slugs in offers.items() for slug in slugs]


def next_turn(offers: Sequence[Offer], worker: str = "") -> Turn | None:
    """Return the next turn; None when no job that somebody with these offers can run is queued.

    Each owner's oldest job of each tool and release is found by one step in the index `job_turn`, however many of
    theirs are queued. Jobs that are to be canceled by now are passed over. worker: who asks; a drained one has no turn.
    """
    if not offers:
        return None
    conditions, values = [*zip(*conditions_of(offers), strict=True)]
    columns = ", ".join(f"tool.{name}" for name in OF_A_RUN)
    statement = _NEXT_TURN.format(waits=waits(), offers=" OR ".join(conditions), columns=columns)
    given = [*(value for some in values for value in some), worker]
    row: Any = next(iter(Tool.objects.raw(statement, given)), None)
    return None if row is None else Turn(row.turn_owner, row, row.turn_release, bool(row.turn_batch))


def conditions_of(offers: Sequence[Offer]) -> Iterator[tuple[str, list[str]]]:
    """Yield conditions of a job and its tool, any of which will do, with their values."""
    if anyones := [offer for offer in offers if offer.plugin is None]:
        pairs = ", ".join(["(%s, %s)"] * len(anyones))
        yield f"(tool.slug, job.release) IN (VALUES {pairs})", [value for one in anyones for value in one[:2]]
    if owned := [offer for offer in offers if offer.plugin is not None]:
        triples = ", ".join(["(%s, %s, %s)"] * len(owned))
        values = [value for one in owned for value in one if value is not None]
        yield f"(tool.slug, job.release, tool.plugin) IN (VALUES {triples})", values
