"""Workers and runs as rows, for what the store decides by them."""

from datetime import timedelta

from django.utils import timezone

from gptstore.accounts.models import User
from gptstore.catalog.models import Tool
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.models import Job, Status, Worker
from gptstore.releases.models import Release
from harness.rows import make_job

HOUR = timedelta(hours=1)


def report(name: str, *states: tuple[Release, str], slots: int = 4) -> Worker:
    """Have a worker report these releases: "" for one that is ready, else the reason why not. It stays online."""
    values = {
        "model": "m",
        "parameters": 1,
        "context_length": 1,
        "device": "cpu",
        "slots": slots,
        "releases": {release.key: reason for release, reason in states},
        "last_seen_at": timezone.now() + HOUR,
    }
    return Worker.objects.update_or_create(name=name, defaults=values)[0]


def make_runs(owner: User, release: Release, count: int, code: str = "", *, seconds: float = 2) -> list[Job]:
    """Make runs of this release that began and ended just now. code: the error with which they failed."""
    tool, now = Tool.objects.get(slug="say"), timezone.now() + timedelta(seconds=1)
    status = Status.FAILED if code else Status.SUCCEEDED
    times = {"started_at": now, "completed_at": now + timedelta(seconds=seconds)}
    return [
        make_job(
            owner,
            tool,
            status,
            release=release.key,
            input={"word": f"w{number}"},
            error_code=code and ErrorCode(code),
            **times,
        )
        for number in range(count)
    ]
