"""Operations on jobs. Each person sees their own; those of others are not there."""

import asyncio
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Header, Query, Router

from gptstore.accounts.models import User
from gptstore.api.rest.auth import SIGNED_IN, SignedInRequest
from gptstore.api.rest.errors import Kind, Problem
from gptstore.api.rest.http import CancelAfter, IdempotencyKey, headers, problems, wait_seconds
from gptstore.api.rest.schemas import JobFilter, JobIn, PageOf
from gptstore.api.rest.tools import find_version, no_tool
from gptstore.catalog.open_tool import find_open
from gptstore.faces import base_url
from gptstore.jobs.events.events import FINISHED
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.lifecycle.idempotency import submit_once
from gptstore.jobs.lifecycle.submit import submit
from gptstore.jobs.listing import whole_jobs
from gptstore.jobs.models import Job
from gptstore.jobs.wire.download import make_download
from gptstore.jobs.wire.serialize import JobOut, job_json
from gptstore.jobs.wire.sse import sse_response
from gptstore.jobs.wire.stream import Delivered, fetch, read_events

router = Router(tags=["jobs"], auth=SIGNED_IN)
NEW_JOB = headers("Location", "Preference-Applied", "Idempotency-Replayed")
WITH_FILES = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                "input": {"type": "object", "description": "The inputs without files, as JSON."},
                "priority": {"type": "string", "enum": ["interactive", "batch"]},
            },
            "additionalProperties": {
                "type": "string",
                "format": "binary",
                "description": "A file, in a part with the name of its input.",
            },
        }
    }
}
EVENT_STREAM = {"content": {"text/event-stream": {"schema": {"type": "string"}}}}

ANY_FILE = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}


@router.post(
    "/tools/{slug:slug}/jobs",
    response={201: JobOut, 202: JobOut, **problems(400, 401, 403, 404, 415, 422)},
    operation_id="run_tool",
    summary="Run a tool",
    openapi_extra={"responses": {201: NEW_JOB, 202: NEW_JOB}, "requestBody": {"content": WITH_FILES}},
)
async def run_tool(
    request: SignedInRequest,
    slug: str,
    body: JobIn,
    prefer: str = Header("", alias="Prefer", description="`wait=N`: up to N seconds, at most 60."),
    idempotency_key: IdempotencyKey = None,
    cancel_after: CancelAfter = None,
) -> HttpResponse:
    """Queues a run and answers 202 at once. `Location` is where to get it, `urls.events` where to follow it.

    With `Prefer: wait=N` the answer comes when the run has ended, as 201, or after N seconds, as 202.

    With an `Idempotency-Key` a request can be sent again: the answer is then the job that the first one made, with
    `Idempotency-Replayed: true`. A key that came with another tool, input or priority is refused with 422.
    """
    return await answer_launch(request, wait_seconds(prefer), slug, body, idempotency_key, cancel_after)


@router.post(
    "/tools/{slug:slug}@{version}/jobs",
    response={201: JobOut, 202: JobOut, **problems(400, 401, 403, 404, 415, 422)},
    operation_id="run_tool_version",
    summary="Run a version of a tool",
    openapi_extra={"responses": {201: NEW_JOB, 202: NEW_JOB}, "requestBody": {"content": WITH_FILES}},
)
async def run_tool_version(
    request: SignedInRequest,
    slug: str,
    version: str,
    body: JobIn,
    prefer: str = Header("", alias="Prefer", description="`wait=N`: up to N seconds, at most 60."),
    idempotency_key: IdempotencyKey = None,
    cancel_after: CancelAfter = None,
) -> HttpResponse:
    """Does the same with this version alone, such as `say@1.2.0`. 404 names the versions that there are now.

    The run fails when its version is taken out of use before it begins; no other version takes its place.
    """
    return await answer_launch(request, wait_seconds(prefer), slug, body, idempotency_key, cancel_after, version)


async def answer_launch(request: SignedInRequest, seconds: int, *wanted: Any) -> HttpResponse:
    """Launch what is wanted, and answer at once, or when the job has ended or the seconds are over."""
    if not seconds:
        return await sync_to_async(launch_at_once)(request, *wanted)
    job, replayed = await sync_to_async(launch)(request.auth, *wanted)
    if not job.is_final:
        job = await until_final(job, seconds)
    response = await sync_to_async(launch_response)(request, job, replayed)
    response["Preference-Applied"] = f"wait={seconds}"
    return response


def launch_at_once(request: SignedInRequest, *wanted: Any) -> HttpResponse:
    """Launch and answer in one go: each change of thread costs about as much as a query."""
    return launch_response(request, *launch(request.auth, *wanted))


def launch_response(request: SignedInRequest, job: Job, replayed: bool) -> HttpResponse:
    response = job_response(request, job, status=201 if job.is_final else 202)
    response["Location"] = f"{base_url(request)}/api/v1/jobs/{job.id}"
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response


