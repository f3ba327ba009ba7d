"""A person's runs: the list, the page of one, and the parts that this page requests while it runs."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gptstore.catalog.models import Tool
from gptstore.faces import base_url
from gptstore.jobs.events.events import read_output_so_far
from gptstore.jobs.lifecycle.cancel import cancel
from gptstore.jobs.listing import Filters, narrow, with_excerpts
from gptstore.jobs.models import Job, Status
from gptstore.jobs.wire.sse import sse_response
from gptstore.web.requests import PageRequest
from gptstore.web.runs.downloads import download
from gptstore.web.runs.page import RunPage

RUNS_ON_A_PAGE = 20


def my_job(request: HttpRequest, job_id: UUID) -> Job:
    """Return a run of the person who is signed in; for all others, staff too, there is nothing here."""
    job = get_object_or_404(Job.objects.owned_by(request.user), id=job_id)
    job.owner = request.user  # type: ignore[assignment]  # at hand: nobody else gets here
    return job


@never_cache
@login_required
@require_safe
def my_runs(request: PageRequest) -> HttpResponse:
    """List the runs of the person who is signed in, or those of them that the filters let through."""
    filters = Filters(*(filter_text(request, name) for name in ("status", "tool", "q")))
    mine = Job.objects.owned_by(request.user)
    page = Paginator(with_excerpts(narrow(mine, filters)), RUNS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": filters,
        "statuses": Status.choices,
        "tools": Tool.objects.filter(jobs__in=mine).distinct().order_by("title").values_list("slug", "title"),
        "active": any(not job.is_final for job in page),
    }
    return render(request, "runs/runs.html" if request.htmx else "runs/my_runs.html", context)


def filter_text(request: HttpRequest, name: str) -> str:
    """Return a filter of the address, without NUL, which PostgreSQL can't compare with."""
    return request.GET.get(name, "").replace("\0", "").strip()[:200]


@never_cache
@login_required
@require_safe
def run(request: PageRequest, job_id: UUID) -> HttpResponse:
    """Show the page of an own run; to htmx and run.js only the part that changes."""
    job = my_job(request, job_id)
    return render(request, "runs/run.html" if request.htmx else "runs/run_page.html", {"run": RunPage(job)})


@never_cache
@login_required
@require_safe
def output(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Show the text so far of an own run as its kind, with how much of the text it covers."""
    return render(request, "runs/output.html", {"run": RunPage(my_job(request, job_id))})


@never_cache
@login_required
@require_safe
def queue(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Show when an own queued run starts; nothing once it has left the queue."""
    return render(request, "runs/queue.html", {"run": RunPage(my_job(request, job_id))})


@login_required
@require_POST
def cancel_run(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Cancel a run, for the person whose run it is."""
    job = my_job(request, job_id)
    cancel(job)
    return redirect(job)


@never_cache
@login_required
@require_safe
def download_output(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Send the output so far as a file to the person whose run it is: a table as CSV, with `?format=json` as JSON."""
    job = my_job(request, job_id)
    return download(job, read_output_so_far(job).text, as_json=request.GET.get("format") == "json")


@require_safe
async def events(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """Stream a run's events to the person whose run it is; for all others there is nothing here.

    HEAD gets the head alone, since a run's events may not end for long.
    """
    user = await request.auser()
    job = await Job.objects.owned_by(user).filter(id=job_id).afirst() if user.is_authenticated else None
    if job is None:
        raise Http404
    if request.method == "HEAD":
        return HttpResponse(content_type="text/event-stream")
    return sse_response(job, request.headers.get("Last-Event-ID"), base_url(request))
