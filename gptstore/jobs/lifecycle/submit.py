"""Submits an input as a queued job: one row, then a ring at the workers' doorbell."""

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from gptstore.accounts.models import User
from gptstore.catalog.inputs import CheckedInput, check_input
from gptstore.catalog.models import Tool
from gptstore.catalog.tool_settings import find_problem
from gptstore.jobs import doorbell
from gptstore.jobs.errors import ToolUnavailable
from gptstore.jobs.ids import uuid7
from gptstore.jobs.lifecycle.canary_share import choose_release
from gptstore.jobs.models import Job


def submit(
    owner: User,
    tool: Tool,
    data: Mapping[str, Any],
    cancel_after: timedelta | None = None,
    *,
    batch: bool = False,
    pinned: bool = False,
) -> Job:
    """Queue a run of `tool`. Raises InvalidInput, or ToolUnavailable when it is switched off, not installed, not
    open to `owner`, or lacks settings.

    cancel_after: the run is canceled when it has not ended so long from now. batch: it lets interactive runs go first.
    pinned: it is for the version of `tool` alone, and for no canary.
    """
    return enqueue(owner, tool, accept(owner, tool, data), cancel_after, batch=batch, pinned=pinned)


def accept(owner: User, tool: Tool, data: Mapping[str, Any]) -> CheckedInput:
    """Return the checked input. A face that has checked it, such as a form, hands on what the check returned."""
    if not tool.is_open_to(owner):
        raise ToolUnavailable(tool.slug)
    if problem := find_problem(tool):
        raise ToolUnavailable(tool.slug, problem)
    return check_input(tool.input_schema, data)


def enqueue(
    owner: User,
    tool: Tool,
    checked: CheckedInput,
    cancel_after: timedelta | None,
    *,
    batch: bool,
    pinned: bool = False,
    **keys: str,
) -> Job:
    job_id = uuid7()
    if not pinned:
        tool, checked = choose_release(tool, checked, job_id)
    with transaction.atomic() if keys else nullcontext():  # a key may come twice; without one, one statement is enough
        job = Job.objects.create(
            id=job_id,
            owner=owner,
            tool=tool,
            tool_version=tool.version,
            release=tool.release,
            input=dict(checked),
            output_kind=tool.output,
            output_language=tool.output_language(checked),
            batch=batch,
            pinned=pinned,
            cancel_after=None if cancel_after is None else Now() + cancel_after,
            **keys,
        )
        transaction.on_commit(doorbell.ring_soon)
    if cancel_after is not None:
        job.refresh_from_db(fields=["cancel_after"])  # the time of the database
    return job
