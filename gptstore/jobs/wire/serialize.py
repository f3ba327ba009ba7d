"""The one JSON form of a job, for every program that reads one: REST, the `finished` event of SSE, and later ones.

The fields follow Replicate's predictions.
"""

from datetime import datetime
from math import ceil
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import TextChoices
from django.urls import reverse
from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from gptstore.catalog.files import without_data
from gptstore.jobs.errors import ErrorCode
from gptstore.jobs.estimate.wait_estimate import estimator
from gptstore.jobs.models import Job, Status
from gptstore.sdk.output import OutputKind

Priority = Literal["interactive", "batch"]


def rfc3339(at: datetime) -> str:
    """Return a moment in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def values(choices: type[TextChoices]) -> dict[str, Any]:
    return {"enum": list(choices.values)}


Moment = Annotated[
    datetime, PlainSerializer(rfc3339, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
JobId = Annotated[UUID, PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string", "format": "uuid"})]


class JobError(BaseModel):
    code: str = Field(json_schema_extra=values(ErrorCode))
    message: str


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class Metrics(BaseModel):
    queued_seconds: float | None = Field(description="From its creation to its start.")
    run_seconds: float | None = Field(description="From its start to its end, or to now.")
    tokens_per_second: float | None = Field(description="Completion tokens by the seconds it ran.")


class Queue(BaseModel):
    position: int | None = Field(description="1 is next; null where very many jobs come first.")
    estimated_start_seconds: int | None = Field(
        description="From now to its start, as runs took lately; 0: a slot is free; null: not known."
    )


class JobLinks(BaseModel):
    get: str
    cancel: str
    events: str
    output: str
    web: str


class JobOut(BaseModel):
    """One run of one tool."""

    id: JobId
    status: str = Field(description="`succeeded`, `failed` and `canceled` are final.", json_schema_extra=values(Status))
    tool: str = Field(description="The slug of the tool.")
    tool_version: str
    release: str | None = Field(description="The release of the plugin that it runs with; null without one.")
    input: dict[str, Any] = Field(
        description="The input with defaults filled in. Of a file only `name` and `size`, in bytes, are given."
    )
    priority: Priority = Field(description="Interactive runs go before batch runs.")
    queue: Queue | None = Field(
        description="Its position while it is queued, if nothing new came; null when it is not."
    )
    output_kind: str = Field(
        description="What the output is: of `table` JSON lines, of `file` JSON with Base64, of all others a text.",
        json_schema_extra={"enum": list(OutputKind)},
    )
    output: str | None = Field(
        description="The whole text once the job has ended; what there was of it if it was stopped."
    )
    error: JobError | None = Field(description="Why it failed.")
    usage: Usage
    metrics: Metrics
    created_at: Moment
    started_at: Moment | None
    completed_at: Moment | None
    urls: JobLinks


def job_json(job: Job, base_url: str) -> dict[str, Any]:
    """Return the response of `GET /api/v1/jobs/{id}`, for a caller who may see the job.

    base_url: the site's address without a slash at its end.
    """
    return serialize(job, base_url).model_dump()


def serialize(job: Job, base_url: str) -> JobOut:
    return JobOut(
        id=job.id,
        status=job.status,
        tool=job.tool.slug,
        tool_version=job.tool_version,
        release=job.release or None,
        input=without_data(job.tool.input_schema, job.input),
        priority="batch" if job.batch else "interactive",
        queue=queue_of(job),
        output_kind=job.output_kind,
        output=job.output if job.is_final else None,
        error=JobError(code=job.error_code, message=job.error_message) if job.error_code else None,
        usage=Usage(prompt_tokens=job.prompt_tokens, completion_tokens=job.completion_tokens),
        metrics=metrics_of(job),
        created_at=job.created_at,
        started_at=job.started_at,
        completed_at=job.completed_at,
        urls=links_of(job, base_url),
    )


def queue_of(job: Job) -> Queue | None:
    """Return None for a job that is not queued; of others, None for each value that is not known."""
    expected = estimator.expect(job)
    if expected is None:
        return None
    seconds = None if expected.seconds is None else ceil(expected.seconds)
    return Queue(position=expected.position, estimated_start_seconds=seconds)


def metrics_of(job: Job) -> Metrics:
    duration, rate = job.duration, job.tokens_per_second
    return Metrics(
        queued_seconds=seconds_between(job.created_at, job.started_at or job.completed_at),
        run_seconds=round(duration.total_seconds(), 3) if duration else None,
        tokens_per_second=round(rate, 2) if rate else None,
    )


def seconds_between(start: datetime, end: datetime | None) -> float | None:
    return max(0.0, round((end - start).total_seconds(), 3)) if end else None


def links_of(job: Job, base_url: str) -> JobLinks:
    address = f"{base_url}/api/v1/jobs/{job.id}"
    return JobLinks(
        get=address,
        cancel=f"{address}/cancel",
        events=f"{address}/events",
        output=f"{address}/output",
        web=base_url + reverse("jobs:detail", args=[job.id]),
    )