@router.get(
    "/jobs",
    response={200: PageOf[JobOut], **problems(401, 422)},
    operation_id="list_jobs",
    summary="List jobs",
    openapi_extra={"responses": {200: headers("Link")}},
)
def list_jobs(request: SignedInRequest, query: Query[JobFilter]) -> HttpResponse:
    """Your jobs, the newest first, each with its whole input and output.

    A page ends early, but never empty, where these are very long. `Link` with `rel="next"` is the address of the next
    page; there is none after the last one.
    """
    jobs = Job.objects.owned_by(request.auth)
    if query.status:
        jobs = jobs.filter(status=query.status)
    if query.tool:
        jobs = jobs.filter(tool__slug=query.tool)
    page, count = whole_jobs(jobs, query.offset, query.limit), jobs.count()
    response = JsonResponse({"items": [job_json(job, base_url(request)) for job in page], "count": count})
    following = query.offset + len(page)
    if page and following < count:
        parameters = request.GET.copy()
        parameters["offset"] = str(following)
        response["Link"] = f'<{base_url(request)}{request.path}?{parameters.urlencode()}>; rel="next"'
    return response


@router.get(
    "/jobs/{uuid:job_id}", response={200: JobOut, **problems(401, 404)}, operation_id="get_job", summary="Get a job"
)
def get_job(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """One job. Its output is there once it has ended; to read it while it is written, follow the events."""
    return job_response(request, find_job(request.auth, job_id))


@router.get(
    "/jobs/{uuid:job_id}/output",
    response={200: None, **problems(401, 404, 422)},
    operation_id="get_job_output",
    summary="Get a job's output as a file",
    openapi_extra={"responses": {200: ANY_FILE}},
)
def get_job_output(
    request: SignedInRequest,
    job_id: UUID,
    table_format: Literal["csv", "json"] = Query("csv", alias="format", description="Of a table."),
) -> HttpResponse:
    """The output of a job that has ended, with its media type: a file as it is, a table as CSV or JSON, text as text.

    In CSV an apostrophe stands before a text that a spreadsheet would take for a formula; JSON has all as it is.
    404 while the job has not ended, and where a run that was stopped has left only a part of a file.
    """
    job = find_job(request.auth, job_id)
    if not job.is_final:
        raise Problem(Kind.NOT_FOUND, "The job has not ended; follow its events.")
    found = make_download(job, job.output, as_json=table_format == "json")
    if found is None:
        raise Problem(Kind.NOT_FOUND, "The job has ended without a whole file.")
    return found


@router.post(
    "/jobs/{uuid:job_id}/cancel",
    response={200: JobOut, **problems(401, 403, 404)},
    operation_id="cancel_job",
    summary="Cancel a job",
)
def cancel_job(request: SignedInRequest, job_id: UUID) -> HttpResponse:
    """Stops a job; what it has written so far is kept. Does nothing to a job that has ended.

    A running job may still be `running` in the answer: it becomes `canceled` within a moment.
    """
    job = find_job(request.auth, job_id)
    cancel(job)
    return job_response(request, job)


@router.get(
    "/jobs/{uuid:job_id}/events",
    response={200: None, **problems(401, 404, 422)},
    operation_id="follow_job",
    summary="Follow a job",
    openapi_extra={"responses": {200: EVENT_STREAM}},
)
async def follow_job(
    request: SignedInRequest,
    job_id: UUID,
    last_event_id: str = Query(
        "", max_length=64, description="The same as the header, for clients that can't set one."
    ),
    last_event_id_header: str = Header("", alias="Last-Event-ID", max_length=64, description="Go on after this event."),
) -> HttpResponseBase:
    """What the job says, as Server-Sent Events: `started`, `output`, `progress`, `log`, `reset`, `finished`.

    The data of each is JSON. `output` has the next piece of `text`; `reset` means: drop what you have, the whole
    text follows; `finished` has the job as GET returns it, and the stream ends. A job that has ended is replayed.
    """
    job = await sync_to_async(find_job)(request.auth, job_id)
    if request.META["REQUEST_METHOD"] == "HEAD":
        return HttpResponse(content_type="text/event-stream")
    return sse_response(job, last_event_id_header or last_event_id or None, base_url(request))


def launch(
    owner: User,
    slug: str,
    body: JobIn,
    key: str | None,
    cancel_after: timedelta | None,
    version: str | None = None,
) -> tuple[Job, bool]:
    """Make the job. Return it, and whether an earlier request with this key has made it.

    version: the one that is to run; None for the live one.
    """
    tool = find_open(owner, slug) if version is None else find_version(owner, slug, version)
    if tool is None:
        raise no_tool(slug)
    options = {"batch": body.priority == "batch", "pinned": version is not None}
    if key is None:
        return submit(owner, tool, body.input, cancel_after, **options), False
    return submit_once(owner, tool, body.input, key, cancel_after, **options)


async def until_final(job: Job, seconds: float) -> Job:
    """Wait on the event loop, without a database connection. Return the job when it has ended, or after `seconds`.

    Raises Job.DoesNotExist when it is deleted meanwhile.
    """
    await sync_to_async(close_old_connections)()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), aclosing(read_events(job, None, Delivered())) as events:
            async for event in events:
                if event is not None and event.name == FINISHED:
                    break
    return await fetch(job.id)


def find_job(owner: User, job_id: UUID) -> Job:
    job = Job.objects.owned_by(owner).filter(id=job_id).first()
    if job is None:
        raise Problem(Kind.NOT_FOUND, "You have no job with this id.")
    return job


def job_response(request: HttpRequest, job: Job, status: int = 200) -> HttpResponse:
    return JsonResponse(job_json(job, base_url(request)), status=status)
