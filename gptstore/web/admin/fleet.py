"""The page of the fleet: what each worker does, which releases it has, and the buttons to drain and resume it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gptstore.accounts.models import User
from gptstore.jobs import drain
from gptstore.jobs.load import count_queued
from gptstore.jobs.models import Worker
from gptstore.web.admin.dashboard import live_dashboard
from gptstore.web.admin.fleet_releases import read_releases
from gptstore.web.admin.fleet_workers import read_workers

VIEW, DRAIN = "jobs.view_worker", "jobs.drain_worker"
SECONDS = 2
"""The time between two looks of an open page: that of a heartbeat."""


def fleet_page(request: HttpRequest) -> HttpResponse:
    """Show the fleet to staff who may view workers; with `?live`, only the part that changes."""
    demand(request, VIEW)
    found = read_workers(count_queued())
    context = {
        "fleet": found,
        "releases": read_releases(worker.row for worker in found.alive),
        "may_drain": request.user.has_perm(DRAIN),
        "seconds": SECONDS,
    }
    if "live" in request.GET:
        return render(request, "admin/fleet/live.html", context)
    return TemplateResponse(request, "admin/fleet/page.html", {**frame(request, _("Fleet")), **context})


@require_POST
def drain_worker(request: HttpRequest, number: int) -> HttpResponse:
    """Drain a worker, for staff who may."""
    person = demand(request, DRAIN)
    worker = get_object_or_404(Worker, pk=number)
    if drain.drain(worker.name, person):
        text = _("%(worker)s is drained: it claims no more jobs, and those that it runs come to their end.")
        messages.success(request, text % {"worker": worker})
    return redirect("admin:fleet")


@require_POST
def resume_worker(request: HttpRequest, number: int) -> HttpResponse:
    """Resume a drained worker, for staff who may."""
    person = demand(request, DRAIN)
    worker = get_object_or_404(Worker, pk=number)
    if drain.resume(worker.name, person):
        messages.success(request, _("%(worker)s claims jobs again.") % {"worker": worker})
    return redirect("admin:fleet")


def demand(request: HttpRequest, permission: str) -> User:
    """Return who asks. Raises PermissionDenied."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
    assert isinstance(request.user, User)
    return request.user


def frame(request: HttpRequest, title: str) -> dict[str, Any]:
    """Return the context of the admin's own parts of a page."""
    request.current_app = admin.site.name
    return {**admin.site.each_context(request), "title": title}


def urls() -> list[URLPattern]:
    """Return the addresses of the admin's pages that are about no single model."""
    view = admin.site.admin_view
    return [
        path("dashboard/", view(live_dashboard), name="dashboard"),
        path("fleet/", view(fleet_page), name="fleet"),
        path("fleet/<int:number>/drain/", view(drain_worker), name="fleet_drain"),
        path("fleet/<int:number>/resume/", view(resume_worker), name="fleet_resume"),
    ]


admin.site.extra_urls = urls  # type: ignore[attr-defined]
