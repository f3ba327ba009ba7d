"""Queued jobs of releases that must not run any more: they get the release that new runs get, or an end."""

from django.db.models import Exists, OuterRef, Q

from gptstore.catalog.models import Tool
from gptstore.jobs import doorbell
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import publish_finished_soon
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import OF_RELEASE, Job, Status
from gptstore.releases.models import Release

MAX_AT_ONCE = 100
WITHDRAWN = "This release of the tool was withdrawn. Run the tool again without naming a version."
GONE = "This release of the tool was withdrawn, and no other one is offered."


def move_withdrawn() -> int:
    """Move or end the queued jobs of yanked and quarantined releases. Return how many there were.

    Workers call it again and again. When the jobs that have to end are many, the others come next time.
    """
    queued = Job.objects.filter(OF_RELEASE, status=Status.QUEUED)
    withdrawn = Release.objects.filter(Q(yanked_at__isnull=False) | Q(quarantined_at__isnull=False))
    keys = withdrawn.filter(Exists(queued.filter(release=OuterRef("key")))).values_list("key", flat=True)
    return sum(move_from(key) for key in keys)


def move_from(key: str) -> int:
    """Move or end the queued jobs that ask for the release with this key."""
    queued = Job.objects.filter(OF_RELEASE, status=Status.QUEUED, release=key)
    moved = 0
    for tool in Tool.objects.filter(pk__in=queued.values("tool")):
        if tool.installed and tool.release != key:
            moved += states.move_queued(tool, key)
    for _ in range(min(moved, MAX_AT_ONCE)):
        doorbell.ring_soon()
    ended = 0
    for job_id, pinned in queued.order_by("id").values_list("id", "pinned")[:MAX_AT_ONCE]:
        if states.fail_queued(job_id, ErrorCode.TOOL_MISSING, WITHDRAWN if pinned else GONE):
            publish_finished_soon(job_id)
            ended += 1
    return moved + ended
