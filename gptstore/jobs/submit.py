"""From an input to a queued job: one row, then a ring at the workers' door."""

from typing import Any

from django.db import transaction

from gptstore.accounts.models import User
from gptstore.catalog.inputs import check_input
from gptstore.catalog.models import Tool
from gptstore.jobs import doorbell
from gptstore.jobs.errors import ToolUnavailable
from gptstore.jobs.models import Job


def submit(owner: User, tool: Tool, data: dict[str, Any]) -> Job:
    """Queue a run of `tool`. Raises InvalidInput, or ToolUnavailable when it is switched off or not installed."""
    if not tool.is_listed:
        raise ToolUnavailable(tool.slug)
    checked = check_input(tool.input_schema, data)
    with transaction.atomic():
        job = Job.objects.create(
            owner=owner,
            tool=tool,
            tool_version=tool.version,
            input=checked,
            output_kind=tool.output,
            output_language=tool.output_language(checked),
        )
        transaction.on_commit(doorbell.ring)
    return job
