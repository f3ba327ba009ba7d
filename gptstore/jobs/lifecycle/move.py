"""Moves queued jobs to the live release of their tool, when that which they were submitted to goes out of use."""

from functools import partial

from django.db import transaction

from gptstore.catalog.errors import InvalidInput
from gptstore.catalog.inputs import check_input
from gptstore.jobs import doorbell
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.events.events import publish_finished_soon
from gptstore.jobs.lifecycle import states
from gptstore.jobs.models import OF_RELEASE, Job, Status

MAX_AT_ONCE = 500

WITHDRAWN = "Version {version} of this tool was taken out of use before the run began. Run it again without a version."
GONE = "This tool was taken out of use before the run began. Ask the operator of this site."
OTHER_INPUT = "Version {version} of this tool was taken out of use, and the one before has other inputs. Run it again."


def move_queued(release: str, *, pinned_too: bool = False) -> int:
    """Move the queued jobs of the release with this key; end those that can't be moved. Return how many there were.

    pinned_too: the release runs nowhere any more, so that jobs which named its version end as well; without, they
    stay, and so does what no live release takes. When they are many, the others come next time.
    """
    queued = Job.objects.filter(OF_RELEASE, status=Status.QUEUED, release=release).exclude(tool__release=release)
    queued = queued.select_related("tool").order_by("id")
    jobs = list((queued if pinned_too else queued.filter(pinned=False, tool__installed=True))[:MAX_AT_ONCE])
    for job in jobs:
        if (problem := move(job)) and states.fail_queued(job.id, ErrorCode.TOOL_MISSING, problem):
            transaction.on_commit(partial(publish_finished_soon, job.id))
    return len(jobs)


def move(job: Job) -> str:
    """Move a job to the live release of its tool. Return why it has to end instead, or ""."""
    tool = job.tool
    if job.pinned:
        return WITHDRAWN.format(version=job.tool_version)
    if not tool.installed:
        return GONE
    try:
        data = check_input(tool.input_schema, job.input)
    except InvalidInput:
        return OTHER_INPUT.format(version=job.tool_version)
    unchanged = Job.objects.filter(id=job.id, status=Status.QUEUED, release=job.release)
    values = {"release": tool.release, "tool_version": tool.version, "input": dict(data), "output_kind": tool.output}
    if unchanged.update(**values, output_language=tool.output_language(data)):
        transaction.on_commit(doorbell.ring_soon)
    return ""
