"""People, tools and jobs as rows of the store's database. Needs Django's settings."""

from typing import Any

from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Category, Tool
from gptstore.jobs.models import Job, Status, Worker

PASSWORD = "correct horse"
TEXT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string", "title": "Text", "minLength": 1, "maxLength": 20}},
    "required": ["text"],
    "additionalProperties": False,
}


def make_user(name: str = "ada", **values: Any) -> User:
    """Make a person who signs in with PASSWORD."""
    return User.objects.create_user(name, password=PASSWORD, **values)


def make_tool(slug: str = "shout", *, category: str = "writing", **values: Any) -> Tool:
    """Make the row of an installed tool, in a category that is made when it is not there."""
    group, _created = Category.objects.get_or_create(slug=category, defaults={"title": category.title()})
    defaults: dict[str, Any] = {
        "title": slug.replace("-", " ").capitalize(),
        "summary": "Says a text louder.",
        "input_schema": TEXT_SCHEMA,
        "version": "1.2.3",
        "plugin": f"gptstore-{slug}",
        "category": group,
    }
    return Tool.objects.create(slug=slug, **{**defaults, **values})


def make_job(owner: User, tool: Tool, status: Status = Status.QUEUED, **values: Any) -> Job:
    """Make a job in the state that it has when it has come to `status`."""
    now = timezone.now()
    times: dict[str, Any] = {}
    if status != Status.QUEUED:
        times = {"started_at": now, "attempt": 1, "worker": "w1"}
    if status in (Status.SUCCEEDED, Status.FAILED, Status.CANCELED):
        times["completed_at"] = now
    defaults = {"tool_version": tool.version, "input": {"text": "hello"}, "output_kind": tool.output, "status": status}
    return Job.objects.create(owner=owner, tool=tool, **{**defaults, **times, **values})


def is_drained(worker: str) -> bool:
    return Worker.objects.filter(name=worker, drained_at__isnull=False).exists()
