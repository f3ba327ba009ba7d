"""A job as programs see it. The fields follow Replicate's predictions."""

from datetime import datetime
from math import ceil
from typing import Any

from django.urls import reverse

from gptstore.jobs.estimate.wait_estimate import lookout
from gptstore.jobs.models import Job


def job_json(job: Job, base_url: str) -> dict[str, Any]:
    """What `GET /api/v1/jobs/{id}` returns. `base_url` is the site's address without a slash at its end."""
    duration = job.duration
    return {
        "id": str(job.id),
        "status": job.status,
        "tool": job.tool.slug,
        "tool_version": job.tool_version,
        "input": job.input,
        "priority": "batch" if job.batch else "interactive",
        "queue": queue_json(job),
        "output": job.output if job.is_final else None,
        "error": {"code": job.error_code, "message": job.error_message} if job.error_code else None,
        "usage": {"prompt_tokens": job.prompt_tokens, "completion_tokens": job.completion_tokens},
        "metrics": {
            "queued_seconds": seconds(job.created_at, job.started_at or job.completed_at),
            "run_seconds": round(duration.total_seconds(), 3) if duration else None,
            "tokens_per_second": round(rate, 2) if (rate := job.tokens_per_second) else None,
        },
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "completed_at": moment(job.completed_at),
        "urls": {
            "get": base_url + f"/api/v1/jobs/{job.id}",
            "cancel": base_url + f"/api/v1/jobs/{job.id}/cancel",
            "events": base_url + f"/api/v1/jobs/{job.id}/events",
            "web": base_url + reverse("jobs:detail", args=[job.id]),
        },
    }


def queue_json(job: Job) -> dict[str, Any] | None:
    """None for a job that is not queued; of others, what is not known is None."""
    expected = lookout.expect(job)
    if expected is None:
        return None
    seconds = None if expected.seconds is None else ceil(expected.seconds)
    return {"position": expected.position, "estimated_start_seconds": seconds}


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def seconds(start: datetime, end: datetime | None) -> float | None:
    return max(0.0, round((end - start).total_seconds(), 3)) if end else None
